"""Pictures made of pictures: attention as a color layer, and how far two are apart."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
from PIL import Image

Map = npt.NDArray[np.float32]
COLOR = (255, 170, 0)
STRONGEST = 0.85  # share of the color at the brightest place
ROWS, COLUMNS = ("top", "middle", "bottom"), ("left", "center", "right")


def overlay(png: bytes, attention: Map) -> bytes:
    """Return the picture in dark gray with the attention over it, on the map's own scale, as PNG.

    Args:
        png: the picture.
        attention: (height, width), of any size.
    """
    with Image.open(io.BytesIO(png)) as picture:
        gray = picture.convert("L").convert("RGB")
    span = float(attention.max() - attention.min()) or 1.0
    share = (attention - attention.min()) / span * STRONGEST
    mask = Image.fromarray((share * 255).astype(np.uint8)).resize(
        gray.size, Image.Resampling.BICUBIC
    )
    dark = gray.point(lambda value: value // 2)
    return _png(Image.composite(Image.new("RGB", gray.size, COLOR), dark, mask))


def brightest(attention: Map) -> str:
    """Return in which ninth of the picture a map is strongest: "top-left", "middle-center"."""
    rows, columns = (np.array_split(np.arange(length), 3) for length in attention.shape)
    ninths = {
        f"{down}-{across}": float(attention[np.ix_(row, column)].mean())
        for down, row in zip(ROWS, rows, strict=True)
        for across, column in zip(COLUMNS, columns, strict=True)
        if len(row) and len(column)
    }
    return max(ninths, key=lambda name: ninths[name])


def difference(png: bytes, other: bytes) -> float:
    """Return how far two pictures of one size are apart: the mean over all values, in [0, 1]."""
    first, second = (_values(each) for each in (png, other))
    return float(np.abs(first - second).mean() / 255) if first.shape == second.shape else 1.0


def _values(png: bytes) -> Map:
    with Image.open(io.BytesIO(png)) as picture:
        return np.asarray(picture.convert("RGB"), dtype=np.float32)


def _png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
