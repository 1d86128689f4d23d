"""Which plan a sentence of the dice asks for, and every picture that would be right for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from stimage.training.scenes.backgrounds import VARIANTS
from stimage.training.scenes.drawings import drawings_of
from stimage.training.scenes.layout import arrangements
from stimage.training.scenes.plan import Plan, Thing
from stimage.training.scenes.words import (
    COLORED_NOUNS,
    COLORS,
    COUNTS,
    LIGHTS,
    NOUNS,
    OBJECTS,
    PLACES,
    PLAIN,
    RELATIONS,
    SIZE_WORDS,
    SKEWED,
    SKYLESS,
    STYLES,
    VERBS,
)


def plan_of(words: Mapping[str, str], said: Mapping[str, str]) -> Plan | None:
    """Return the plan that a sentence of the dice asks for; None if the scenes never show it.

    What the sentence leaves open (the ground, a color, where a thing stands) stays unset.

    Args:
        words: the dice's plan, slot -> word.
        said: the texts of its place, light, style and relation, by slot.
    """
    verb = words.get("verb")
    acts_on = verb in OBJECTS and "object" in words
    subject = Thing(words["subject"], _color(words.get("look")), _size(words.get("character")))
    other = None if acts_on else words.get("partner") or words.get("object")
    second = (Thing(other, _color(words.get("object_look"))),) if other else ()
    plan = Plan(
        (subject, *second),
        count={text: n for n, text in COUNTS.items()}.get(words.get("number", "one"), 0),
        relation=_named(RELATIONS, said.get("relation")) or "and" if other else None,
        verb=verb if acts_on else _named(VERBS, verb),
        object=Thing(words["object"], _color(words.get("object_look"))) if acts_on else None,
        place=_named(PLACES, said.get("place")),
        light=_named(LIGHTS, said.get("light")),
        style=_named(STYLES, said.get("style")),
    )
    named = {"verb": plan.verb, "place": plan.place, "light": plan.light, "style": plan.style}
    understood = all(named[slot] for slot in named if slot in words)
    return plan if understood and _is_in_the_world(plan) else None


def _named(wordings: Mapping[str, tuple[str, ...]], text: str | None) -> str | None:
    """Return the name under which a wording stands."""
    return next((name for name, texts in wordings.items() if text in texts), None)


def _color(look: str | None) -> str | None:
    return look if look in COLORS else None


def _size(character: str | None) -> str | None:
    return _named(SIZE_WORDS, character)


def _is_in_the_world(plan: Plan) -> bool:
    """Whether a training picture may show this."""
    nouns = all(thing.noun in NOUNS for thing in plan.things)
    colors = all(not t.color or t.noun in COLORED_NOUNS for t in plan.things)
    objects = plan.object is None or plan.object.noun in OBJECTS[str(plan.verb)]
    together = len(plan.things) == 1 or not plan.verb or plan.relation == "and"
    alone = plan.object is None or len(plan.things) == 1
    sky = plan.light is None or plan.place not in SKYLESS
    return nouns and colors and objects and together and alone and sky and plan.count > 0


def grounds(plan: Plan) -> Iterator[Plan]:
    """Yield the plan on every ground that its sentence leaves open, in each of its drawings."""
    open_ = plan.place is None and plan.plain is None
    lit = [place for place in PLACES if not (plan.light and place in SKYLESS)]
    for place in lit if open_ else [plan.place] if plan.place else []:
        for variant in range(VARIANTS):
            yield replace(plan, place=place, variant=variant)
    for plain in PLAIN if open_ and not plan.light else [plan.plain] if plan.plain else []:
        yield replace(plan, plain=plain)


def layouts(plan: Plan) -> Iterator[Plan]:
    """Yield the plan in each of its arrangements."""
    for layout in range(len(arrangements(plan))):
        yield replace(plan, layout=layout)


def looks(thing: Thing, asked: Thing) -> Iterator[Thing]:
    """Yield a thing in every drawing, mirrored and not; `asked` is what its sentence says."""
    for drawing in range(len(drawings_of(asked.noun))):
        for mirrored in (False, True):
            yield replace(thing, drawing=drawing, mirrored=mirrored)


def colors(thing: Thing, asked: Thing) -> Iterator[Thing]:
    """Yield a thing in every color that its sentence leaves open."""
    yield thing
    if asked.color is None and asked.noun in COLORED_NOUNS:
        own = () if asked.noun == SKEWED else (None,)  # every one of these has a color
        yield from (replace(thing, color=color) for color in (*own, *COLORS))
