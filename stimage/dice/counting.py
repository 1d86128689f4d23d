"""How many different sentences there are: counted slot by slot, not estimated."""

from __future__ import annotations

from stimage.dice import rules
from stimage.dice.grammar import PATTERNS, Pattern
from stimage.dice.vocabulary import GUARDED, Frame, Noun, Vocabulary


def count_sentences(words: Vocabulary) -> int:
    """Return how many sentences the dice can write with these words."""
    names = PATTERNS if words.patterns is None else words.patterns
    return sum(_count(words, PATTERNS[name]) for name in names)


def _count(words: Vocabulary, pattern: Pattern) -> int:
    nouns = [n for n in words.nouns.values() if n.countable]
    leads = [n for n in nouns if words.acts(n) or not pattern.frame]
    ends = _ends(words, nouns) if pattern.relation else {}
    looks = {n.lemma: 1 + _adjectives(words, "object_look", n) for n in words.nouns.values()}
    total = 0
    for subject in leads:
        said = (1 + _adjectives(words, "character", subject)) * (
            1 + _adjectives(words, "look", subject)
        )
        if "number" in pattern.slots:
            said *= len(rules.numbers(words, subject))
        if pattern.relation:
            said *= ends[subject.kind] - _relations(words, subject, subject)
        elif pattern.partner:
            said *= _partners(words, pattern, subject, [n for n in leads if n != subject])
        elif pattern.frame:
            said *= _verbs(words, pattern, (subject,), looks)
        total += said
    return total * _grounds(words, pattern) * (1 + len(words.styles))


def _ends(words: Vocabulary, nouns: list[Noun]) -> dict[str, int]:
    """Return for each kind of subject how many relations and other ends there are."""
    one_of_each = {noun.kind: noun for noun in nouns}
    return {
        kind: sum(_relations(words, subject, noun) for noun in nouns)
        for kind, subject in one_of_each.items()
    }


def _relations(words: Vocabulary, subject: Noun, other: Noun) -> int:
    meeting = sum(rules.may_meet(words, relation, subject, other) for relation in words.relations)
    return meeting * (1 + _adjectives(words, "object_look", other))


def _adjectives(words: Vocabulary, slot: str, noun: Noun) -> int:
    return len(rules.adjectives(words, slot, noun))


def _partners(words: Vocabulary, pattern: Pattern, subject: Noun, partners: list[Noun]) -> int:
    """Sum over the partners; what they may do depends only on whether one is a person."""
    if not pattern.frame:
        return len(partners)
    one_of_each = {noun.kind in GUARDED: noun for noun in partners}
    verbs = {p: _verbs(words, pattern, (subject, n), {}) for p, n in one_of_each.items()}
    return sum(verbs[noun.kind in GUARDED] for noun in partners)


def _verbs(
    words: Vocabulary, pattern: Pattern, leads: tuple[Noun, ...], looks: dict[str, int]
) -> int:
    return sum(
        len(rules.aspects(words, verb)) * sum(_frame(words, f, leads, looks) for f in frames)
        for verb, frames in rules.verbs(words, pattern.frame, leads, {})
    )


def _frame(words: Vocabulary, frame: Frame, leads: tuple[Noun, ...], looks: dict[str, int]) -> int:
    if not frame.group:
        return 1
    return sum(
        looks[lemma] * (len(rules.numbers(words, words.nouns[lemma])) - 1 if frame.many else 1)
        for lemma in rules.objects(words, frame, leads, {})
    )


def _grounds(words: Vocabulary, pattern: Pattern) -> int:
    """Count the places with their lights, and the lights without a place."""
    with_place = sum(1 + len(rules.lights(words, place)) for place in words.places)
    return with_place if pattern.place == 1 else with_place + 1 + len(words.lights)
