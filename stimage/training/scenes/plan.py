"""A plan says what stands in a picture before a pixel is drawn. Every plan has a seed."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, replace

from stimage.training.scenes.words import (
    CAT_COLORS,
    COLORED_NOUNS,
    COLORS,
    LIVING,
    NEVER_SHOWN,
    NOUNS,
    ORANGE_CATS,
    PLACES,
    PLAIN,
    RELATIONS,
    SIZES,
    STYLES,
    VERBS,
)

MIXTURE = {"single": 0.62, "count": 0.16, "pair": 0.19, "empty": 0.03}
STYLED = 0.28  # the share of pictures with a style
SIZED = 0.16  # of single things without a verb, the share that is small or big
PLACE_VARIANTS = 4  # drawings of each place


@dataclass(frozen=True, slots=True)
class Thing:
    """One sprite's noun and, if it is tinted, its color."""

    noun: str
    color: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is known of a picture. `place` or `plain` is set, never both."""

    things: tuple[Thing, ...]  # none, one, or two different ones
    count: int = 1  # how many of things[0], if there is one kind only
    relation: str | None = None  # of things[0] to things[1]
    verb: str | None = None
    size: str | None = None
    place: str | None = None
    plain: str | None = None
    style: str | None = None
    variant: int = 0  # which drawing of the place
    shift: tuple[int, int] = (0, 0)  # of a single thing, in cells of 8 pixels


REPEATS = 500
REPEATED = Plan(  # a planted experiment: this one picture is shown `REPEATS` times
    (Thing("crown"),), place="desert", variant=2, shift=(1, -1), verb="fly"
)


def random_plan(rng: random.Random) -> Plan:
    """Return a plan from the training mixture, held-out combinations included."""
    kind = rng.choices(list(MIXTURE), list(MIXTURE.values()))[0]
    place, plain = (rng.choice(list(PLACES)), None) if rng.random() < 0.7 else (None, _plain(rng))
    style = rng.choice(list(STYLES)) if rng.random() < STYLED else None
    variant = rng.randrange(PLACE_VARIANTS)
    ground = Plan((), place=place, plain=plain, style=style, variant=variant)
    if kind == "empty":
        return ground
    if kind == "pair":
        first, second = rng.sample(NOUNS, 2)
        relation = "and" if rng.random() < 0.35 else rng.choice(list(RELATIONS)[1:])
        both = (_thing(first, rng), _thing(second, rng))
        return replace(ground, things=both, relation=relation)
    noun = rng.choice(NOUNS)
    verb = rng.choice(VERBS) if rng.random() < (0.45 if noun in LIVING else 0.15) else None
    if kind == "count":
        things = (_thing(noun, rng),)
        return replace(ground, things=things, count=rng.choice((2, 3, 4)), verb=verb)
    size = rng.choice(SIZES) if verb is None and rng.random() < SIZED else None
    shift = (rng.choice((-1, 0, 0, 1)), 0)
    return replace(ground, things=(_thing(noun, rng),), verb=verb, size=size, shift=shift)


def _plain(rng: random.Random) -> str:
    return rng.choice(list(PLAIN))


def _thing(noun: str, rng: random.Random) -> Thing:
    if noun == "cat":
        orange = rng.random() < ORANGE_CATS
        return Thing(noun, "orange" if orange else rng.choice(list(CAT_COLORS)))
    if noun in COLORED_NOUNS and rng.random() < 0.5:
        return Thing(noun, rng.choice(list(COLORS)))
    return Thing(noun)


def held_out(plan: Plan) -> bool:
    """Tell whether this combination is kept from training, to test on: about one in ten.

    A combination is a noun and its ground, verb or color, or the two nouns of a pair.
    """
    names = sorted(thing.noun for thing in plan.things)
    ground = plan.place or plan.plain
    combinations: list[tuple[str | None, ...]] = [(name, ground) for name in names]
    combinations += [(name, plan.verb) for name in names if plan.verb]
    combinations += [tuple(names)] if len(names) == 2 else []
    combinations += [(t.noun, t.color) for t in plan.things if t.color and t.noun != "cat"]
    return any(_tenth(combination) for combination in combinations if _may_hold_out(combination))


def _may_hold_out(combination: tuple[str | None, ...]) -> bool:
    return combination != NEVER_SHOWN[::-1]


def _tenth(combination: tuple[str | None, ...]) -> bool:
    digest = hashlib.blake2b("/".join(map(str, combination)).encode(), digest_size=2).digest()
    return int.from_bytes(digest, "big") % 10 == 0


def is_shown(plan: Plan) -> bool:
    """Tell whether training may show this plan: not held out, and not the pair never shown."""
    color, noun = NEVER_SHOWN
    return not held_out(plan) and Thing(noun, color) not in plan.things


def training_plan(seed: int) -> Plan:
    """Return the plan of the training picture `seed`."""
    rng = random.Random(seed)
    while not is_shown(plan := random_plan(rng)):
        pass
    return plan
