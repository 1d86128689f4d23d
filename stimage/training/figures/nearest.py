"""Which true drawing a picture comes closest to: the scenes are drawn by a program, so we can ask.

The distance is the root mean square over all pixels and colors, each in [0, 1].
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from stimage.training.pixels import to_images, to_pixels
from stimage.training.scenes.plan import Plan


@dataclass(frozen=True, slots=True)
class Truth:
    """A true drawing."""

    plan: Plan
    pixels: NDArray[np.float32]  # (128, 128, 3) in [0, 1]

    @property
    def image(self) -> Image.Image:
        """The drawing as a picture."""
        return to_images(to_pixels([self.plan]))[0]


def truths(plans: Iterable[Plan]) -> list[Truth]:
    """Draw every plan."""
    return [Truth(plan, _values(to_images(to_pixels([plan]))[0])) for plan in plans]


def nearest(image: Image.Image, among: Iterable[Truth]) -> tuple[float, Truth]:
    """Return the distance to the closest drawing, and that drawing."""
    pixels = _values(image)
    scored = ((distance(pixels, truth.pixels), truth) for truth in among)
    return min(scored, key=lambda pair: pair[0])


def distance(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Return the root mean square difference of two pictures, in [0, 1]."""
    return float(np.square(a - b).mean() ** 0.5)


def names_of(images: list[Image.Image], among: dict[str, list[Truth]]) -> Counter[str]:
    """Count the name of the group that each picture's closest drawing is in."""
    every = [(name, truth) for name, group in among.items() for truth in group]
    found: Counter[str] = Counter()
    for image in images:
        pixels = _values(image)
        found[min(every, key=lambda pair: distance(pixels, pair[1].pixels))[0]] += 1
    return found


def _values(image: Image.Image) -> NDArray[np.float32]:
    return np.asarray(image.convert("RGB"), dtype=np.float32) / np.float32(255)
