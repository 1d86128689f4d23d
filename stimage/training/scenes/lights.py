"""Time of day and weather: what they do to a place and to the things in it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stimage.training.scenes.canvas import HORIZON, SIZE_PX

Pixels = NDArray[np.float32]

FILTERS: dict[str, tuple[float, float, float]] = {  # what a light leaves of red, green and blue
    "night": (0.36, 0.42, 0.72), "sunset": (1.0, 0.72, 0.6), "rain": (0.72, 0.78, 0.86),
    "fog": (0.95, 0.96, 0.98), "rainbow": (1.0, 1.0, 1.0),
}  # fmt: skip
ON_THINGS = {
    "night": (0.74, 0.78, 0.98), "sunset": (1.0, 0.9, 0.8), "rain": (0.88, 0.92, 0.97),
    "fog": (0.96, 0.97, 0.98), "rainbow": (1.0, 1.0, 1.0),
}  # fmt: skip
BOW = ((235, 70, 70), (245, 155, 60), (250, 225, 90), (90, 190, 95), (75, 130, 225), (150, 95, 200))
_Y, _X = np.mgrid[:SIZE_PX, :SIZE_PX].astype(np.float32)


def lit(pixels: Pixels, light: str, drawing: int) -> Pixels:
    """Return a place in a light, (H, W, 3) in [0, 1]; `drawing` says where sun and moon stand."""
    filtered = pixels * np.asarray(FILTERS[light], dtype=np.float32)
    x = (64, 192, 128, 208)[drawing % 4]
    return np.clip(_WITH[light](filtered, x), 0, 1).astype(np.float32)


def _disc(x: float, y: float, radius: float) -> Pixels:
    """Return 1 inside of a disc and 0 outside, soft for a pixel; (H, W, 1)."""
    distance = np.hypot(_X - x, _Y - y)
    return np.clip(radius + 0.5 - distance, 0, 1)[..., None].astype(np.float32)


def _over(pixels: Pixels, mask: Pixels, color: tuple[float, ...], strength: float = 1) -> Pixels:
    paint = np.asarray(color, dtype=np.float32)
    return pixels + (paint - pixels) * mask * np.float32(strength)


def _above_ground(reach: float = 40) -> Pixels:
    """Return 1 high in the sky, falling to 0 at the horizon; (H, W, 1)."""
    return np.clip((HORIZON - _Y) / reach, 0, 1)[..., None].astype(np.float32)


def _night(pixels: Pixels, x: int) -> Pixels:
    pixels = _over(pixels, _above_ground(120), (0.06, 0.07, 0.24), 0.65)
    halo = np.exp(-((_X - x) ** 2 + (_Y - 44) ** 2) / 1800)[..., None].astype(np.float32)
    pixels = _over(pixels, halo, (0.6, 0.62, 0.8), 0.5)
    for star in range(9):
        pixels = _over(
            pixels, _disc((x + 61 * star) % 250 + 3, 12 + 29 * star % 92, 2), (1, 1, 0.88)
        )
    moon = _disc(x, 44, 20) * (1 - _disc(x + 10, 38, 17))
    return _over(pixels, moon, (0.99, 0.97, 0.84))


def _sunset(pixels: Pixels, x: int) -> Pixels:
    glow = np.exp(-np.square((_Y - HORIZON) / 70))[..., None].astype(np.float32)
    pixels = _over(pixels, glow, (1.0, 0.55, 0.25), 0.5)
    pixels = _over(pixels, _above_ground(144), (0.5, 0.25, 0.5), 0.45)
    halo = np.exp(-((_X - x) ** 2 + (_Y - 96) ** 2) / 1500)[..., None].astype(np.float32)
    pixels = _over(pixels, halo, (1.0, 0.8, 0.45), 0.7)
    return _over(pixels, _disc(x, 96, 20), (1.0, 0.92, 0.6))


def _rain(pixels: Pixels, x: int) -> Pixels:
    pixels = _over(pixels, _above_ground(60), (0.5, 0.56, 0.64), 0.6)
    along, across = (_Y + 2 * _X + x) % 64, (_X - _Y * 0.25) % 24
    drops = ((along < 26) & (across < 2.6))[..., None].astype(np.float32)
    return _over(pixels, drops, (0.82, 0.9, 0.97), 0.75)


def _fog(pixels: Pixels, x: int) -> Pixels:
    bands = 0.62 + 0.2 * np.sin(_Y / 26 + x) * np.cos(_X / 60 + x)
    return _over(pixels, bands[..., None].astype(np.float32), (0.86, 0.88, 0.9))


def _rainbow(pixels: Pixels, x: int) -> Pixels:
    radius = np.hypot(_X - (96 if x < 128 else 160), _Y - 168)
    for band, color in enumerate(BOW):
        ring = np.clip(4 - np.abs(radius - (150 - 7 * band)), 0, 1)[..., None]
        ring = ring * np.clip((HORIZON + 4 - _Y) / 8, 0, 1)[..., None]
        pixels = _over(pixels, ring.astype(np.float32), tuple(v / 255 for v in color), 0.8)
    return pixels


_WITH = {
    "night": _night, "sunset": _sunset, "rain": _rain, "fog": _fog, "rainbow": _rainbow,
}  # fmt: skip
