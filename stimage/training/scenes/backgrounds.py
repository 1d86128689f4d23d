"""The ground of a picture: a place in one of its drawings and palettes, with its light; a color."""

from __future__ import annotations

import random
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from stimage.training.scenes.canvas import SIZE_PX, Canvas
from stimage.training.scenes.lights import lit
from stimage.training.scenes.places import OUTDOORS, Painter
from stimage.training.scenes.words import PLAIN

DRAWINGS = 4  # of each place
PALETTES: tuple[tuple[float, float, float], ...] = (
    (1.0, 1.0, 1.0), (1.06, 0.99, 0.86), (0.9, 0.97, 1.08),
)  # fmt: skip
VARIANTS = DRAWINGS * len(PALETTES)


@lru_cache(800)
def background(
    place: str | None, plain: str | None, light: str | None, variant: int
) -> Image.Image:
    """Return the empty ground, 256 x 256, RGB: not to be painted on."""
    if plain:
        return Image.new("RGB", (SIZE_PX, SIZE_PX), PLAIN[plain])
    assert place is not None
    drawing, palette = variant % DRAWINGS, PALETTES[variant // DRAWINGS % len(PALETTES)]
    pixels = np.asarray(_painted(place, drawing), dtype=np.float32) / np.float32(255)
    pixels = np.clip(pixels * np.asarray(palette, dtype=np.float32), 0, 1)
    return _image(lit(pixels, light, drawing) if light else pixels)


def _image(pixels: NDArray[np.float32]) -> Image.Image:
    return Image.fromarray(np.round(pixels * 255).astype(np.uint8))


@lru_cache(100)
def _painted(place: str, drawing: int) -> Image.Image:
    canvas = Canvas()
    _PAINTERS[place](canvas, random.Random(f"{place}{drawing}"))
    return canvas.finished()


def _space(c: Canvas, rng: random.Random) -> None:
    c.fade((18, 16, 52), (48, 28, 84))
    for _ in range(26):
        size = rng.choice((1.5, 2.2, 3))
        c.oval(rng.randrange(4, 252), rng.randrange(4, 252), size, size, (245, 240, 210))
    x, y = rng.choice(((52, 52), (204, 56), (60, 200), (200, 190)))
    planet = rng.choice(((214, 120, 90), (110, 160, 220), (190, 130, 210)))
    c.oval(x, y, 30, 30, planet)
    c.oval(x - 8, y - 8, 18, 18, (planet[0] + 24, planet[1] + 24, planet[2] + 24))
    if rng.random() < 0.5:
        c.shape([(x - 50, y + 10), (x + 50, y - 12), (x + 50, y - 6), (x - 50, y + 16)],
                (236, 210, 160))  # fmt: skip


def _sea(c: Canvas, rng: random.Random) -> None:
    c.fade((90, 195, 225), (15, 75, 140))
    for x in (rng.choice((30, 60)), rng.choice((130, 180))):
        c.shape([(x, 0), (x + 26, 0), (x + 70, 210), (x + 6, 210)], (88, 184, 216))
    c.hills(222, 6, 1, rng.random() * 6, (226, 206, 150))
    for x in rng.sample((20, 60, 100, 160, 200, 236), 3):
        coral = rng.choice(((232, 96, 110), (240, 150, 80), (60, 150, 90), (170, 100, 190)))
        for lean in (-12, 0, 12):
            c.shape([(x - 4, 236), (x + lean - 5, 184), (x + lean + 5, 184), (x + 4, 236)], coral)
            c.oval(x + lean, 184, 6, 6, coral)
    for x in rng.sample(range(20, 240, 24), 4):
        size = rng.choice((4, 6, 8))
        c.oval(x, rng.randrange(24, 150), size, size, (190, 232, 242))


def _moon(c: Canvas, rng: random.Random) -> None:
    c.fade((10, 10, 26), (30, 30, 56), 0, 160)
    for _ in range(18):
        c.oval(rng.randrange(256), rng.randrange(130), 1.8, 1.8, (245, 245, 225))
    x = rng.choice((52, 204))
    c.oval(x, 52, 28, 28, (60, 130, 210))
    c.oval(x - 8, 44, 12, 9, (90, 175, 100))
    c.oval(x + 10, 62, 9, 7, (90, 175, 100))
    c.hills(152, 8, 1, rng.random() * 6, (170, 170, 178))
    c.hills(200, 5, 1, rng.random() * 6, (186, 186, 192))
    for x in rng.sample(range(20, 240, 30), 5):
        y = rng.choice((172, 200, 228))
        c.oval(x, y, 17, 6, (142, 142, 152))
        c.oval(x, y + 1.5, 14, 4, (156, 156, 166))


def _kitchen(c: Canvas, rng: random.Random) -> None:
    wall = rng.choice(((252, 236, 200), (214, 234, 226), (245, 220, 214)))
    c.box(0, 0, 256, 176, wall)
    left = rng.choice((24, 92, 160))
    c.box(left - 5, 22, left + 77, 98, (255, 255, 255))
    c.box(left, 27, left + 34, 93, (165, 215, 245))
    c.box(left + 38, 27, left + 72, 93, (165, 215, 245))
    unit = rng.choice(((98, 140, 130), (150, 100, 70), (90, 120, 160)))
    c.box(0, 120, 256, 176, unit)
    c.box(0, 112, 256, 122, (232, 224, 212))
    for x in range(0, 256, 64):
        c.box(x + 62, 124, x + 64, 176, (70, 70, 70))
        c.oval(x + 50, 148, 3, 3, (240, 225, 160))
    for row in range(3):
        for column in range(8):
            shade = (222, 196, 160) if (row + column) % 2 else (244, 232, 212)
            c.box(column * 32, 176 + row * 28, column * 32 + 32, 204 + row * 28, shade)


def _stage(c: Canvas, rng: random.Random) -> None:
    c.fade((66, 30, 72), (110, 44, 86), 0, 184)
    for x in (88, 168):
        c.shape([(x - 8, 0), (x + 8, 0), (x + 40, 190), (x - 40, 190)], (136, 70, 104))
    c.fade((176, 118, 70), (140, 88, 50), 184, 256)
    for y in (200, 220, 240):
        c.box(0, y, 256, y + 2, (120, 74, 42))
    cloth = rng.choice(((176, 30, 44), (40, 70, 150), (50, 120, 80)))
    dark = (cloth[0] * 3 // 4, cloth[1] * 3 // 4, cloth[2] * 3 // 4)
    for fold in range(3):
        for x in (fold * 14, 214 + fold * 14):
            c.box(x, 0, x + 14, 196, cloth if fold % 2 else dark)
    for x in range(0, 256, 32):
        c.oval(x + 16, 2, 17, 24, cloth if x % 64 else dark)


_PAINTERS: dict[str, Painter] = OUTDOORS | {
    "space": _space, "sea": _sea, "moon": _moon, "kitchen": _kitchen, "stage": _stage,
}  # fmt: skip
