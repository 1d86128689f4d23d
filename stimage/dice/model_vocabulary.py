"""The part of the vocabulary that a small model has learned, read from its `words.json`.

    {"words": [...], "nouns": [...], "verbs": [...], "places": [...], "colors": [...],
     "styles": [...], "colored": [...]}

`words` are all words of its captions; the other lists name what it can draw. Such a model has
seen verbs only without an object, one place or light at a time, and colors only on the nouns
under `colored` (if that list is missing: on all that our vocabulary colors).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from stimage.dice.vocabulary import Adjective, Frame, Noun, Vocabulary, vocabulary
from stimage.models.folder import ModelFolder

PATTERNS = frozenset({"alone", "relation", "somewhere", "together"})
GRAMMAR = frozenset({"a", "an", "the", "is", "are", "and"})


@lru_cache(maxsize=4)
def vocabulary_of(model: ModelFolder) -> Vocabulary:
    """Return the words that the model in a folder can draw; all, if it does not list any."""
    try:
        learned = json.loads(model.words.read_text(encoding="utf-8"))
        small = within(vocabulary(), learned)
    except (OSError, ValueError, TypeError, AttributeError):
        return vocabulary()
    return small if small.nouns and small.places else vocabulary()


def within(whole: Vocabulary, learned: Mapping[str, Any]) -> Vocabulary:
    """Return the vocabulary without what is not in `learned` (see the module's head)."""
    lists = {key: {str(word).lower() for word in learned.get(key, ())} for key in learned}
    nouns, verbs, colors = (lists.get(key, set()) for key in ("nouns", "verbs", "colors"))
    listed, styles = lists.get("places", set()), lists.get("styles", set())
    said = set().union(*(words.split() for found in lists.values() for words in found))
    known = frozenset(lists.get("words", said)) | said | GRAMMAR
    colored = lists.get("colored")

    def spoken(phrases: Mapping[str, str]) -> dict[str, str]:
        return {name: text for name, text in phrases.items() if set(text.split()) <= known}

    places = {n: text for n, text in whole.places.items() if {n, text} & listed}
    return replace(
        whole,
        nouns={lemma: _marked(n, colored) for lemma, n in whole.nouns.items() if lemma in nouns},
        verbs={
            base: replace(verb, frames=(Frame(),))
            for base, verb in whole.verbs.items()
            if {base, verb.third, verb.gerund} & verbs and Frame() in verb.frames
        },
        adjectives={w: a for w, a in whole.adjectives.items() if _fits(a, colors, known)},
        groups={},
        places=places,
        lights={n: text for n, text in whole.lights.items() if {n, text} & listed},
        skyless=frozenset(places),
        relations=spoken(whole.relations),
        styles={name: text for name, text in whole.styles.items() if text in styles},
        known=known,
        patterns=PATTERNS,
    )


def _marked(noun: Noun, colored: set[str] | None) -> Noun:
    marks = noun.marks - {"lively"}
    if colored is not None:
        marks = marks | {"colored"} if noun.lemma in colored else marks - {"colored"}
    return replace(noun, marks=marks)


def _fits(adjective: Adjective, colors: set[str], known: Iterable[str]) -> bool:
    return adjective.word in (colors if "colored" in adjective.fits else known)
