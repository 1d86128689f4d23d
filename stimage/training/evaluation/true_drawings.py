"""The true drawing of a sentence that comes closest to a picture.

A sentence has thousands of true drawings. The search takes the best ground first, then in turn the
arrangement, the drawings and the colors, until nothing gets closer: it may miss the very best, so
the measure is never too kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from stimage.training.pixels import psnr_db
from stimage.training.scenes.backgrounds import DRAWINGS
from stimage.training.scenes.canvas import SIZE_PX
from stimage.training.scenes.draw import boxes, draw
from stimage.training.scenes.plan import Plan, Thing
from stimage.training.scenes.sentences import colors, grounds, layouts, looks
from stimage.training.scenes.styles import softened

ROUNDS = 4  # of the search
SOFTENED_PX = 2  # radius of the Gaussian: a thin line may lie half a pixel off

Pixels = NDArray[np.float32]


def closest(image: Image.Image, plan: Plan) -> tuple[float, Plan]:
    """Return the PSNR in dB to the closest true drawing that is found, and the plan of that one.

    The PSNR is that of the worst thing's box, both pictures softened.

    Args:
        image: of any size; it is compared at `SIZE_PX` a side.
        plan: of the sentence, with what it leaves open unset.
    """
    search, found = _found(image, plan)
    return _worst_box_db(search.drawn, found), found


def gap(image: Image.Image, plan: Plan) -> float:
    """Return the squared distance to the closest true drawing that is found, over all pixels."""
    search, found = _found(image, plan)
    return search.gap(found)


def _found(image: Image.Image, plan: Plan) -> tuple[Search, Plan]:
    search = Search(_soft(image))
    found = search.nearest(grounds(search.placed(plan)))
    if not plan.things:
        return search, found
    for _ in range(ROUNDS):
        before = found
        found = search.nearest(layouts(found))
        for place, asked in enumerate(plan.things):
            for ways in (looks, colors):
                found = search.nearest(_with(found, place, ways, asked))
        found = search.nearest(grounds(found))
        if found == before:
            break
    return search, found


class Search:
    """Looks for the true drawing closest to one picture, and remembers how far each one is."""

    def __init__(self, drawn: Pixels) -> None:
        """Look for the true drawing of `drawn`, (256, 256, 3), softened."""
        self.drawn = drawn
        self._gaps: dict[Plan, float] = {}

    def nearest(self, plans: Iterable[Plan]) -> Plan:
        """Return the plan whose whole picture is closest."""
        return min(plans, key=self.gap)

    def placed(self, plan: Plan) -> Plan:
        """Return the plan with a ground: where it is open, the closest of the empty ones."""
        if plan.place or plan.plain:
            return plan
        bare = replace(plan, things=(), relation=None, verb=None, object=None, count=1)
        best = self.nearest(one for one in grounds(bare) if one.variant < DRAWINGS)
        return replace(plan, place=best.place, plain=best.plain)

    def gap(self, plan: Plan) -> float:
        """Return the squared distance of a plan's picture, over all pixels."""
        if plan not in self._gaps:
            self._gaps[plan] = float(np.square(_true(plan) - self.drawn).sum())
        return self._gaps[plan]


def _with(
    plan: Plan, place: int, ways: Callable[[Thing, Thing], Iterator[Thing]], asked: Thing
) -> Iterator[Plan]:
    """Yield the plan with one of its things in every way."""
    for thing in ways(plan.things[place], asked):
        things = (*plan.things[:place], thing, *plan.things[place + 1 :])
        yield replace(plan, things=things)


def _soft(image: Image.Image) -> Pixels:
    pixels = image.convert("RGB").resize((SIZE_PX, SIZE_PX), Image.Resampling.BICUBIC)
    blurred = pixels.filter(ImageFilter.GaussianBlur(SOFTENED_PX))
    return np.asarray(blurred, dtype=np.float32) / np.float32(255)


def _true(plan: Plan) -> Pixels:
    return softened(draw(plan), SOFTENED_PX)


def _worst_box_db(drawn: Pixels, plan: Plan) -> float:
    true = _true(plan)
    gaps = []
    for box in boxes(plan):
        rows, columns = (slice(max(v, 0), v + box.side) for v in (box.top, box.left))
        gaps.append(float(np.square(drawn[rows, columns] - true[rows, columns]).mean()))
    return psnr_db(max(gaps))
