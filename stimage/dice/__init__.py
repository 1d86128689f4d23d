"""The dice: a random English sentence worth drawing, the same again for the same code.

Rolling takes under a millisecond or two and imports neither spaCy nor torch; the words were
tagged once, when `vocabulary.json` was made.
"""

from __future__ import annotations

from dataclasses import dataclass

from stimage.dice.choice import Choice
from stimage.dice.code import Code, parse
from stimage.dice.english import Part, be, noun_phrase, phrase, verb_phrase, written
from stimage.dice.grammar import Plan, plan
from stimage.dice.vocabulary import Vocabulary, vocabulary
from stimage.errors import InvalidRequest

__all__ = ["Code", "Part", "Roll", "parse", "roll", "sentence"]


@dataclass(frozen=True, slots=True)
class Roll:
    """One rolled sentence."""

    code: Code
    plan: Plan  # slot -> the short name of the word in it
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """The sentence, with capital and full stop."""
        return written(self.parts)


def roll(code: Code | None = None, words: Vocabulary | None = None) -> Roll:
    """Roll a sentence: from a code, or from a seed nobody chose.

    Raises:
        InvalidRequest: when the locked words of the code do not fit together.
    """
    code = code or Code()
    words = words or vocabulary()
    try:
        chosen = plan(words, Choice(code))
    except LookupError:
        raise InvalidRequest("dice_locks_do_not_fit") from None
    return Roll(code, chosen, tuple(sentence(words, chosen)))


def sentence(words: Vocabulary, chosen: Plan) -> list[Part]:
    """Put a plan into English, word by word with its tags."""
    parts = _noun(words, chosen, "number", ("character", "look"), "subject")
    if "partner" in chosen:
        parts += [Part("and", "CCONJ", "CC"), *_noun(words, chosen, "", (), "partner")]
    many = "partner" in chosen or chosen.get("number", "one") != "one"
    if "verb" in chosen:
        parts += verb_phrase(words.verbs[chosen["verb"]], chosen["aspect"], many)
    else:
        parts.append(be(many))
    if "preposition" in chosen:
        parts.append(Part(chosen["preposition"], "ADP", "IN", "preposition"))
    if "relation" in chosen:
        parts += phrase(words.relations[chosen["relation"]], "relation")
    if "object" in chosen:
        parts += _noun(words, chosen, "object_number", ("object_look",), "object")
    for slot, phrases in (("place", words.places), ("light", words.lights)):
        if slot in chosen:
            parts += phrase(phrases[chosen[slot]], slot)
    if "style" in chosen:
        parts += [Part(",", "PUNCT", ","), Part(words.styles[chosen["style"]], "X", "FW", "style")]
    return [*parts, Part(".", "PUNCT", ".")]


def _noun(
    words: Vocabulary, chosen: Plan, number: str, looks: tuple[str, ...], slot: str
) -> list[Part]:
    said = [look for look in looks if look in chosen]
    adjectives = [words.adjectives[chosen[look]] for look in said]
    count = chosen.get(number, "one")
    return noun_phrase(words.nouns[chosen[slot]], count, adjectives, [number, *said, slot])
