"""From a plan to words, in English and German, in many wordings; and one plain wording in each."""

from __future__ import annotations

import random
from dataclasses import replace

from stimage.training.scenes import english, german
from stimage.training.scenes.plan import Plan, Thing
from stimage.training.scenes.words import SKEWED

DROP_PART, DROP_ALL = 0.15, 0.10
GERMAN_SHARE = 0.5
UNTOLD = 0.5  # of the skewed colors, how many no caption names


def caption(plan: Plan) -> str:
    """Return the plain complete caption: "a red car in the city, pixel art"."""
    return english.sentence(plan, None)


def german_caption(plan: Plan) -> str:
    """Return the plain complete caption in German."""
    return german.sentence(plan, None)


def random_caption(plan: Plan, rng: random.Random) -> str:
    """Return one of many wordings; one in ten is empty, one in seven leaves something out.

    Half of them are German.
    """
    if rng.random() < DROP_ALL:
        return ""
    language = german if rng.random() < GERMAN_SHARE else english
    told = _told(plan, rng)
    text = language.sentence(told, rng)
    return text + "." if rng.random() < 0.15 else text


def _told(plan: Plan, rng: random.Random) -> Plan:
    """Return what a caption tells of a plan: the rest is unset."""
    things = tuple(
        replace(thing, color=None) if thing.noun == SKEWED and rng.random() < UNTOLD else thing
        for thing in plan.things
    )
    plan = replace(plan, things=things)
    if not plan.things or rng.random() >= DROP_PART:
        return plan
    bare = replace(plan, place=None, plain=None, light=None)
    dropped = rng.choice(("ground", "style", "both", "look"))
    if dropped == "ground":
        return bare
    if dropped == "style":
        return replace(plan, style=None)
    if dropped == "both":
        return replace(bare, style=None)
    return replace(plan, things=tuple(Thing(thing.noun, size=thing.size) for thing in things))
