"""From a plan to a picture: fixed layouts on the grid of 8 pixels, verb cues, styles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from stimage.training.scenes.places import SIZE_PX, background
from stimage.training.scenes.plan import Plan, Thing
from stimage.training.scenes.sprites import sprite

CELL_PX = 8
ALONE, TOGETHER = 8, 6  # cells a side
SIZE_CELLS = {"small": 4, "big": 11}
COUNTED = {2: ((1, 8), (9, 8)), 3: ((5, 2), (1, 9), (9, 9)), 4: ((1, 2), (9, 2), (1, 9), (9, 9))}
PAIRED = {  # left and top cell of the first and of the second thing
    "and": ((1, 8), (9, 8)),
    "left of": ((1, 8), (9, 8)),
    "right of": ((9, 8), (1, 8)),
    "above": ((5, 1), (5, 9)),
    "below": ((5, 9), (5, 1)),
    "on top of": ((5, 3), (5, 9)),
}
LIFT = {"jump": -3, "fly": -5, "swim": -1}  # cells

Pixels = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Box:
    """Where a thing stands: left, top, width and height in pixels."""

    thing: Thing
    left: int
    top: int
    side: int


def boxes(plan: Plan) -> list[Box]:
    """Return the place of every thing in the picture, in the order of drawing."""
    if not plan.things:
        return []
    things = plan.things
    corners: tuple[tuple[int, int], ...]
    if len(things) == 2:
        assert plan.relation is not None
        corners, side = PAIRED[plan.relation], TOGETHER
    elif plan.count > 1:
        corners, side = COUNTED[plan.count], TOGETHER
        things = things * plan.count
    else:
        side = SIZE_CELLS.get(plan.size or "", ALONE)
        corners = (((16 - side) // 2 + plan.shift[0], 14 - side + plan.shift[1]),)
    lift = LIFT.get(plan.verb or "", 0)
    if lift and plan.count > 1:
        lift = -1
    return [
        Box(thing, x * CELL_PX, max(0, y + lift) * CELL_PX, side * CELL_PX)
        for thing, (x, y) in zip(things, corners, strict=True)
    ]


def draw(plan: Plan) -> Pixels:
    """Return the picture as (128, 128, 3) in [0, 1]."""
    pixels = background(plan.place, plan.plain, plan.variant).copy()
    for box in boxes(plan):
        if plan.verb in _BEHIND:
            _BEHIND[plan.verb](pixels, box)
        _paste(pixels, sprite(box.thing.noun, box.side, box.thing.color), box.left, box.top)
        if plan.verb in _BEFORE:
            _BEFORE[plan.verb](pixels, box)
    return _STYLES[plan.style](pixels) if plan.style else pixels


def _paste(pixels: Pixels, rgba: Pixels, left: int, top: int) -> None:
    """Lay a premultiplied sprite over the picture, cut at its edges."""
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + rgba.shape[1], SIZE_PX), min(top + rgba.shape[0], SIZE_PX)
    part = rgba[y0 - top : y1 - top, x0 - left : x1 - left]
    pixels[y0:y1, x0:x1] = pixels[y0:y1, x0:x1] * (1 - part[..., 3:]) + part[..., :3]


def _zzz(pixels: Pixels, box: Box) -> None:
    _paste(pixels, sprite("zzz", 24), box.left + box.side - 16, box.top - 16)


def _notes(pixels: Pixels, box: Box) -> None:
    _paste(pixels, sprite("note", 24), box.left - 8, box.top - 8)
    _paste(pixels, sprite("note", 24), box.left + box.side - 16, box.top - 8)


def _cookie(pixels: Pixels, box: Box) -> None:
    _paste(pixels, sprite("cookie", 24), box.left + box.side // 2 - 12, box.top + box.side - 20)


def _pages(pixels: Pixels, box: Box) -> None:
    _paste(pixels, sprite("pages", 32), box.left + box.side // 2 - 16, box.top + box.side - 24)


def _dash(pixels: Pixels, box: Box) -> None:
    cloud = sprite("dash", 24)[:, ::-1]
    _paste(pixels, cloud, box.left - 16, box.top + box.side - 24)


def _wings(pixels: Pixels, box: Box) -> None:
    wing = sprite("wing", 32)
    _paste(pixels, wing[:, ::-1], box.left - 16, box.top + 8)
    _paste(pixels, wing, box.left + box.side - 16, box.top + 8)


def _waves(pixels: Pixels, box: Box) -> None:
    top = box.top + box.side - 16
    band = pixels[top : top + 24, max(box.left - 8, 0) : box.left + box.side + 8]
    y, x = np.mgrid[: band.shape[0], : band.shape[1]]
    water = (y >= 3 + 3 * np.sin(x * 2 * np.pi / 16))[..., None]
    crest = (y < 6 + 3 * np.sin(x * 2 * np.pi / 16))[..., None]
    blue = np.where(crest, (0.75, 0.92, 1.0), (0.15, 0.5, 0.9)).astype(np.float32)
    band[:] = np.where(water, blue, band)


def _arcs(pixels: Pixels, box: Box) -> None:
    top = box.top + box.side + 4
    for row, margin in ((0, 8), (8, 16)):
        y, x0, x1 = top + row, box.left + margin, box.left + box.side - margin
        pixels[y : y + 4, x0:x1] = (1.0, 1.0, 1.0)
        pixels[y + 4 : y + 5, x0:x1] = (0.3, 0.3, 0.35)


_BEHIND = {"fly": _wings, "run": _dash}
_BEFORE = {"sleep": _zzz, "dance": _notes, "eat": _cookie, "read": _pages, "swim": _waves,
           "jump": _arcs}  # fmt: skip


def _luma(pixels: Pixels) -> Pixels:
    return (pixels @ np.asarray((0.299, 0.587, 0.114), dtype=np.float32)).astype(np.float32)


def _edges(pixels: Pixels) -> Pixels:
    """Return how much the brightness or color changes at each pixel, in [0, 1]."""
    across = np.abs(np.diff(pixels, axis=1, append=pixels[:, -1:])).max(-1)
    down = np.abs(np.diff(pixels, axis=0, append=pixels[-1:])).max(-1)
    return np.clip(np.maximum(across, down) * 2.5, 0, 1)


def _soft(pixels: Pixels, radius_px: float) -> Pixels:
    """Blur a picture, or one layer of it."""
    image = Image.fromarray((pixels * 255).astype(np.uint8))
    blurred = image.filter(ImageFilter.GaussianBlur(radius_px))
    return np.asarray(blurred, dtype=np.float32) / np.float32(255)


def _pixel_art(pixels: Pixels) -> Pixels:
    """Blocks of 4 pixels in few colors, with fine lines between them as on an old screen."""
    small = pixels.reshape(32, 4, 32, 4, 3).mean((1, 3))
    blocks = np.repeat(np.repeat(np.round(small * 5) / 5, 4, 0), 4, 1).astype(np.float32)
    blocks[3::4] *= 0.9
    blocks[:, 3::4] *= 0.9
    return blocks


def _pencil_sketch(pixels: Pixels) -> Pixels:
    """Outlines on paper, and slanted strokes where it is dark."""
    luma = _luma(pixels)
    y, x = np.mgrid[:SIZE_PX, :SIZE_PX]
    strokes = ((x + y) % 8 < 3) * np.clip(0.75 - luma, 0, 0.5) * 0.5
    gray = np.clip(0.72 + 0.26 * luma - 0.6 * _edges(pixels) - strokes, 0, 1)
    return np.repeat(gray[..., None], 3, -1).astype(np.float32)


def _black_and_white(pixels: Pixels) -> Pixels:
    return np.repeat(_luma(pixels)[..., None], 3, -1)


def _watercolor(pixels: Pixels) -> Pixels:
    paper = np.asarray((0.99, 0.97, 0.92), dtype=np.float32)
    return np.clip(0.45 * _soft(pixels, 1.5) + 0.55 * paper, 0, 1)


def _neon(pixels: Pixels) -> Pixels:
    """Glowing outlines in the dark; the rest just shines through."""
    glow = np.clip(1.6 * _soft(_edges(pixels), 0.8), 0, 1)[..., None]
    bright = pixels / np.maximum(pixels.max(-1, keepdims=True), 0.2)
    return np.clip(0.03 + 0.25 * pixels**2 + 0.75 * glow * bright, 0, 1).astype(np.float32)


_STYLES = {
    "pixel art": _pixel_art, "pencil sketch": _pencil_sketch, "watercolor": _watercolor,
    "black and white": _black_and_white, "neon": _neon,
}  # fmt: skip
