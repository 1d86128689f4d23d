"""The backgrounds: ten drawn places, four drawings of each, and plain colors.

Things lie on the grid of 8 pixels that the autoencoder keeps, so that one drawing is one pattern.
"""

from __future__ import annotations

import random
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from stimage.training.scenes.words import PLAIN

SIZE_PX = 128
HORIZON = 72  # pixels from the top
_SCALE = 4  # drawn larger, then reduced: smooth edges

Pen = ImageDraw.ImageDraw
Rgb = tuple[int, int, int]


@cache
def background(place: str | None, plain: str | None, variant: int) -> NDArray[np.float32]:
    """Return the empty place or plain color as (128, 128, 3) in [0, 1]."""
    if plain:
        color = np.asarray(PLAIN[plain], dtype=np.float32) / np.float32(255)
        return np.broadcast_to(color, (SIZE_PX, SIZE_PX, 3))
    assert place is not None
    image = Image.new("RGB", (SIZE_PX * _SCALE,) * 2)
    _PAINTERS[place](ImageDraw.Draw(image), random.Random(f"{place}{variant}"))
    small = image.resize((SIZE_PX, SIZE_PX), Image.Resampling.BOX)
    return np.asarray(small, dtype=np.float32) / np.float32(255)


def _box(pen: Pen, x0: float, y0: float, x1: float, y1: float, color: Rgb) -> None:
    pen.rectangle((x0 * _SCALE, y0 * _SCALE, x1 * _SCALE - 1, y1 * _SCALE - 1), color)


def _oval(pen: Pen, x: float, y: float, rx: float, ry: float, color: Rgb) -> None:
    pen.ellipse(tuple(v * _SCALE for v in (x - rx, y - ry, x + rx, y + ry)), color)


def _shape(pen: Pen, points: list[tuple[float, float]], color: Rgb) -> None:
    pen.polygon([(x * _SCALE, y * _SCALE) for x, y in points], color)


def _split(pen: Pen, sky: Rgb, ground: Rgb) -> None:
    _box(pen, 0, 0, 128, HORIZON, sky)
    _box(pen, 0, HORIZON, 128, 128, ground)


def _columns(rng: random.Random, count: int) -> list[int]:
    """Return `count` different x positions on a grid of 16 pixels."""
    return [8 + 16 * column for column in sorted(rng.sample(range(8), count))]


def _beach(pen: Pen, rng: random.Random) -> None:
    _split(pen, (135, 206, 235), (240, 215, 150))
    _box(pen, 0, 56, 128, HORIZON, (50, 130, 200))
    _oval(pen, rng.choice((24, 104)), 24, 10, 10, (255, 225, 90))
    for x in _columns(rng, 2):
        _oval(pen, x, 120, 6, 3, (222, 190, 120))


def _forest(pen: Pen, rng: random.Random) -> None:
    _split(pen, (150, 200, 160), (80, 120, 55))
    for x in _columns(rng, 5):
        _box(pen, x - 3, 48, x + 3, 80, (95, 65, 40))
        _shape(pen, [(x - 16, 60), (x, 4), (x + 16, 60)], (25, 95, 45))


def _snow(pen: Pen, rng: random.Random) -> None:
    _split(pen, (170, 190, 215), (240, 245, 250))
    for x in _columns(rng, 6):
        _oval(pen, x, 8 + 16 * rng.randrange(4), 2.5, 2.5, (255, 255, 255))
    for x in _columns(rng, 2):
        _shape(pen, [(x - 12, HORIZON), (x, 40), (x + 12, HORIZON)], (120, 155, 150))


def _desert(pen: Pen, rng: random.Random) -> None:
    _split(pen, (250, 200, 130), (220, 165, 90))
    _oval(pen, rng.choice((24, 104)), 24, 12, 12, (255, 240, 170))
    for x in _columns(rng, 2):
        _oval(pen, x, HORIZON + 4, 40, 14, (205, 148, 75))
    _box(pen, 0, HORIZON + 8, 128, 128, (220, 165, 90))


def _space(pen: Pen, rng: random.Random) -> None:
    _box(pen, 0, 0, 128, 128, (15, 15, 45))
    for x in _columns(rng, 8):
        for _ in range(2):
            _oval(pen, x, 8 + 16 * rng.randrange(8), 1.6, 1.6, (240, 240, 200))
    x, y = rng.choice(((24, 24), (104, 24)))
    _oval(pen, x, y, 12, 12, (190, 120, 200))
    _shape(
        pen, [(x - 20, y + 4), (x + 20, y - 5), (x + 20, y - 2), (x - 20, y + 7)], (230, 200, 150)
    )


def _city(pen: Pen, rng: random.Random) -> None:
    _split(pen, (185, 205, 225), (95, 95, 100))
    for left in range(0, 128, 16):
        top = rng.choice((8, 24, 40))
        shade = rng.choice((105, 125, 145))
        _box(pen, left, top, left + 15, 80, (shade, shade - 10, shade + 10))
        for y in range(top + 5, 76, 8):
            _box(pen, left + 3, y, left + 6, y + 4, (250, 235, 150))
            _box(pen, left + 9, y, left + 12, y + 4, (250, 235, 150))
    for left in range(8, 128, 32):
        _box(pen, left, 108, left + 16, 111, (235, 235, 235))


def _sea(pen: Pen, rng: random.Random) -> None:
    for y in range(0, 128, 16):
        _box(pen, 0, y, 128, y + 16, (30 - y // 8, 140 - y // 2, 190 - y // 3))
    _box(pen, 0, 112, 128, 128, (190, 175, 120))
    for x in _columns(rng, 3):
        _box(pen, x - 2, 88, x + 2, 116, (40, 130, 70))
    for x in _columns(rng, 3):
        _oval(pen, x, 8 + 16 * rng.randrange(4), 3, 3, (170, 225, 240))


def _meadow(pen: Pen, rng: random.Random) -> None:
    _split(pen, (140, 205, 245), (120, 195, 80))
    _oval(pen, 32 + 64 * rng.randrange(2), 20, 16, 7, (255, 255, 255))
    for x in _columns(rng, 5):
        y = 88 + 16 * rng.randrange(3)
        _oval(pen, x, y, 2.6, 2.6, rng.choice(((250, 240, 90), (245, 120, 170))))


def _mountains(pen: Pen, rng: random.Random) -> None:
    _split(pen, (165, 205, 235), (110, 150, 90))
    for x in (16 + 16 * rng.randrange(2), 80 + 16 * rng.randrange(3)):
        _shape(pen, [(x - 44, 80), (x, 12), (x + 44, 80)], (110, 115, 130))
        _shape(pen, [(x - 13, 32), (x, 12), (x + 13, 32)], (245, 248, 252))
    _box(pen, 0, 80, 128, 128, (110, 150, 90))


def _night(pen: Pen, rng: random.Random) -> None:
    _split(pen, (25, 30, 75), (30, 50, 45))
    x = rng.choice((24, 104))
    _oval(pen, x, 24, 12, 12, (250, 245, 205))
    _oval(pen, x + 6, 20, 10, 10, (25, 30, 75))
    for star in _columns(rng, 5):
        _oval(pen, star, 8 + 16 * rng.randrange(4), 1.6, 1.6, (245, 240, 200))


_PAINTERS = {
    "beach": _beach, "forest": _forest, "snow": _snow, "desert": _desert, "space": _space,
    "city": _city, "sea": _sea, "meadow": _meadow, "mountains": _mountains, "night": _night,
}  # fmt: skip
