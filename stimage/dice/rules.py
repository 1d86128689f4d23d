"""Which words may meet: grammar, sense and good taste. Everything is allowed that is not listed.

`locks` maps slots to words that must be in the sentence; each rule keeps only what leaves room
for them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from stimage.dice.english import NUMBERS
from stimage.dice.vocabulary import ANIMATE, GUARDED, Adjective, Frame, Noun, Verb, Vocabulary

Locks = Mapping[str, str]


def valid_locks(words: Vocabulary, locks: Locks) -> dict[str, str]:
    """Return the locks whose words the vocabulary still has."""
    known = {
        "number": NUMBERS,
        "object_number": NUMBERS,
        "aspect": ("simple", "progressive"),
        "verb": words.verbs,
        "preposition": [f.preposition for v in words.verbs.values() for f in v.frames],
        "relation": words.relations,
        "place": words.places,
        "light": words.lights,
        "style": words.styles,
        **dict.fromkeys(("subject", "partner", "object"), words.nouns),
        **dict.fromkeys(("character", "look", "object_look"), words.adjectives),
    }
    return {slot: word for slot, word in locks.items() if word in known.get(slot, ())}


def numbers(words: Vocabulary, noun: Noun) -> list[str]:
    """Return how many of a noun there may be."""
    return [n for n in NUMBERS if n == "one" or words.can_say(f"{n} {noun.plural}")]


def aspects(words: Vocabulary, verb: Verb) -> list[str]:
    """Return "simple" and "progressive", as far as the forms can be said."""
    simple = words.can_say(verb.base) and words.can_say(verb.third)
    return ["simple"] * simple + ["progressive"] * words.can_say(verb.gerund)


def suits(adjective: Adjective, noun: Noun) -> bool:
    """Return whether the adjective may be said of the noun: no looks or bodies of persons."""
    if noun.kind == "person":
        return "person" in adjective.fits
    return noun.kind in adjective.fits or not noun.marks.isdisjoint(adjective.fits)


def adjectives(words: Vocabulary, slot: str, noun: Noun) -> list[str]:
    """Return the adjectives that fit a noun; `slot` is "character", "look" or "object_look"."""
    sort = slot.removeprefix("object_")
    return [a.word for a in words.adjectives.values() if a.slot == sort and suits(a, noun)]


def lights(words: Vocabulary, place: str | None) -> list[str]:
    """Return the lights and the weather that a place may have."""
    return [] if place in words.skyless else list(words.lights)


def places(words: Vocabulary, locks: Locks) -> list[str]:
    """Return the places; with a locked light only those that have weather."""
    return [p for p in words.places if "light" not in locks or p not in words.skyless]


def frame_kind(frame: Frame) -> str:
    """Return "alone", "object" or "preposition"."""
    if not frame.group:
        return "alone"
    return "preposition" if frame.preposition else "object"


def verbs(
    words: Vocabulary,
    kind: str,
    leads: tuple[Noun, ...],
    locks: Locks,
    among: Iterable[Verb] | None = None,
) -> Iterator[tuple[Verb, list[Frame]]]:
    """Yield the verbs for the subject (and partner), each with its possible frames of a kind."""
    guarded = any(noun.kind in GUARDED for noun in leads)
    candidates = words.verbs.values() if among is None else among
    for verb in [words.verbs[locks["verb"]]] if "verb" in locks else candidates:
        if (guarded and verb.base in words.not_for_persons) or not aspects(words, verb):
            continue
        frames = [f for f in verb.frames if frame_kind(f) == kind and _open(words, f, leads, locks)]
        if frames:
            yield verb, frames


def _open(words: Vocabulary, frame: Frame, leads: tuple[Noun, ...], locks: Locks) -> bool:
    """Return whether a frame has room for what is locked, and an object at all."""
    return (
        locks.get("preposition", frame.preposition) == frame.preposition
        and ("object_number" not in locks or frame.many)
        and (not frame.group or any(True for _ in objects(words, frame, leads, locks)))
    )


def objects(
    words: Vocabulary, frame: Frame, leads: tuple[Noun, ...], locks: Locks
) -> Iterator[str]:
    """Yield what the verb may be done to, or where; never the subject's own word."""
    group = words.groups.get(frame.group, ())
    taken = {noun.lemma for noun in leads}
    for lemma in _locked_or_all(locks, "object", group):
        if lemma not in taken and _look_fits(words, words.nouns[lemma], locks):
            yield lemma


def others(words: Vocabulary, relation: str, subject: Noun, locks: Locks) -> Iterator[str]:
    """Yield the nouns that may be at the other end of a relation."""
    hurts = subject.kind in GUARDED and relation not in words.person_relations
    if hurts or locks.get("relation", relation) != relation:
        return
    # Things stand last in the vocabulary, and with them most relations are possible.
    for lemma in reversed(tuple(_locked_or_all(locks, "object", words.nouns))):
        noun = words.nouns[lemma]
        other = lemma != subject.lemma and noun.countable
        if other and may_meet(words, relation, subject, noun) and _look_fits(words, noun, locks):
            yield lemma


def may_meet(words: Vocabulary, relation: str, subject: Noun, other: Noun) -> bool:
    """Return whether a relation between two nouns is harmless and can be drawn."""
    if subject.kind in GUARDED or other.kind in GUARDED:
        return relation in words.person_relations
    return relation not in words.thing_relations or other.kind not in ANIMATE


def partners(words: Vocabulary, subject: Noun, locks: Locks, *, acting: bool) -> Iterator[str]:
    """Yield who may stand beside the subject, or act together with it."""
    for lemma in _locked_or_all(locks, "partner", words.nouns):
        noun = words.nouns[lemma]
        if lemma != subject.lemma and noun.countable and (words.acts(noun) or not acting):
            yield lemma


def _locked_or_all(locks: Locks, slot: str, lemmas: Collection[str]) -> Collection[str]:
    """Return the locked word alone if it is among them, none if it is not, all without a lock."""
    if slot not in locks:
        return lemmas
    return [locks[slot]] if locks[slot] in lemmas else []


def _look_fits(words: Vocabulary, noun: Noun, locks: Locks) -> bool:
    return "object_look" not in locks or suits(words.adjectives[locks["object_look"]], noun)
