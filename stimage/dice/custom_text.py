"""The dice from a person's own text: its nouns and verbs, in the frames in which they stand there.

The text is not kept.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from stimage.dice.blocklist import theme_of
from stimage.dice.english import article
from stimage.dice.tagger import tagger
from stimage.dice.vocabulary import Frame, Noun, Verb, Vocabulary
from stimage.errors import InvalidRequest

if TYPE_CHECKING:
    from spacy.tokens import Token

MAX_CHARS = 5000
MIN_NOUNS, MIN_VERBS = 5, 3  # with fewer, our own words fill up
CUSTOM_WEIGHT = 6.0  # how much more often a word of the text comes than one of ours

_PLAIN = re.compile(r"[a-z]{2,20}")
_TAG = re.compile(r"<[^<>]{0,500}>")
_WORD = re.compile(r"[^\W\d_]+")
_ENGLISH = frozenset(
    "the a an and of to in is are was were it he she they on with for at by".split()
)
_FOREIGN = frozenset(
    "der die das und ist ein eine nicht mit auf den dem im zu von le la les et est un une dans des "
    "du pour el los las y es en una con por il che di e per non si gli nel het een van niet".split()
)  # fmt: skip
_VAGUE = frozenset(
    "thing way time day lot kind sort part one people year minute hour something anything morning "
    "evening week month moment reason idea".split()
)
_HELPERS = frozenset("be have do get go make let want need begin start seem become keep".split())


@dataclass(frozen=True, slots=True)
class CustomVocabulary:
    """What was found in a text, and the vocabulary that the dice now uses."""

    nouns: tuple[str, ...]
    verbs: tuple[str, ...]
    words: Vocabulary


@dataclass(slots=True)
class _Found:
    """Words of a text while it is read."""

    nouns: dict[str, Noun] = field(default_factory=dict)
    alone: set[str] = field(default_factory=set)
    objects: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))


def custom_vocabulary(text: str, base: Vocabulary) -> CustomVocabulary:
    """Return a vocabulary with a text's nouns and verbs, topped up from `base`.

    Raises:
        InvalidRequest: when the text gives no noun or verb.
    """
    found = _read(_cleaned(text), base)
    verbs = _verbs(found)
    if not found.nouns and not verbs:
        raise InvalidRequest("custom_text_without_words")
    return CustomVocabulary(tuple(found.nouns), tuple(verbs), _vocabulary(found, verbs, base))


def _cleaned(text: str) -> str:
    """Return the text without markup.

    Raises:
        InvalidRequest: when it is empty, too long, or not English.
    """
    if len(text) > MAX_CHARS:
        raise InvalidRequest("custom_text_too_long", length=len(text), most=MAX_CHARS)
    plain = " ".join(_TAG.sub(" ", unicodedata.normalize("NFC", text)).split())
    words = [word.lower() for word in _WORD.findall(plain)]
    if not words:
        raise InvalidRequest("custom_text_empty")
    foreign = sum(word in _FOREIGN for word in words)
    if foreign > sum(word in _ENGLISH for word in words) or not any(w.isascii() for w in words):
        raise InvalidRequest("custom_text_not_english")
    return plain


def _read(text: str, base: Vocabulary) -> _Found:
    """Tag and parse the text, and collect what may be used."""
    found = _Found()
    doc = tagger()(text)
    for token in doc:
        if token.pos_ == "NOUN":
            _noun(token, found, base)
    for token in doc:
        if token.pos_ == "VERB":
            _frames(token, found)
    return found


def _noun(token: Token, found: _Found, base: Vocabulary) -> str:
    """Remember a noun; return its lemma, or "" if it is left out."""
    from lemminflect import getInflection, getLemma

    low = token.text.lower()
    lemma: str = getLemma(low, upos="NOUN")[0]
    if not _usable(low) or not _usable(lemma) or lemma in _VAGUE:
        return ""
    if lemma not in found.nouns:
        # What we do not know is guarded like a person: nothing is said of its looks.
        plural = next(iter(getInflection(lemma, "NNS")), "")
        known = base.nouns.get(lemma) or Noun(lemma, plural, "", "unknown")
        if not known.plural:
            return ""
        found.nouns[lemma] = replace(known, weight=CUSTOM_WEIGHT)
    noun = found.nouns[lemma]
    if not noun.article and lemma not in base.nouns and _is_counted(token):
        found.nouns[lemma] = noun = replace(noun, article=article(lemma))
    if token.dep_ == "nsubj":
        found.nouns[lemma] = replace(noun, marks=noun.marks | {"lively"})
    return lemma


def _is_counted(token: Token) -> bool:
    """Return whether a noun stands as one that can be counted, unlike "bread" in "eats bread"."""
    return token.tag_ == "NNS" or any(c.dep_ in ("det", "nummod") for c in token.children)


def _frames(token: Token, found: _Found) -> None:
    """Remember a verb with what follows it in the text; skip what can't be said plainly."""
    from lemminflect import getLemma

    base = getLemma(token.text.lower(), upos="VERB")[0]
    children = {child.dep_: child for child in token.children}
    if not _usable(base) or base in _HELPERS or token.dep_ in ("amod", "aux", "cop"):
        return
    if {"compound:prt", "nsubj:pass", "aux:pass", "xcomp", "ccomp", "iobj", "expl"} & set(children):
        return
    if "obj" in children:
        thing = _lemma_of(children["obj"], found)
        if thing:
            found.objects[base, ""].add(thing)
        return
    if "nsubj" not in children:
        return
    found.alone.add(base)


def _lemma_of(token: Token, found: _Found) -> str:
    from lemminflect import getLemma

    lemma: str = getLemma(token.text.lower(), upos="NOUN")[0]
    return lemma if lemma in found.nouns else ""


def _verbs(found: _Found) -> dict[str, Verb]:
    """Return the verbs with the frames seen in the text, preferred to ours."""
    from lemminflect import getInflection

    frames: dict[str, list[Frame]] = defaultdict(list)
    for base in sorted(found.alone):
        frames[base].append(Frame())
    for base, preposition in sorted(found.objects):
        frames[base].append(Frame(f"custom {base}", preposition))
    verbs = {}
    for base, seen in frames.items():
        third, gerund = getInflection(base, "VBZ"), getInflection(base, "VBG")
        if third and gerund and _usable(third[0]) and _usable(gerund[0]):
            verbs[base] = Verb(base, third[0], gerund[0], tuple(seen), CUSTOM_WEIGHT)
    return verbs


def _vocabulary(found: _Found, verbs: dict[str, Verb], base: Vocabulary) -> Vocabulary:
    """Put the text's words first and fill up from ours where they are few."""
    actors = [noun for noun in found.nouns.values() if base.acts(noun)]
    ours = {} if len(actors) >= MIN_NOUNS else base.nouns
    objects = {w: base.nouns[w] for group in base.groups.values() for w in group}
    groups = {
        f"custom {verb}": tuple(sorted(things)) for (verb, _), things in found.objects.items()
    }
    return replace(
        base,
        nouns={**ours, **objects, **found.nouns},
        verbs=verbs if len(verbs) >= MIN_VERBS else {**base.verbs, **verbs},
        groups={**base.groups, **groups},
        known=None,
        patterns=None,
    )


def _usable(word: str) -> bool:
    return bool(_PLAIN.fullmatch(word)) and not theme_of(word)
