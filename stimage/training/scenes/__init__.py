"""Captioned pictures without end, drawn from a seed; everything in them is known exactly."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
from PIL import Image

from stimage.training.scenes.captions import random_caption
from stimage.training.scenes.draw import Box, boxes, draw
from stimage.training.scenes.plan import Plan, training_plan

__all__ = ["Scene", "scene"]


@dataclass(frozen=True, slots=True)
class Scene:
    """One training example."""

    image: Image.Image  # 128 x 128, RGB
    caption: str
    plan: Plan
    boxes: tuple[Box, ...]


def scene(seed: int) -> Scene:
    """Return the training picture `seed` with one of its captions, always the same."""
    plan = training_plan(seed)
    pixels = np.round(draw(plan) * 255).astype(np.uint8)
    text = random_caption(plan, random.Random(f"caption {seed}"))
    return Scene(Image.fromarray(pixels), text, plan, tuple(boxes(plan)))
