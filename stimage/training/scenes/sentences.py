"""Which plan a sentence of the dice asks for, and every picture that would be right for it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace

from stimage.training.scenes.plan import PLACE_VARIANTS, Plan, Thing
from stimage.training.scenes.words import (
    CAT_COLORS,
    COLORED_NOUNS,
    COLORS,
    COUNTS,
    PLACES,
    PLAIN,
    RELATIONS,
    SIZES,
    STYLES,
)

SHIFTS = (-1, 0, 1)  # cells; where a single thing may stand


def plan_of(words: Mapping[str, str], said: Mapping[str, str]) -> Plan | None:
    """Return the plan that a sentence of the dice asks for; None if the scenes never show it.

    What the sentence leaves open (the ground, a color, where a thing stands) stays unset.

    Args:
        words: the dice's plan, slot -> word.
        said: the texts of its place, light, style and relation, by slot.
    """
    subject = Thing(words["subject"], _color(words.get("look")))
    other = words.get("partner") or words.get("object")
    things = (subject, Thing(other, _color(words.get("object_look")))) if other else (subject,)
    grounds = [
        name for name, texts in PLACES.items() if {said.get("place"), said.get("light")} & {*texts}
    ]
    plan = Plan(
        things,
        count={text: n for n, text in COUNTS.items()}.get(words.get("number", "one"), 0),
        relation=_relation(said.get("relation")) if other else None,
        verb=words.get("verb"),
        size=next((size for size in SIZES if size == words.get("character")), None),
        place=grounds[0] if grounds else None,
        style=next((name for name, texts in STYLES.items() if said.get("style") in texts), None),
    )
    return plan if len(grounds) < 2 and _is_in_the_world(plan) else None


def _color(look: str | None) -> str | None:
    return look if look in COLORS or look in CAT_COLORS else None


def _relation(text: str | None) -> str:
    return next((name for name, texts in RELATIONS.items() if text in texts), "and")


def _is_in_the_world(plan: Plan) -> bool:
    """Whether a training picture may show this: `random_plan` sizes only single idle things."""
    single = len(plan.things) == 1 and plan.count == 1
    if plan.size and (not single or plan.verb):
        return False
    return not (plan.verb and len(plan.things) == 2)


def true_plans(plan: Plan) -> Iterator[Plan]:
    """Yield every plan that is right for a sentence: what it leaves open takes every value."""
    grounds = [(plan.place, plan.plain)]
    if grounds == [(None, None)]:
        grounds = [(place, None) for place in PLACES] + [(None, plain) for plain in PLAIN]
    single = len(plan.things) == 1 and plan.count == 1
    shifts = [(shift, 0) for shift in SHIFTS] if single else [(0, 0)]
    colorings = list(itertools.product(*map(_ways, plan.things)))
    for place, plain in grounds:
        for variant in range(PLACE_VARIANTS if place else 1):
            for shift, things in itertools.product(shifts, colorings):
                yield replace(
                    plan, things=things, place=place, plain=plain, variant=variant, shift=shift
                )


def as_trained(plan: Plan) -> Iterator[Plan]:
    """Yield the true plans as often as training shows them: the middle is twice as frequent."""
    for true in true_plans(plan):
        yield true
        if len(plan.things) == 1 and plan.count == 1 and true.shift == (0, 0):
            yield true


def _ways(thing: Thing) -> list[Thing]:
    """Return a thing in every color that its sentence leaves open."""
    if thing.color:
        return [thing]
    if thing.noun == "cat":
        return [Thing("cat", color) for color in ("orange", *CAT_COLORS)]
    if thing.noun in COLORED_NOUNS:
        return [thing, *(Thing(thing.noun, color) for color in COLORS)]
    return [thing]
