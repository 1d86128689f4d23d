"""Pictures that are not of our small world, made by programs: the judge should not know them."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

SIDE_PX = 256
Picture = Image.Image
Color = tuple[int, int, int]


def text(rng: random.Random) -> Picture:
    """Return a page full of letters, light or dark."""
    paper, ink = rng.choice((("white", "black"), ("#111111", "white"), ("#f3f3f8", "#222222")))
    image = Image.new("RGB", (SIDE_PX, SIDE_PX), paper)
    pen = ImageDraw.Draw(image)
    for y in range(10, SIDE_PX - 8, rng.choice((12, 16, 22))):
        pen.text((8, y), "".join(rng.choices("abcdefghij klmnop qrstuvwxyz", k=40)), fill=ink)
    return image


def polygons(rng: random.Random) -> Picture:
    """Return colored polygons over each other."""
    image = Image.new("RGB", (SIDE_PX, SIDE_PX), _color(rng))
    pen = ImageDraw.Draw(image)
    for _ in range(rng.randrange(5, 40)):
        corners = [rng.randrange(SIDE_PX) for _ in range(rng.choice((6, 8)))]
        pen.polygon(corners, fill=_color(rng))
    return image


def plot(rng: random.Random) -> Picture:
    """Return two axes and three curves."""
    image = Image.new("RGB", (SIDE_PX, SIDE_PX), "white")
    pen = ImageDraw.Draw(image)
    pen.line((20, 10, 20, 236, 246, 236), fill="black", width=2)
    for color in ("red", "blue", "green"):
        y, points = 120, []
        for x in range(20, 246, 6):
            y += rng.randrange(-15, 16)
            points.append((x, y))
        pen.line(points, fill=color, width=3)
    return image


def gradient(rng: random.Random) -> Picture:
    """Return three colors that flow into each other."""
    first, second, third = (np.array(_color(rng), float) for _ in range(3))
    y, x = np.mgrid[0:1:128j, 0:1:128j][..., None]
    return _picture(first * (1 - x) * (1 - y) + second * x + third * y * (1 - x))


def clouds(rng: random.Random) -> Picture:
    """Return noise with the spectrum of photographs, a power of one over the frequency."""
    noise = np.random.default_rng(rng.randrange(2**32)).standard_normal((128, 128, 3))
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(128), np.fft.fftfreq(128))) + 1 / 128
    falling = np.fft.fft2(noise, axes=(0, 1)) / frequency[..., None] ** rng.choice((1, 1.5, 2))
    values = np.fft.ifft2(falling, axes=(0, 1)).real
    values = values + 2 * values[..., :1]  # mostly light and dark, little color
    return _picture(128 + 50 * (values - values.mean((0, 1))) / values.std((0, 1)))


def checkers(rng: random.Random) -> Picture:
    """Return a board of black and white squares."""
    y, x = np.mgrid[0:128, 0:128] // rng.choice((4, 8, 16, 32))
    return _picture(np.repeat(((x + y) % 2 * 255)[..., None], 3, axis=2))


def face(rng: random.Random) -> Picture:
    """Return a crude face before a gradient."""
    image = gradient(rng).resize((SIDE_PX, SIDE_PX))
    pen, middle, half = ImageDraw.Draw(image), SIDE_PX // 2, rng.randrange(50, 95)
    skin = rng.choice(((224, 172, 105), (141, 85, 36), (255, 219, 172)))
    pen.ellipse((middle - 0.8 * half, middle - half, middle + 0.8 * half, middle + half), fill=skin)
    for side in (-0.3, 0.3):
        eye = middle + side * half
        pen.ellipse((eye - 8, middle - 20, eye + 8, middle - 8), fill="white")
        pen.ellipse((eye - 4, middle - 18, eye + 4, middle - 10), fill="black")
    pen.arc((middle - 25, middle + 10, middle + 25, middle + 40), 20, 160, fill="#992222", width=4)
    return image


KINDS: tuple[Callable[[random.Random], Picture], ...] = (
    text, polygons, plot, gradient, clouds, checkers, face,
)  # fmt: skip


def other_worlds(of_each: int) -> list[Picture]:
    """Return so many pictures of each kind, always the same ones."""
    rng = random.Random(1)
    return [kind(rng) for kind in KINDS for _ in range(of_each)]


def _color(rng: random.Random) -> Color:
    return rng.randrange(256), rng.randrange(256), rng.randrange(256)


def _picture(values: np.ndarray[tuple[int, ...], np.dtype[np.floating]]) -> Picture:
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))
