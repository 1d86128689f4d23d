"""Places under the open sky, four drawings of each; every painter gets a canvas and its dice."""

from __future__ import annotations

import random
from collections.abc import Callable

from stimage.training.scenes.canvas import Canvas

SKY = 176  # pixels from the top down to where hills have begun everywhere

Painter = Callable[[Canvas, random.Random], None]


def _columns(rng: random.Random, count: int) -> list[int]:
    """Return `count` different x positions on a grid of 32 pixels."""
    return [16 + 32 * column for column in sorted(rng.sample(range(8), count))]


def _beach(c: Canvas, rng: random.Random) -> None:
    c.fade((105, 190, 240), (200, 232, 245), 0, SKY)
    c.cloud(rng.choice((56, 128, 200)), rng.choice((32, 56)), 16)
    c.fade((35, 120, 190), (70, 180, 205), 112, 152)
    c.hills(150, 5, 1, rng.random() * 6, (235, 245, 245))
    c.hills(156, 5, 1, rng.random() * 6, (244, 222, 160))
    x = rng.choice((24, 232))
    for left, right, drop in ((-40, -16, 10), (16, 40, 10), (-30, 0, -14), (0, 30, -14)):
        c.shape([(x, 70), (x + left, 70 + drop), (x + right, 62 + drop)], (50, 140, 70))
    c.shape([(x - 4, 168), (x - 2, 68), (x + 3, 68), (x + 5, 168)], (150, 110, 70))
    for spot in _columns(rng, 3):
        c.oval(spot, rng.choice((196, 220, 240)), 9, 4, (228, 200, 136))


def _forest(c: Canvas, rng: random.Random) -> None:
    c.fade((170, 215, 190), (210, 235, 200), 0, SKY)
    for x in _columns(rng, 6):
        c.tree(x, 148, 110, (95, 150, 105), fir=True)
    c.hills(146, 4, 1, rng.random() * 6, (95, 140, 70))
    fir = rng.random() < 0.5
    for x in (rng.choice((8, 32)), rng.choice((64, 96)), rng.choice((176, 200)), 240):
        c.tree(x, 172, rng.choice((140, 160)), (40, 110, 60), fir=fir)
    c.hills(176, 4, 2, rng.random() * 6, (112, 158, 78))
    for x in _columns(rng, 3):
        c.oval(x, rng.choice((200, 228)), 14, 4, (95, 140, 66))


def _snow(c: Canvas, rng: random.Random) -> None:
    c.fade((150, 180, 220), (215, 228, 242), 0, SKY)
    c.hills(128, 14, 1.5, rng.random() * 6, (198, 214, 234))
    for x in _columns(rng, 4):
        c.tree(x, 150, rng.choice((60, 80)), (90, 135, 130), fir=True)
    c.hills(150, 6, 1, rng.random() * 6, (240, 246, 252))
    c.hills(200, 6, 1, rng.random() * 6, (228, 237, 248))
    for x in _columns(rng, 7):
        c.oval(x, 20 + 32 * rng.randrange(4), 4, 4, (255, 255, 255))


def _desert(c: Canvas, rng: random.Random) -> None:
    c.fade((250, 190, 110), (254, 228, 170), 0, SKY)
    c.oval(rng.choice((48, 128, 208)), 48, 24, 24, (255, 245, 190))
    c.hills(132, 16, 1, rng.random() * 6, (226, 168, 96))
    c.hills(156, 10, 1.5, rng.random() * 6, (236, 184, 108))
    c.hills(204, 8, 1, rng.random() * 6, (226, 170, 92))
    x = rng.choice((32, 224))
    c.box(x - 5, 92, x + 5, 160, (70, 140, 80))
    c.box(x - 20, 112, x - 12, 134, (70, 140, 80))
    c.box(x - 20, 128, x, 136, (70, 140, 80))
    c.box(x + 12, 104, x + 20, 124, (70, 140, 80))
    c.box(x, 118, x + 20, 126, (70, 140, 80))


def _city(c: Canvas, rng: random.Random) -> None:
    c.fade((160, 200, 235), (225, 232, 240), 0, 176)
    for left in range(0, 256, 32):
        top = rng.choice((64, 80, 96))
        c.box(left, top, left + 32, 180, (180, 192, 214))
    walls = ((214, 120, 96), (236, 196, 130), (128, 152, 190), (160, 130, 170), (120, 168, 160))
    for left in range(0, 256, 64):
        top, wall = rng.choice((40, 64, 88)), rng.choice(walls)
        c.box(left, top, left + 60, 180, wall)
        for y in range(top + 14, 164, 28):
            for x in (left + 10, left + 36):
                c.box(x, y, x + 14, y + 16, (252, 240, 190))
    c.box(0, 176, 256, 192, (196, 196, 196))
    c.box(0, 192, 256, 256, (104, 108, 118))
    for left in range(rng.choice((0, 24)), 256, 64):
        c.box(left, 220, left + 34, 226, (240, 240, 232))


def _meadow(c: Canvas, rng: random.Random) -> None:
    c.fade((120, 195, 245), (215, 238, 250), 0, SKY)
    for x in rng.sample((48, 120, 200), 2):
        c.cloud(x, rng.choice((32, 52, 72)), 18)
    c.hills(136, 12, 1, rng.random() * 6, (150, 205, 110))
    c.hills(160, 8, 1.5, rng.random() * 6, (122, 190, 84))
    c.hills(208, 6, 1, rng.random() * 6, (108, 176, 74))
    for x in _columns(rng, 6):
        y = rng.choice((172, 196, 220, 240))
        color = rng.choice(((250, 236, 90), (245, 120, 170), (255, 255, 255), (230, 80, 70)))
        c.oval(x, y, 5, 5, color)
        c.oval(x, y, 2, 2, (250, 200, 60))


def _mountains(c: Canvas, rng: random.Random) -> None:
    c.fade((140, 190, 235), (222, 236, 246), 0, SKY)
    for x, height in zip(_columns(rng, 2), (88, 72), strict=True):
        top = 152 - height
        c.shape([(x - 84, 152), (x, top), (x + 84, 152)], (168, 182, 204))
    for x in (rng.choice((40, 72)), rng.choice((168, 208))):
        top = rng.choice((24, 40))
        c.shape([(x - 92, 160), (x, top), (x + 92, 160)], (112, 120, 142))
        c.shape([(x, top), (x + 92, 160), (x + 20, 160)], (92, 100, 124))
        c.shape([(x - 28, top + 40), (x, top), (x + 28, top + 40), (x, top + 26)], (248, 250, 253))
    c.hills(156, 6, 1.5, rng.random() * 6, (120, 165, 95))
    c.hills(206, 6, 1, rng.random() * 6, (104, 150, 84))


def _lake(c: Canvas, rng: random.Random) -> None:
    c.fade((135, 200, 240), (220, 238, 248), 0, SKY)
    c.hills(112, 18, 1, rng.random() * 6, (130, 175, 130))
    for x in _columns(rng, 4):
        c.tree(x, 128, 56, (60, 130, 80), fir=True)
    c.fade((95, 170, 215), (60, 135, 195), 124, 190)
    for x in _columns(rng, 4):
        c.oval(x, rng.choice((140, 156, 170)), 22, 2, (180, 220, 240))
    c.hills(192, 6, 1, rng.random() * 6, (125, 185, 90))
    x = rng.choice((16, 236))
    for reed in (-10, 0, 9):
        c.box(x + reed - 1.5, 140, x + reed + 1.5, 204, (80, 140, 70))
        c.oval(x + reed, 140, 4, 12, (130, 90, 55))


def _island(c: Canvas, rng: random.Random) -> None:
    c.fade((110, 200, 245), (205, 238, 250), 0, 120)
    c.cloud(rng.choice((48, 208)), 36, 16)
    c.fade((40, 150, 200), (60, 190, 205), 112, 256)
    for x in _columns(rng, 4):
        c.oval(x, rng.choice((128, 140)), 16, 2, (165, 225, 235))
    c.oval(128, 236, 150, 66, (238, 214, 150))
    c.oval(128, 244, 124, 56, (130, 190, 95))
    x = rng.choice((28, 228))
    lean = 10 if x < 128 else -10
    c.shape([(x - 5, 200), (x + lean - 3, 84), (x + lean + 3, 84), (x + 5, 200)], (150, 108, 66))
    for dx, dy in ((-40, 10), (40, 10), (-30, -18), (30, -18), (0, -30)):
        tip = (x + lean + dx, 84 + dy)
        c.shape([(x + lean - 6, 84), tip, (x + lean + 6, 84)], (48, 150, 78))


def _farm(c: Canvas, rng: random.Random) -> None:
    c.fade((130, 200, 245), (222, 240, 250), 0, SKY)
    c.hills(132, 8, 1, rng.random() * 6, (205, 200, 100))
    c.hills(156, 4, 1, rng.random() * 6, (140, 190, 85))
    x = rng.choice((12, 164))
    c.box(x, 88, x + 80, 160, (190, 66, 54))
    c.shape([(x - 8, 90), (x + 14, 58), (x + 66, 58), (x + 88, 90)], (120, 50, 45))
    c.box(x + 26, 116, x + 54, 160, (245, 240, 230))
    c.shape([(x + 26, 116), (x + 30, 116), (x + 54, 160), (x + 50, 160)], (190, 66, 54))
    for post in range(0, 256, 32):
        c.box(post + 12, 160, post + 18, 190, (235, 228, 214))
    for y in (166, 178):
        c.box(0, y, 256, y + 4, (235, 228, 214))
    c.hills(212, 4, 1, rng.random() * 6, (118, 172, 74))


def _volcano(c: Canvas, rng: random.Random) -> None:
    c.fade((120, 110, 150), (245, 190, 150), 0, SKY)
    x = rng.choice((84, 128, 172))
    for puff, size in ((0, 16), (18, 20), (-10, 24)):
        c.oval(x + puff, 40 - size, size, size * 0.8, (130, 120, 130))
    c.shape([(x - 100, 160), (x - 24, 48), (x + 24, 48), (x + 100, 160)], (105, 82, 80))
    c.shape([(x + 24, 48), (x + 100, 160), (x + 30, 160)], (86, 66, 68))
    c.oval(x, 48, 24, 6, (255, 140, 50))
    for lean, low in ((-16, 100), (4, 124), (20, 92)):
        c.shape(
            [(x - 8, 48), (x + lean - 3, low), (x + lean + 3, low), (x + 8, 48)], (250, 100, 40)
        )
    c.hills(156, 6, 1, rng.random() * 6, (116, 100, 90))
    c.hills(206, 6, 1.5, rng.random() * 6, (132, 114, 98))


OUTDOORS: dict[str, Painter] = {
    "beach": _beach, "forest": _forest, "snow": _snow, "desert": _desert, "city": _city,
    "meadow": _meadow, "mountains": _mountains, "lake": _lake, "island": _island,
    "farm": _farm, "volcano": _volcano,
}  # fmt: skip
