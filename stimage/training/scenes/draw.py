"""From a plan to a picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from stimage.training.scenes.backgrounds import background
from stimage.training.scenes.cues import TURNED, Box, before, behind
from stimage.training.scenes.layout import CELL_PX, arrangement
from stimage.training.scenes.lights import ON_THINGS
from stimage.training.scenes.plan import Plan, Thing
from stimage.training.scenes.sprites import sprite
from stimage.training.scenes.styles import styled

Pixels = NDArray[np.float32]


def boxes(plan: Plan) -> list[Box]:
    """Return the place of every thing in the picture, in the order of `plan.things`."""
    if not plan.things:
        return []
    things = plan.things * plan.count if len(plan.things) == 1 else plan.things
    spots = arrangement(plan)
    found = [
        Box(thing, x * CELL_PX, y * CELL_PX, side * CELL_PX)
        for thing, (x, y, side) in zip(things, spots, strict=True)
    ]
    if plan.relation == "on top of":
        found[0] = _set_down(found[0], found[1])
    return found


def _set_down(upper: Box, lower: Box) -> Box:
    """Return the upper box moved down to where the drawing of the lower thing begins."""
    ink = _sprite_in(lower, None).getbbox()
    assert ink is not None
    return Box(upper.thing, upper.left, upper.top + ink[1], upper.side)


def draw(plan: Plan) -> Pixels:
    """Return the picture as (256, 256, 3) in [0, 1]."""
    ground = background(plan.place, plan.plain, plan.light, plan.variant)
    front = Image.new("RGBA", ground.size)
    for box in sorted(boxes(plan), key=lambda box: box.bottom):
        behind(front, box, plan)
        front.alpha_composite(_sprite_in(box, plan.verb), _corner(box, front.width))
        before(front, box, plan)
    pixels = _over(ground, front, plan.light)
    return styled(pixels, plan.style) if plan.style else pixels


def _sprite_in(box: Box, verb: str | None) -> Image.Image:
    thing: Thing = box.thing
    return sprite(
        thing.noun,
        box.side,
        drawing=thing.drawing,
        color=thing.color,
        mirrored=thing.mirrored,
        turned=TURNED.get(verb or "", 0),
    )


def _corner(box: Box, width: int) -> tuple[int, int]:
    return min(max(box.left, 0), width - box.side), max(box.top, 0)


def _over(ground: Image.Image, front: Image.Image, light: str | None) -> Pixels:
    """Return the things, in their light, before the ground."""
    rgba = np.asarray(front, dtype=np.float32) / np.float32(255)
    things, alpha = rgba[..., :3], rgba[..., 3:]
    if light:
        things = things * np.asarray(ON_THINGS[light], dtype=np.float32)
    pixels = np.asarray(ground, dtype=np.float32) / np.float32(255)
    return np.clip(pixels + (things - pixels) * alpha, 0, 1).astype(np.float32)
