"""Drawings as sprites: any size, tinted, mirrored, turned, cached."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from stimage.training.scenes.drawings import drawings_of, rendered
from stimage.training.scenes.words import COLORS

KEPT = 6000  # sprites in memory, 30 KB each on average


@lru_cache(KEPT)
def sprite(
    name: str,
    side_px: int,
    *,
    drawing: int = 0,
    color: str | None = None,
    mirrored: bool = False,
    turned: int = 0,
) -> Image.Image:
    """Return a noun or cue on a transparent square, its feet on the lower edge, RGBA.

    Args:
        name: of a noun or of a drawing.
        side_px: of the square.
        drawing: which of `drawings_of(name)`; counted around.
        color: one of `COLORS`, or None for its own.
        mirrored: whether it looks the other way.
        turned: by so many degrees against the clock.
    """
    found = drawings_of(name)
    ink = rendered(*found[drawing % len(found)])
    if turned:
        ink = ink.rotate(turned, Image.Resampling.BILINEAR, expand=True)
        ink = ink.crop(ink.getbbox())
    scale = side_px / max(ink.size)
    size = (max(1, round(ink.width * scale)), max(1, round(ink.height * scale)))
    ink = ink.resize(size, Image.Resampling.LANCZOS)
    if mirrored:
        ink = ink.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if color:
        ink = _tinted(ink, COLORS[color])
    square = Image.new("RGBA", (side_px, side_px))
    square.paste(ink, ((side_px - ink.width) // 2, side_px - ink.height))
    return square


def _tinted(ink: Image.Image, color: tuple[int, int, int]) -> Image.Image:
    """Give a drawing a color, darker or lighter as it was; eyes, outlines and highlights stay.

    A drawing that is mostly gray is tinted as a whole, any other where it has color.
    """
    rgba = np.asarray(ink, dtype=np.float32) / np.float32(255)
    rgb, alpha = rgba[..., :3], rgba[..., 3]
    high, low = rgb.max(-1), rgb.min(-1)
    solid = alpha > 0.5
    colorful = np.clip((high - low) * 4 - 0.5, 0, 1)
    if colorful[solid].mean() < 0.3:
        colorful = np.clip((high - 0.2) * 5, 0, 1)
    light = (rgb @ np.asarray((0.3, 0.55, 0.15), dtype=np.float32)).astype(np.float32)
    middle = max(float(np.average(light[solid], weights=colorful[solid] + 1e-3)), 0.15)
    tinted = _shaded(
        np.asarray(color, dtype=np.float32) / np.float32(255), (light / middle).astype(np.float32)
    )
    mixed = rgb + (tinted - rgb) * colorful[..., None]
    out = np.concatenate([mixed, alpha[..., None]], axis=-1)
    return Image.fromarray(np.round(np.clip(out, 0, 1) * 255).astype(np.uint8))


def _shaded(color: NDArray[np.float32], light: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a color as dark or light as `light` says, 1 for the color itself; (H, W, 3)."""
    dark = color * np.clip(light, 0.35, 1)[..., None]
    whiter = np.clip(light - 1, 0, 1)[..., None] * 0.6
    return (dark + (1 - dark) * whiter).astype(np.float32)


@lru_cache(2000)
def head_of(name: str, drawing: int) -> tuple[float, float]:
    """Return where the head of a drawing is, as (x, y) in parts of its square.

    Animals look to the left: the head is the highest part of the left two thirds.
    """
    ink = np.asarray(sprite(name, 64, drawing=drawing))[..., 3] > 128
    if (ink == ink[:, ::-1]).mean() > 0.94:  # a face, seen from the front
        return 0.5, float(np.argmax(ink[:, 32])) / 64
    rows = np.flatnonzero(ink[:, :43].any(1))
    top = int(rows[0]) if len(rows) else 0
    columns = np.flatnonzero(ink[top : top + 6, :43].any(0))
    return (float(columns.mean()) / 64 if len(columns) else 0.5), top / 64
