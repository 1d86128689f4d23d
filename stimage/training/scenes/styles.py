"""The styles: what a finished picture is turned into, (256, 256, 3) in [0, 1].

Paper and grain are the same in every picture, so that a network can learn them.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from stimage.training.scenes.canvas import SIZE_PX

Pixels = NDArray[np.float32]


def styled(pixels: Pixels, style: str) -> Pixels:
    """Return a picture in one of the styles."""
    return np.clip(_STYLES[style](pixels), 0, 1).astype(np.float32)


def softened(pixels: Pixels, radius_px: float) -> Pixels:
    """Blur a picture, or one layer of it, by a Gaussian."""
    image = Image.fromarray(np.round(np.clip(pixels, 0, 1) * 255).astype(np.uint8))
    blurred = image.filter(ImageFilter.GaussianBlur(radius_px))
    return np.asarray(blurred, dtype=np.float32) / np.float32(255)


def _luma(pixels: Pixels) -> Pixels:
    return (pixels @ np.asarray((0.299, 0.587, 0.114), dtype=np.float32)).astype(np.float32)


def _edges(pixels: Pixels) -> Pixels:
    """Return how much brightness or color changes within three pixels, in [0, 1]; (H, W)."""
    across, down = np.zeros_like(pixels), np.zeros_like(pixels)
    across[:, 1:-1] = np.abs(pixels[:, 2:] - pixels[:, :-2])
    down[1:-1] = np.abs(pixels[2:] - pixels[:-2])
    return np.clip(np.maximum(across, down).max(-1) * 2.2, 0, 1).astype(np.float32)


@cache
def _grain(size_px: int, seed: int) -> Pixels:
    """Return smooth noise in [-1, 1] whose spots are about `size_px` wide, (H, W)."""
    coarse = np.random.default_rng(seed).standard_normal((SIZE_PX // size_px + 3,) * 2)
    image = Image.fromarray(coarse.astype(np.float32))
    wide = image.resize((SIZE_PX + 2 * size_px,) * 2, Image.Resampling.BICUBIC)
    grain = np.asarray(wide, dtype=np.float32)[
        size_px : size_px + SIZE_PX, size_px : size_px + SIZE_PX
    ]
    return np.clip(grain / 2, -1, 1).astype(np.float32)


@cache
def _bleeding() -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return where each pixel of a watercolor takes its color from: up to 5 pixels away."""
    y, x = np.mgrid[:SIZE_PX, :SIZE_PX]
    rows = np.clip(np.round(y + 4.5 * _grain(20, 1)), 0, SIZE_PX - 1)
    columns = np.clip(np.round(x + 4.5 * _grain(20, 2)), 0, SIZE_PX - 1)
    return rows.astype(np.intp), columns.astype(np.intp)


def _pixel_art(pixels: Pixels) -> Pixels:
    """Blocks of 4 pixels, each channel in six levels."""
    small = pixels.reshape(64, 4, 64, 4, 3).mean((1, 3))
    vivid = small + (small - small.mean(-1, keepdims=True)) * np.float32(0.25)
    return np.repeat(np.repeat(np.round(np.clip(vivid, 0, 1) * 5) / 5, 4, 0), 4, 1)


def _pencil_sketch(pixels: Pixels) -> Pixels:
    """Soft graphite on warm paper: outlines, and shade where it is dark."""
    luma = softened(_luma(pixels), 1.2)
    lines = softened(_edges(softened(pixels, 0.8)), 0.6)
    tone = 0.98 - 0.42 * (1 - luma) ** 1.5 - 0.95 * lines
    tone = tone + 0.015 * _grain(6, 3)
    paper = np.asarray((1.0, 0.985, 0.95), dtype=np.float32)
    return np.clip(tone, 0.12, 1)[..., None] * paper


def _black_and_white(pixels: Pixels) -> Pixels:
    """Brightness alone, with more contrast, darker towards the corners."""
    luma = _luma(pixels)
    curve = luma * luma * (3 - 2 * luma)
    tone = (0.5 * luma + 0.5 * curve) * _corners()
    return np.repeat(tone[..., None], 3, -1)


@cache
def _corners() -> Pixels:
    y, x = np.mgrid[:SIZE_PX, :SIZE_PX].astype(np.float32) / np.float32(SIZE_PX / 2) - 1
    return np.clip(1.05 - 0.22 * (x**2 + y**2) ** 1.5 / 2.8, 0, 1).astype(np.float32)


@cache
def _margin() -> Pixels:
    """Return 1 where a watercolor is painted and 0 on the paper around, with a wavy edge."""
    y, x = np.mgrid[:SIZE_PX, :SIZE_PX].astype(np.float32)
    inside = np.minimum(np.minimum(x, SIZE_PX - 1 - x), np.minimum(y, SIZE_PX - 1 - y))
    return np.clip((inside - 9 + 5 * _grain(24, 4)) / 5, 0, 1)[..., None].astype(np.float32)


def _watercolor(pixels: Pixels) -> Pixels:
    """Flat washes that bleed, dark where a wash ends, on paper with a margin."""
    rows, columns = _bleeding()
    flat = softened(pixels[rows, columns], 2.2)
    wash = softened(_edges(softened(flat, 1.0)), 1.5)[..., None]
    thick = 0.86 + 0.16 * _grain(40, 5)[..., None] + 0.06 * _grain(10, 6)[..., None]
    pigment = (1 - flat) * np.clip(thick + 0.75 * wash, 0, 1.3)
    paper = np.asarray((0.995, 0.98, 0.94), dtype=np.float32) + 0.012 * _grain(4, 7)[..., None]
    return paper * (1 - np.clip(pigment, 0, 1) * 0.92 * _margin())


def _neon(pixels: Pixels) -> Pixels:
    """Glowing tubes along the outlines, the night between them."""
    smooth = softened(pixels, 1.6)
    lines = np.clip(_edges(smooth) * 1.5 - 0.16, 0, 1)[..., None]
    strongest = np.maximum(smooth.max(-1, keepdims=True), 0.15)
    hue = (smooth / strongest) ** 2
    hue = hue / np.maximum(hue.max(-1, keepdims=True), 0.2)
    tube = np.clip(softened((lines * hue), 0.9) * 1.5, 0, 1)
    glow = softened(tube, 4) * 0.9 + softened(tube, 11) * 0.9
    core = np.clip(softened(lines[..., 0], 0.7)[..., None] - 0.45, 0, 1) * 0.9
    night = np.asarray((0.035, 0.02, 0.08), dtype=np.float32) + 0.14 * smooth**2
    return night + glow * 0.75 + tube * 0.85 + core


_STYLES = {
    "pixel art": _pixel_art, "pencil sketch": _pencil_sketch, "watercolor": _watercolor,
    "black and white": _black_and_white, "neon": _neon,
}  # fmt: skip
