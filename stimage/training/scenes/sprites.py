"""Glyphs of Noto Color Emoji as sprites: any size, tinted, cached. License: models/README.md."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from stimage.errors import StimageError
from stimage.training.scenes.words import CAT_COLORS, COLORS, GLYPHS

FONTS = (
    Path("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf"),
    Path("/usr/share/fonts/noto/NotoColorEmoji.ttf"),
    Path.home() / ".fonts/NotoColorEmoji.ttf",
    Path("NotoColorEmoji.ttf"),
)
STRIKE_PX = 109  # the one size the font holds
CUES = {"zzz": 0x1F4A4, "note": 0x1F3B5, "dash": 0x1F4A8, "cookie": 0x1F36A, "pages": 0x1F4D6,
        "wing": 0x1FABD}  # fmt: skip


@cache
def font() -> ImageFont.FreeTypeFont:
    """Return the font the sprites are cut from.

    Raises:
        StimageError: "font_missing".
    """
    for path in FONTS:
        if path.exists():
            return ImageFont.truetype(str(path), STRIKE_PX)
    raise StimageError("font_missing")


@cache
def _glyph(code: int) -> Image.Image:
    """Draw one glyph, cut to its ink and centered on a transparent square, RGBA."""
    canvas = Image.new("RGBA", (140, 140))
    ImageDraw.Draw(canvas).text((2, 2), chr(code), font=font(), embedded_color=True)
    ink = canvas.crop(canvas.getbbox())
    square = Image.new("RGBA", (max(ink.size),) * 2)
    square.paste(ink, ((square.width - ink.width) // 2, square.height - ink.height))
    return square


@cache
def sprite(name: str, size_px: int, color: str | None = None) -> NDArray[np.float32]:
    """Return a noun or a cue, premultiplied, as (size, size, 4) in [0, 1]; its feet on the edge."""
    code = GLYPHS[name] if name in GLYPHS else CUES[name]
    rgba = np.asarray(_glyph(code), dtype=np.float32) / np.float32(255)
    if color:
        rgba = _tint(rgba, (COLORS | CAT_COLORS)[color])
    premultiplied = np.concatenate([rgba[..., :3] * rgba[..., 3:], rgba[..., 3:]], axis=-1)
    planes = [
        Image.fromarray(premultiplied[..., c]).resize((size_px, size_px), Image.Resampling.BOX)
        for c in range(4)
    ]
    return np.stack([np.asarray(plane) for plane in planes], axis=-1)


def _tint(rgba: NDArray[np.float32], color: tuple[int, int, int]) -> NDArray[np.float32]:
    """Give every saturated pixel the hue of `color`, darker or lighter as it was."""
    rgb, alpha = rgba[..., :3], rgba[..., 3:]
    high, low = rgb.max(-1, keepdims=True), rgb.min(-1, keepdims=True)
    saturated = np.clip((high - low) / np.maximum(high, 1e-3) * 3 - 0.4, 0, 1)
    ink = alpha[..., 0] > 0.5
    mid = np.median(rgb.mean(-1)[ink])
    light = np.clip(rgb.mean(-1, keepdims=True) / mid, 0.35, 1.5)
    tinted = np.clip(np.asarray(color, dtype=np.float32) / 255 * light, 0, 1)
    return np.concatenate([rgb * (1 - saturated) + tinted * saturated, alpha], axis=-1)
