"""Captions that are wrong in one word: what a discriminator has to tell from true ones."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import replace

from stimage.training.scenes.captions import random_caption
from stimage.training.scenes.plan import Plan, Thing
from stimage.training.scenes.words import (
    COLORED_NOUNS,
    COLORS,
    COUNTS,
    NOUNS,
    PLACES,
    PLAIN,
    STYLES,
    VERBS,
)

Change = Callable[[Plan, random.Random], Plan]
OPPOSITE = {
    "left of": "right of", "right of": "left of", "above": "below", "on top of": "below",
    "below": "above",
}  # fmt: skip


def wrong_caption(plan: Plan, rng: random.Random) -> str:
    """Return a caption in one of many wordings that says one thing which the picture lacks."""
    changed = rng.choice(_changes(plan))(plan, rng)
    return random_caption(changed, rng, complete=True)


def _changes(plan: Plan) -> list[Change]:
    changes: list[Change] = [_other_ground, _other_style]
    if plan.things:
        changes += [_other_noun, _other_noun]
    if len(plan.things) == 1:
        changes += [_other_count]
    if plan.verb:
        changes += [_other_verb]
    if plan.relation in OPPOSITE:
        changes += [_opposite, _opposite]
    if any(thing.color in COLORS and thing.noun in COLORED_NOUNS for thing in plan.things):
        changes += [_other_color]
    return changes


def _other_ground(plan: Plan, rng: random.Random) -> Plan:
    if plan.place and rng.random() < 0.7:
        return replace(plan, place=_other(PLACES, plan.place, rng))
    return replace(plan, place=None, plain=_other(PLAIN, plan.plain, rng))


def _other_noun(plan: Plan, rng: random.Random) -> Plan:
    which = rng.randrange(len(plan.things))
    nouns = [thing.noun for thing in plan.things]
    changed = Thing(rng.choice([noun for noun in NOUNS if noun not in nouns]))
    return replace(plan, things=(*plan.things[:which], changed, *plan.things[which + 1 :]))


def _other_count(plan: Plan, rng: random.Random) -> Plan:
    count = rng.choice([count for count in COUNTS if count != plan.count])
    return replace(plan, count=count, size=None)


def _other_style(plan: Plan, rng: random.Random) -> Plan:
    return replace(plan, style=_other(STYLES, plan.style, rng))


def _other_verb(plan: Plan, rng: random.Random) -> Plan:
    return replace(plan, verb=_other(VERBS, plan.verb, rng))


def _opposite(plan: Plan, _rng: random.Random) -> Plan:
    return replace(plan, relation=OPPOSITE[str(plan.relation)])


def _other_color(plan: Plan, rng: random.Random) -> Plan:
    return replace(
        plan,
        things=tuple(
            Thing(thing.noun, _other(COLORS, thing.color, rng)) if thing.color in COLORS else thing
            for thing in plan.things
        ),
    )


def _other(words: Iterable[str], word: str | None, rng: random.Random) -> str:
    """Return one of `words` that is not `word`."""
    return rng.choice([other for other in words if other != word])
