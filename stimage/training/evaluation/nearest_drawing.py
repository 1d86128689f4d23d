"""A judge that learns nothing: which of several true drawings is a picture closest to?

For each question the alternatives are all drawings that differ from what was asked in one respect
alone: the noun, the ground, the number, the verb, the relation or the style. A picture is right
if the closest of them shows what was asked for. It is an easy question: a green blob may be closer
to a dragon than to anything else. How good a picture looks, `closest` measures.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from stimage.training.evaluation.closest import soft
from stimage.training.pixels import to_images, to_pixels
from stimage.training.scenes.plan import Plan, Thing
from stimage.training.scenes.sentences import true_plans
from stimage.training.scenes.words import COUNTS, NOUNS, PLACES, PLAIN, STYLES, VERBS
from stimage.training.scenes.wrong import OPPOSITE

Pixels = NDArray[np.float32]
Answers = Iterator[Plan]  # plans as sentences ask for them: what they leave open is unset


def nouns(plan: Plan) -> Answers:
    """Yield the plan with every other noun in place of one of its own."""
    yield plan
    for which, noun in itertools.product(range(len(plan.things)), NOUNS):
        if all(noun != thing.noun for thing in plan.things):
            things = list(plan.things)
            things[which] = Thing(noun)
            yield replace(plan, things=tuple(things))


def grounds(plan: Plan) -> Answers:
    """Yield the plan on every ground."""
    yield from (replace(plan, place=place, plain=None) for place in PLACES)
    yield from (replace(plan, place=None, plain=plain) for plain in PLAIN)


def counts(plan: Plan) -> Answers:
    """Yield the plan with one to four of its thing."""
    yield from (replace(plan, count=count) for count in COUNTS)


def verbs(plan: Plan) -> Answers:
    """Yield the plan with every verb, and with none."""
    yield from (replace(plan, verb=verb) for verb in (None, *VERBS))


def relations(plan: Plan) -> Answers:
    """Yield the plan and its opposite."""
    yield plan
    yield replace(plan, relation=OPPOSITE[str(plan.relation)])


def styles(plan: Plan) -> Answers:
    """Yield the plan in every style, and in none."""
    yield from (replace(plan, style=style) for style in (None, *STYLES))


ALTERNATIVES: dict[str, Callable[[Plan], Answers]] = {
    "single noun": nouns,
    "two nouns": nouns,
    "count": counts,
    "place": grounds,
    "verb": verbs,
    "relation": relations,
    "style": styles,
}


def is_right(image: Image.Image, plan: Plan, question: str) -> bool:
    """Whether the closest true drawing shows what was asked for.

    Args:
        image: a picture that was drawn for the plan.
        plan: what was asked for, with what its sentence leaves open unset.
        question: of `ALTERNATIVES`.
    """
    drawn = soft(image)
    scored = (
        (float(np.square(_true(true) - drawn).mean()), answer == plan)
        for answer in ALTERNATIVES[question](plan)
        for true in true_plans(answer)
    )
    return min(scored)[1]


@lru_cache(maxsize=4000)
def _true(plan: Plan) -> Pixels:
    return soft(to_images(to_pixels([plan]))[0])


def share_right(images: Sequence[Image.Image], plan: Plan, question: str) -> float:
    """Return the share of pictures of one plan that are right."""
    return float(np.mean([is_right(image, plan, question) for image in images]))
