"""What the places are painted with: shapes in units of a picture's pixels, smooth at the edges."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

SIZE_PX = 256  # of a picture
HORIZON = 144  # pixels from the top
_SCALE = 3  # painted larger, then reduced

Rgb = tuple[int, int, int]


class Canvas:
    """An empty picture to paint on."""

    def __init__(self) -> None:
        self._image = Image.new("RGB", (SIZE_PX * _SCALE,) * 2)
        self._pen = ImageDraw.Draw(self._image)

    def fade(self, top: Rgb, bottom: Rgb, y0: float = 0, y1: float = SIZE_PX) -> None:
        """Paint a band from one color above to another below."""
        rows = round((y1 - y0) * _SCALE)
        part = np.linspace(0, 1, rows)[:, None, None]
        colors = np.asarray(top) * (1 - part) + np.asarray(bottom) * part
        band = np.broadcast_to(colors, (rows, SIZE_PX * _SCALE, 3)).round().astype(np.uint8)
        self._image.paste(Image.fromarray(np.ascontiguousarray(band)), (0, round(y0 * _SCALE)))

    def box(self, x0: float, y0: float, x1: float, y1: float, color: Rgb) -> None:
        """Paint a rectangle."""
        self._pen.rectangle((*self._of(x0, y0), x1 * _SCALE - 1, y1 * _SCALE - 1), color)

    def oval(self, x: float, y: float, rx: float, ry: float, color: Rgb) -> None:
        """Paint an ellipse around (x, y)."""
        self._pen.ellipse((*self._of(x - rx, y - ry), *self._of(x + rx, y + ry)), color)

    def shape(self, points: Sequence[tuple[float, float]], color: Rgb) -> None:
        """Paint a polygon."""
        self._pen.polygon([self._of(x, y) for x, y in points], color)

    def hills(self, y: float, height: float, waves: float, phase: float, color: Rgb) -> None:
        """Paint rolling ground from about `y` down."""
        x = np.linspace(0, SIZE_PX, 65)
        tops = y - height * np.sin(waves * 2 * np.pi * x / SIZE_PX + phase)
        self.shape([(0, SIZE_PX), *zip(x.tolist(), tops.tolist(), strict=True), (256, 256)], color)

    def cloud(self, x: float, y: float, size: float, color: Rgb = (255, 255, 255)) -> None:
        """Paint a cloud of three puffs, `size` high."""
        self.oval(x, y, size * 1.6, size * 0.5, color)
        self.oval(x - size * 0.5, y - size * 0.35, size * 0.7, size * 0.6, color)
        self.oval(x + size * 0.5, y - size * 0.3, size * 0.6, size * 0.5, color)

    def tree(self, x: float, foot: float, height: float, leaves: Rgb, *, fir: bool) -> None:
        """Paint a tree: a fir of three tiers, or a round crown."""
        self.box(x - height * 0.05, foot - height * 0.4, x + height * 0.05, foot, (105, 72, 45))
        if not fir:
            self.oval(x, foot - height * 0.66, height * 0.3, height * 0.36, leaves)
            light: Rgb = (min(leaves[0] + 25, 255), min(leaves[1] + 25, 255), leaves[2])
            self.oval(x - height * 0.08, foot - height * 0.74, height * 0.16, height * 0.2, light)
            return
        for tier in range(3):
            top, wide = foot - height * (1 - tier * 0.23), height * (0.17 + tier * 0.07)
            low = top + height * 0.4
            self.shape([(x - wide, low), (x, top), (x + wide, low)], leaves)

    def finished(self) -> Image.Image:
        """Return the picture, `SIZE_PX` a side."""
        return self._image.resize((SIZE_PX, SIZE_PX), Image.Resampling.BOX)

    @staticmethod
    def _of(x: float, y: float) -> tuple[float, float]:
        return x * _SCALE, y * _SCALE
