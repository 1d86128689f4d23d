"""The words of the dice and their forms. Knows no spaCy, no torch, no seed.

`vocabulary.json` is made by `python -m tools.make_vocabulary` from the hand-chosen
words in `words.toml`. The training scenes take their nouns and verbs from here, too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from stimage import paths

PATH = paths.DICE_DATA / "vocabulary.json"
ANIMATE = frozenset({"animal", "creature", "person"})
GUARDED = frozenset({"person", "unknown"})  # of these nothing is said that could hurt


@dataclass(frozen=True, slots=True)
class Noun:
    """A thing that can be drawn."""

    lemma: str
    plural: str
    article: str  # "a" or "an"; "" for what can't be counted
    kind: str  # animal, creature, person, plant, food, drink, vehicle, building, thing, unknown
    marks: frozenset[str] = frozenset()  # of: colored, made, lively
    weight: float = 1.0

    @property
    def countable(self) -> bool:
        """Whether one may say "a ..." and "two ..."."""
        return bool(self.article)


@dataclass(frozen=True, slots=True)
class Frame:
    """What follows a verb: nothing, an object, or a preposition with a noun."""

    group: str = ""  # a key of `Vocabulary.groups`; "" means that the verb stands alone
    preposition: str = ""
    many: bool = False  # the object is always more than one: "juggles three apples"


@dataclass(frozen=True, slots=True)
class Verb:
    """Something that can be seen to be done."""

    base: str
    third: str
    gerund: str
    frames: tuple[Frame, ...] = (Frame(),)
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Adjective:
    """A word before a noun; `slot` is "character" or "look", in this order."""

    word: str
    article: str
    slot: str
    fits: frozenset[str]  # kinds and marks of nouns


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All that a sentence can be made of; each mapping goes from a short name to the words."""

    nouns: Mapping[str, Noun]
    verbs: Mapping[str, Verb]
    adjectives: Mapping[str, Adjective]
    groups: Mapping[str, tuple[str, ...]]
    places: Mapping[str, str]
    lights: Mapping[str, str]
    relations: Mapping[str, str]
    styles: Mapping[str, str]
    skyless: frozenset[str]  # places without weather
    not_for_persons: frozenset[str]  # verbs
    person_relations: frozenset[str]
    thing_relations: frozenset[str]
    known: frozenset[str] | None = None  # every word the model in use has seen; None: no limit
    patterns: frozenset[str] | None = None  # the shapes of sentence it has seen; None: all
    leads: dict[object, tuple[str, ...]] = field(  # who may stand first in a pattern, once asked
        init=False, default_factory=dict, repr=False, compare=False
    )

    def can_say(self, text: str) -> bool:
        """Return whether the model in use knows every word of `text`."""
        return self.known is None or all(word in self.known for word in text.split())

    def acts(self, noun: Noun) -> bool:
        """Return whether the noun may be the one who does something."""
        return noun.kind in ANIMATE or "lively" in noun.marks


def noun(lemma: str) -> Noun:
    """Return a noun of the vocabulary.

    Raises:
        KeyError: when there is no such noun.
    """
    return vocabulary().nouns[lemma]


def verb(base: str) -> Verb:
    """Return a verb of the vocabulary.

    Raises:
        KeyError: when there is no such verb.
    """
    return vocabulary().verbs[base]


@cache
def vocabulary() -> Vocabulary:
    """Return everything the dice knows, read once."""
    return from_json(json.loads(PATH.read_text(encoding="utf-8")))


def from_json(data: Mapping[str, Any]) -> Vocabulary:
    """Return the vocabulary that `vocabulary.json` describes."""
    return Vocabulary(
        nouns={
            lemma: Noun(lemma, n["plural"], n["article"], n["kind"], frozenset(n.get("marks", ())))
            for lemma, n in data["nouns"].items()
        },
        verbs={
            base: Verb(
                base, v["third"], v["gerund"], tuple(Frame(**frame) for frame in v["frames"])
            )
            for base, v in data["verbs"].items()
        },
        adjectives={
            word: Adjective(word, a["article"], a["slot"], frozenset(a["fits"]))
            for word, a in data["adjectives"].items()
        },
        groups={group: tuple(words) for group, words in data["groups"].items()},
        places=data["places"],
        lights=data["lights"],
        relations=data["relations"],
        styles=data["styles"],
        skyless=frozenset(data["skyless"]),
        not_for_persons=frozenset(data["not_for_persons"]),
        person_relations=frozenset(data["person_relations"]),
        thing_relations=frozenset(data["thing_relations"]),
    )
