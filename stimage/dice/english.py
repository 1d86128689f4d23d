"""English forms: articles, numbers, verb agreement. Turns words into tagged parts of a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stimage.dice.vocabulary import Adjective, Noun, Verb

NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4}

# A vowel letter that is spoken as a consonant, and the other way round.
_SPOKEN_AS_CONSONANT = (
    "uni",
    "use",
    "usu",
    "uk",
    "eu",
    "ewe",
    "one",
    "once",
    "uto",
    "ute",
    "ura",
    "uri",
)
_UN_NOT_UNI = ("unin", "unim", "unid")  # an uninvited, an unimpressed, an unidentified
_SILENT_H = ("hour", "honest", "honor", "heir")
_DETERMINERS = frozenset({"a", "an", "the"})


@dataclass(frozen=True, slots=True)
class Part:
    """One word of a sentence with its planned tags.

    `pos` is the universal part of speech, `tag` the Penn tag, `slot` the slot it was chosen
    for ("" for what grammar adds).
    """

    text: str
    pos: str
    tag: str
    slot: str = ""


def article(word: str) -> str:
    """Return "a" or "an" for the word that follows, by how it is spoken in American English."""
    low = word.lower()
    if low.startswith(_SILENT_H):
        return "an"
    if low.startswith(_SPOKEN_AS_CONSONANT) and not low.startswith(_UN_NOT_UNI):
        return "a"
    return "an" if low[:1] in "aeiou" else "a"


def noun_phrase(
    noun: Noun, number: str, adjectives: Sequence[Adjective], slots: Sequence[str]
) -> list[Part]:
    """Return "a red car", "two cars" or "lemonade".

    `slots` names the slots of the number, of each adjective, and of the noun.
    """
    number_slot, *adjective_slots, noun_slot = slots
    many = number != "one"
    parts = []
    if many:
        parts.append(Part(number, "NUM", "CD", number_slot))
    elif noun.countable:
        first = adjectives[0].article if adjectives else noun.article
        parts.append(Part(first, "DET", "DT"))
    parts += [
        Part(adjective.word, "ADJ", "JJ", slot)
        for adjective, slot in zip(adjectives, adjective_slots, strict=True)
    ]
    form, tag = (noun.plural, "NNS") if many else (noun.lemma, "NN")
    return [*parts, Part(form, "NOUN", tag, noun_slot)]


def verb_phrase(verb: Verb, aspect: str, many: bool) -> list[Part]:
    """Return "sleeps", "sleep", "is sleeping" or "are sleeping"."""
    if aspect == "progressive":
        return [be(many), Part(verb.gerund, "VERB", "VBG", "verb")]
    if many:
        return [Part(verb.base, "VERB", "VBP", "verb")]
    return [Part(verb.third, "VERB", "VBZ", "verb")]


def be(many: bool) -> Part:
    """Return "is" or "are"."""
    return Part("are", "AUX", "VBP") if many else Part("is", "AUX", "VBZ")


def phrase(text: str, slot: str) -> list[Part]:
    """Return the tagged words of "on the beach", "to the left of" or "at night"."""
    words = text.split()
    return [_phrase_word(word, first=i == 0, slot=slot) for i, word in enumerate(words)]


def _phrase_word(word: str, *, first: bool, slot: str) -> Part:
    if word in _DETERMINERS:
        return Part(word, "DET", "DT", slot)
    if word == "next":
        return Part(word, "ADV", "RB", slot)
    if first or word in ("of", "to"):
        return Part(word, "ADP", "IN", slot)
    return Part(word, "NOUN", "NNS" if word == "mountains" else "NN", slot)


def written(parts: Sequence[Part]) -> str:
    """Join the parts, with a capital at the start and no space before punctuation."""
    text = "".join(p.text if p.pos == "PUNCT" else f" {p.text}" for p in parts).strip()
    return text[:1].upper() + text[1:]
