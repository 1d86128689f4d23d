"""What shows a verb: what is drawn behind and before the one who does it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image, ImageDraw

from stimage.training.scenes.canvas import HORIZON
from stimage.training.scenes.plan import Plan, Thing
from stimage.training.scenes.sprites import head_of, sprite
from stimage.training.scenes.words import PEOPLE

WINGED = frozenset(  # they fly without wings that are put on
    (
        "bird", "owl", "bee", "butterfly", "eagle", "parrot", "duck", "swan", "flamingo",
        "ladybug", "dragon", "fairy", "ghost", "airplane", "rocket", "helicopter", "spaceship",
        "balloon", "kite", "bubble", "cloud", "star", "moon", "feather", "leaf",
    )
)  # fmt: skip
FAVORITES = {
    "rabbit": "carrot", "mouse": "cheese-wedge", "dog": "bone", "bear": "honey-pot",
    "squirrel": "chestnut", "monkey": "banana", "horse": "apple", "cat": "fish", "koala": "leaf",
    "penguin": "fish", "seal": "fish", "otter": "fish", "panda": "leaf", "donkey": "carrot",
    "elephant": "watermelon", "snail": "leaf", "cow": "leaf", "sheep": "leaf", "goat": "leaf",
}  # fmt: skip
TURNED = {"dance": 14, "run": 9, "ski": 9, "surf": -7}  # degrees


@dataclass(frozen=True, slots=True)
class Box:
    """Where a thing stands: left, top and side in pixels."""

    thing: Thing
    left: int
    top: int
    side: int

    @property
    def bottom(self) -> int:
        """The row under its feet."""
        return self.top + self.side


def behind(canvas: Image.Image, box: Box, plan: Plan) -> None:
    """Draw what lies behind the thing in the box."""
    _shadow(canvas, box, plan)
    if plan.verb in _BEHIND:
        _BEHIND[plan.verb](canvas, box, plan)


def before(canvas: Image.Image, box: Box, plan: Plan) -> None:
    """Draw what lies before the thing in the box."""
    if plan.verb in _BEFORE:
        _BEFORE[plan.verb](canvas, box, plan)


def _put(
    canvas: Image.Image,
    name: str,
    box: Box,
    x: float,
    y: float,
    size: float,
    *,
    mirrored: bool = False,
    color: str | None = None,
) -> None:
    """Draw a cue; its middle, in parts of the box, at (x, y), as wide as `size` boxes."""
    side = max(8, round(box.side * size))
    x = 1 - x if box.thing.mirrored else x
    cue = sprite(name, side, color=color, mirrored=mirrored != box.thing.mirrored)
    left, top = box.left + box.side * x - side / 2, box.top + box.side * y - side / 2
    left = min(max(round(left), 0), canvas.width - side)
    canvas.alpha_composite(cue, (left, min(max(round(top), 0), canvas.height - side)))


def _shadow(canvas: Image.Image, box: Box, plan: Plan) -> None:
    """Draw a soft shadow under the feet, below on the ground if they are in the air."""
    if plan.place in ("space", "sea") or plan.verb in ("swim", "surf"):
        return
    air = {"jump": 0.2, "fly": 0.28}.get(plan.verb or "", 0) * box.side
    wide = box.side * (0.34 if air else 0.42)
    y, x = box.bottom + air - box.side * 0.02, box.left + box.side / 2
    if y < HORIZON:
        return
    layer = Image.new("RGBA", canvas.size)
    for ring in range(3):
        part = 1 - 0.2 * ring
        edges = (x - wide * part, y - wide * part * 0.2, x + wide * part, y + wide * part * 0.2)
        ImageDraw.Draw(layer).ellipse(edges, (20, 20, 40, 34 + 18 * ring))
    canvas.alpha_composite(layer)


def _wings(canvas: Image.Image, box: Box, _plan: Plan) -> None:
    if box.thing.noun in WINGED:
        _put(canvas, "dashing-away", box, 1.0, 0.8, 0.3)
        return
    _put(canvas, "wing", box, 0.06, 0.36, 0.46, mirrored=True)
    _put(canvas, "wing", box, 0.94, 0.36, 0.46)


def _dust(canvas: Image.Image, box: Box, _plan: Plan) -> None:
    _put(canvas, "dashing-away", box, 0.98, 0.84, 0.34)


def _tracks(canvas: Image.Image, box: Box, _plan: Plan) -> None:
    name = "footprints" if box.thing.noun in PEOPLE else "paw-prints"
    _put(canvas, name, box, 1.0, 0.86, 0.26)


def _zzz(canvas: Image.Image, box: Box, _plan: Plan) -> None:
    _put(canvas, "zzz", box, 0.86, 0.02, 0.34, mirrored=box.thing.mirrored)


def _notes(canvas: Image.Image, box: Box, _plan: Plan) -> None:
    _put(canvas, "musical-note", box, 0.02, 0.12, 0.28, mirrored=box.thing.mirrored)
    _put(canvas, "musical-notes", box, 0.98, 0.12, 0.3, mirrored=box.thing.mirrored)


def _song(canvas: Image.Image, box: Box, _plan: Plan) -> None:
    _put(canvas, "microphone", box, 0.16, 0.74, 0.4)
    _put(canvas, "musical-note", box, 0.04, 0.2, 0.26, mirrored=box.thing.mirrored)


def _meal(canvas: Image.Image, box: Box, plan: Plan) -> None:
    name = plan.object.noun if plan.object else FAVORITES.get(box.thing.noun, "cookie")
    color = plan.object.color if plan.object else None
    _put(canvas, name, box, 0.2, 0.84, 0.36, color=color)


def _book(canvas: Image.Image, box: Box, _plan: Plan) -> None:
    _put(canvas, "open-book", box, 0.4, 0.82, 0.46)


def _cheer(canvas: Image.Image, box: Box, _plan: Plan) -> None:
    _put(canvas, "party-popper", box, 0.96, 0.14, 0.34)
    _put(canvas, "confetti-ball", box, 0.04, 0.14, 0.3)


def _board(canvas: Image.Image, box: Box, _plan: Plan) -> None:
    _put(canvas, "skateboard", box, 0.5, 0.94, 0.66)


def _skis(canvas: Image.Image, box: Box, _plan: Plan) -> None:
    _put(canvas, "skis", box, 0.5, 0.86, 0.62)


def _held(canvas: Image.Image, box: Box, plan: Plan) -> None:
    assert plan.object is not None
    name = plan.object.noun
    high = name in ("balloon", "umbrella", "kite", "flag")
    _put(canvas, name, box, 0.9, 0.16 if high else 0.76, 0.44, color=plan.object.color)


def _worn(canvas: Image.Image, box: Box, plan: Plan) -> None:
    """Put a hat on the head: where the drawing is highest; glasses go a little lower."""
    assert plan.object is not None
    x, y = head_of(box.thing.noun, box.thing.drawing)
    name = plan.object.noun
    down = {"glasses": 0.2, "bow": 0.04}.get(name, -0.06)
    size = {"glasses": 0.42, "bow": 0.32}.get(name, 0.4)
    _put(canvas, name, box, x, y + down, size, color=plan.object.color)


def _wave(canvas: Image.Image, box: Box, rise: float) -> None:
    """Draw water over the lowest part of the box, `rise` of its side high: foam, then blue."""
    pen, ends, step = ImageDraw.Draw(canvas), box.side * 0.08, box.side * 0.19
    low = box.bottom + round(box.side * 0.06)
    for depth, color in ((0.0, (190, 235, 250, 255)), (0.05, (60, 140, 215, 255))):
        top = box.bottom - box.side * (rise - depth)
        pen.rectangle((box.left - ends, top, box.left + box.side + ends, low), color)
        for i in range(6):
            x = box.left - ends + step * i
            pen.ellipse((x, top - step * 0.3, x + step, top + step * 0.3), color)


def _water(canvas: Image.Image, box: Box, _plan: Plan) -> None:
    _wave(canvas, box, 0.3)


def _surf(canvas: Image.Image, box: Box, _plan: Plan) -> None:
    pen = ImageDraw.Draw(canvas)
    y, half = box.bottom - box.side * 0.05, box.side * 0.06
    edges = (box.left + box.side * 0.02, y - half, box.left + box.side * 0.98, y + half)
    pen.ellipse(edges, (250, 170, 50, 255), outline=(200, 90, 40, 255), width=2)
    _wave(canvas, box, 0.05)


def _arcs(canvas: Image.Image, box: Box, _plan: Plan) -> None:
    pen = ImageDraw.Draw(canvas)
    for part in (0.3, 0.5, 0.7):
        x, y = box.left + box.side * part, box.bottom + 3
        pen.rounded_rectangle((x - 2, y, x + 2, y + box.side * 0.11), 2, (255, 255, 255, 235))


Cue = Callable[[Image.Image, Box, Plan], None]
_BEHIND: dict[str, Cue] = {"fly": _wings, "run": _dust, "walk": _tracks}
_BEFORE: dict[str, Cue] = {
    "sleep": _zzz, "jump": _arcs, "swim": _water, "dance": _notes, "eat": _meal, "read": _book,
    "sing": _song, "cheer": _cheer, "skate": _board, "ski": _skis, "surf": _surf,
    "hold": _held, "wear": _worn,
}  # fmt: skip
