"""Pictures as tensors and back."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from stimage.training.scenes.draw import Pixels, draw
from stimage.training.scenes.plan import Plan


def to_pixels(plans: Sequence[Plan]) -> Tensor:
    """Return drawn plans as (B, 3, 128, 128) in [-1, 1]."""
    return stacked([draw(plan) for plan in plans])


def stacked(pictures: Sequence[Pixels]) -> Tensor:
    """Return pictures, each (H, W, 3) in [0, 1], as (B, 3, H, W) in [-1, 1]."""
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).contiguous() * 2 - 1


def to_tensor(image: Image.Image) -> Tensor:
    """Return an RGB picture as (1, 3, H, W) in [-1, 1]."""
    return stacked([np.asarray(image, dtype=np.float32) / np.float32(255)])


def to_images(pixels: Tensor) -> list[Image.Image]:
    """Return (B, 3, H, W) in [-1, 1] as B pictures."""
    levels = ((pixels / 2 + 0.5).clamp(0, 1) * 255).round().byte()
    return [Image.fromarray(one) for one in levels.permute(0, 2, 3, 1).numpy()]


def psnr_db(mean_squared_error: float) -> float:
    """Return the PSNR of pictures in [0, 1], in dB; 100 where there is no error."""
    return -10 * math.log10(max(mean_squared_error, 1e-10))


def contact_sheet(cells: Sequence[Image.Image], columns: int) -> Image.Image:
    """Return equal pictures in rows of `columns`."""
    width, height = cells[0].size
    rows = -(-len(cells) // columns)
    sheet = Image.new("RGB", (columns * width, rows * height), "white")
    for place, cell in enumerate(cells):
        sheet.paste(cell, (place % columns * width, place // columns * height))
    return sheet
