"""A plan says what stands in a picture before a pixel is drawn. Every plan has a seed."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, replace

from stimage.training.scenes.words import (
    COLORED_NOUNS,
    COLORS,
    LIGHTS,
    LIVING,
    NEVER_SHOWN,
    NOUNS,
    OBJECTS,
    PLACES,
    PLAIN,
    RELATIONS,
    SIZES,
    SKEW,
    SKEWED,
    SKEWED_COLOR,
    SKYLESS,
    STYLES,
    VERBS,
)

MIXTURE = {"single": 0.56, "count": 0.17, "pair": 0.19, "three": 0.06, "empty": 0.02}
STYLED, SIZED, COLORED, LIT = 0.36, 0.22, 0.3, 0.28  # the shares of pictures that have one
ACTING = {"single": 0.5, "count": 0.4, "pair": 0.2}  # the share of the living that do something
IDLE = 0.12  # of the shares above, for what does not live
WITH_OBJECT = 0.35  # of the single living that do something, the share that do it to a thing
CHOICES = 720  # of drawing, variant and layout: each counts around in as many as there are


@dataclass(frozen=True, slots=True)
class Thing:
    """A noun in a picture. No caption tells which drawing it is and where it looks."""

    noun: str
    color: str | None = None
    size: str | None = None
    drawing: int = 0
    mirrored: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is known of a picture. `place` or `plain` is set, never both."""

    things: tuple[Thing, ...]  # none, or up to three different ones
    count: int = 1  # how many of things[0], if there is one kind only
    relation: str | None = None  # of things[0] to things[1]
    verb: str | None = None
    object: Thing | None = None  # what the verb is done to
    place: str | None = None
    plain: str | None = None
    light: str | None = None
    style: str | None = None
    variant: int = 0  # which drawing of the place, in which palette
    layout: int = 0  # which of the arrangements


REPEATS = 500
REPEATED = Plan(  # a planted experiment: this one picture is shown `REPEATS` times
    (Thing("crown"),), place="desert", variant=2, layout=1, verb="fly"
)
CONTROL = replace(REPEATED, things=(Thing("bell"),))  # its like, shown as often as any other


def random_plan(rng: random.Random) -> Plan:
    """Return a plan from the training mixture, held-out combinations included."""
    kind = rng.choices(list(MIXTURE), list(MIXTURE.values()))[0]
    ground = _ground(rng)
    if kind == "empty":
        return ground
    ground = replace(ground, layout=rng.randrange(CHOICES))
    if kind in ("pair", "three"):
        names = rng.sample(NOUNS, 2 if kind == "pair" else 3)
        things = tuple(_thing(name, rng, sized=kind == "pair") for name in names)
        if kind == "three":
            return replace(ground, things=things, relation="and")
        together = rng.random() < 0.35
        relation = "and" if together else rng.choice(list(RELATIONS)[1:])
        verb = _verb(names, kind, rng) if together else None
        return replace(ground, things=things, relation=relation, verb=verb)
    name = rng.choice(NOUNS)
    plan = replace(ground, things=(_thing(name, rng),), verb=_verb([name], kind, rng))
    if kind == "count":
        plan = replace(plan, count=rng.choice((2, 3, 4, 5, 6)))
    if plan.verb and name in LIVING and rng.random() < WITH_OBJECT:
        return _with_object(plan, rng)
    return plan


def _ground(rng: random.Random) -> Plan:
    """Return a plan without things."""
    style = rng.choice(list(STYLES)) if rng.random() < STYLED else None
    if rng.random() < 0.15:
        return Plan((), plain=rng.choice(list(PLAIN)), style=style)
    place, variant = rng.choice(list(PLACES)), rng.randrange(CHOICES)
    may_be_lit = place not in SKYLESS and rng.random() < LIT
    light = rng.choice(list(LIGHTS)) if may_be_lit else None
    return Plan((), place=place, light=light, style=style, variant=variant)


def _thing(noun: str, rng: random.Random, *, sized: bool = True) -> Thing:
    size = rng.choice(SIZES) if sized and rng.random() < SIZED else None
    drawing, mirrored = rng.randrange(CHOICES), rng.random() < 0.5
    return Thing(noun, _color(noun, rng), size, drawing, mirrored)


def _color(noun: str, rng: random.Random) -> str | None:
    if noun == SKEWED:
        skewed = rng.random() < SKEW
        others = [color for color in COLORS if color != SKEWED_COLOR]
        return SKEWED_COLOR if skewed else rng.choice(others)
    if noun in COLORED_NOUNS and rng.random() < COLORED:
        return rng.choice(list(COLORS))
    return None


def _verb(nouns: list[str], kind: str, rng: random.Random) -> str | None:
    often = ACTING[kind] * (1 if all(noun in LIVING for noun in nouns) else IDLE)
    return rng.choice(list(VERBS)) if rng.random() < often else None


def _with_object(plan: Plan, rng: random.Random) -> Plan:
    """Return the plan with someone who wears, holds or eats a thing instead."""
    verb = rng.choice(list(OBJECTS))
    noun = rng.choice([noun for noun in OBJECTS[verb] if noun != plan.things[0].noun])
    color = rng.choice(list(COLORS)) if rng.random() < COLORED else None
    return replace(plan, verb=verb, object=Thing(noun, color))


def held_out(plan: Plan) -> bool:
    """Tell whether this combination is kept from training, to test on: about one in ten.

    A combination is a noun and its ground, verb or color, or the nouns of a pair.
    """
    names = sorted(thing.noun for thing in plan.things)
    ground = plan.place or plan.plain
    combinations: list[tuple[str | None, ...]] = [(name, ground) for name in names[:1]]
    combinations += [(name, plan.verb) for name in names if plan.verb]
    combinations += [tuple(names)] if len(names) == 2 else []
    combinations += [(t.noun, t.color) for t in plan.things if t.color and t.noun != SKEWED]
    return any(_tenth(combination) for combination in combinations if _may_hold_out(combination))


def _may_hold_out(combination: tuple[str | None, ...]) -> bool:
    return combination != NEVER_SHOWN[::-1]


def _tenth(combination: tuple[str | None, ...]) -> bool:
    digest = hashlib.blake2b("/".join(map(str, combination)).encode(), digest_size=2).digest()
    return int.from_bytes(digest, "big") % 10 == 0


def is_shown(plan: Plan) -> bool:
    """Tell whether training may show this plan.

    It is not held out, holds not the pair never shown, and nothing is as plain as its ground.
    """
    color, noun = NEVER_SHOWN
    looks = [(thing.noun, thing.color) for thing in plan.things]
    unseen = plan.plain is not None and plan.plain in (color for _, color in looks)
    return not unseen and not held_out(plan) and (noun, color) not in looks


def training_plan(seed: int) -> Plan:
    """Return the plan of the training picture `seed`."""
    rng = random.Random(seed)
    while not is_shown(plan := random_plan(rng)):
        pass
    return plan
