"""The shapes of a sentence, and the choice of a word for every slot of one.

The subject is free, because absurdity is the fun; the object is bound by the verb's frames, so
that a lion plays a violin and never sneezes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from stimage.dice import rules
from stimage.dice.choice import Choice
from stimage.dice.rules import Locks
from stimage.dice.vocabulary import GUARDED, Noun, Verb, Vocabulary

Plan = dict[str, str]  # slot -> the short name of its word


@dataclass(frozen=True, slots=True)
class Pattern:
    """One shape; `weight` says how often it comes, `place` how often it names one."""

    weight: float
    place: float
    frame: str = ""  # of the verb: "alone", "object" or "preposition"; "" for "is"
    partner: bool = False  # "a fox and an owl"
    relation: bool = False  # "is next to a ..."

    @property
    def slots(self) -> frozenset[str]:
        """All slots the pattern may have."""
        slots = {"pattern", "subject", "character", "look", "place", "light", "style"}
        slots |= {"partner"} if self.partner else set()
        slots |= set() if self.partner or self.relation else {"number"}
        slots |= {"verb", "aspect"} if self.frame else set()
        slots |= {"preposition"} if self.frame == "preposition" else set()
        slots |= {"relation"} if self.relation else set()
        slots |= {"object_number"} if self.frame == "object" else set()
        if self.relation or self.frame in ("object", "preposition"):
            slots |= {"object", "object_look"}
        return frozenset(slots)


PATTERNS: Mapping[str, Pattern] = {
    "alone": Pattern(4, place=0.9, frame="alone"),
    "object": Pattern(5, place=0.6, frame="object"),
    "preposition": Pattern(2, place=0.5, frame="preposition"),
    "two": Pattern(2, place=0.9, frame="alone", partner=True),
    "relation": Pattern(2, place=0.5, relation=True),
    "somewhere": Pattern(1, place=1.0),
    "together": Pattern(1, place=1.0, partner=True),
}
NUMBER_WEIGHTS = {"one": 7.0, "two": 1.5, "three": 1.0, "four": 0.5}
OPTIONAL = {"character": 0.35, "look": 0.35, "object_look": 0.3, "light": 0.3, "style": 0.35}

FREE = frozenset({"place", "light", "style"})  # a lock on these binds no other word before them
MAX_REMEMBERED = 500  # answers about locks


def plan(words: Vocabulary, choice: Choice) -> Plan:
    """Return the chosen words, slot by slot.

    Raises:
        LookupError: when no sentence holds all the locked words, or there are too few words.
    """
    locks = rules.valid_locks(words, choice.code.locks)

    def often(lemma: str) -> float:
        return words.nouns[lemma].weight

    name = choice.word("pattern", possible(words, locks), lambda p: PATTERNS[p].weight)
    pattern, chosen = PATTERNS[name], {"pattern": name}
    chosen["subject"] = choice.word("subject", subjects(words, name, locks), often)
    subject = words.nouns[chosen["subject"]]
    if pattern.partner:
        chosen["partner"] = choice.word("partner", _partners(words, pattern, subject, locks), often)
    if "number" in pattern.slots:
        counts = rules.numbers(words, subject)
        chosen["number"] = choice.word("number", counts, NUMBER_WEIGHTS.__getitem__)
    if pattern.frame:
        _verb(words, choice, chosen, locks)
    if pattern.relation:
        open_ = [r for r in words.relations if _any(rules.others(words, r, subject, locks))]
        chosen["relation"] = choice.word("relation", open_)
        others = rules.others(words, chosen["relation"], subject, locks)
        chosen["object"] = choice.word("object", others, often)
    for slot, lead in (("character", "subject"), ("look", "subject"), ("object_look", "object")):
        if lead in chosen:
            fitting = rules.adjectives(words, slot, words.nouns[chosen[lead]])
            _maybe(choice, chosen, slot, fitting, OPTIONAL[slot])
    _maybe(choice, chosen, "place", rules.places(words, locks), pattern.place)
    _maybe(choice, chosen, "light", rules.lights(words, chosen.get("place")), OPTIONAL["light"])
    _maybe(choice, chosen, "style", words.styles, OPTIONAL["style"])
    return chosen


def possible(words: Vocabulary, locks: Locks) -> tuple[str, ...]:
    """Return the patterns that hold every locked word and for which there are words."""

    def found(binding: Locks) -> Iterator[str]:
        for name, pattern in PATTERNS.items():
            listed = words.patterns is None or name in words.patterns
            if listed and _any(_subjects(words, pattern, binding)):
                yield name

    return _remembered(words, "possible", locks, found)


def subjects(words: Vocabulary, name: str, locks: Locks) -> tuple[str, ...]:
    """Return who may stand first in a pattern, given what is locked."""
    return _remembered(words, name, locks, partial(_subjects, words, PATTERNS[name]))


def _remembered(
    words: Vocabulary, question: str, locks: Locks, answer: Callable[[Locks], Iterator[str]]
) -> tuple[str, ...]:
    """Return the answer to a question about the locks that bind, found once for each."""
    binding = {slot: word for slot, word in locks.items() if slot not in FREE}
    key = (question, *sorted(binding.items()))
    if key not in words.leads:
        if len(words.leads) >= MAX_REMEMBERED:
            words.leads.clear()
        words.leads[key] = tuple(answer(binding))
    return words.leads[key]


def _subjects(words: Vocabulary, pattern: Pattern, locks: Locks) -> Iterator[str]:
    if not set(locks) <= pattern.slots or (pattern.place == 1 and not words.places):
        return
    # The verbs that the locks leave are found once, not for each noun again.
    able = [verb for verb, _ in rules.verbs(words, pattern.frame, (), locks)]
    if pattern.frame and not able:
        return
    for lemma in [locks["subject"]] if "subject" in locks else words.nouns:
        if _leads(words, pattern, words.nouns[lemma], locks, able):
            yield lemma


def leads(words: Vocabulary, chosen: Plan) -> tuple[Noun, ...]:
    """Return the subject, and the partner if there is one."""
    return tuple(words.nouns[chosen[slot]] for slot in ("subject", "partner") if slot in chosen)


def _leads(words: Vocabulary, pattern: Pattern, noun: Noun, locks: Locks, able: list[Verb]) -> bool:
    """Return whether a noun may be the subject; `able` are the verbs to choose from."""
    if not noun.countable or (pattern.frame and not words.acts(noun)):
        return False
    adjectives = [words.adjectives[locks[slot]] for slot in ("character", "look") if slot in locks]
    if not all(rules.suits(adjective, noun) for adjective in adjectives):
        return False
    if locks.get("number", "one") not in rules.numbers(words, noun):
        return False
    if pattern.relation:
        said = [locks["relation"]] if "relation" in locks else words.relations
        return any(_any(rules.others(words, r, noun, locks)) for r in said)
    if pattern.partner:
        return _any(_partners(words, pattern, noun, locks))
    return not pattern.frame or _any(rules.verbs(words, pattern.frame, (noun,), locks, able))


def _partners(words: Vocabulary, pattern: Pattern, noun: Noun, locks: Locks) -> Iterator[str]:
    """Yield the partners with whom there is something to do; a verb only minds persons."""
    to_do: dict[bool, bool] = {}
    for lemma in rules.partners(words, noun, locks, acting=bool(pattern.frame)):
        partner = words.nouns[lemma]
        guarded = partner.kind in GUARDED
        if guarded not in to_do:
            verbs = rules.verbs(words, pattern.frame, (noun, partner), locks)
            to_do[guarded] = not pattern.frame or _any(verbs)
        if to_do[guarded]:
            yield lemma


def _verb(words: Vocabulary, choice: Choice, chosen: Plan, locks: Locks) -> None:
    """Choose the verb, its frame, and what the frame asks for."""
    acting = leads(words, chosen)
    kind = PATTERNS[chosen["pattern"]].frame
    found = {verb.base: frames for verb, frames in rules.verbs(words, kind, acting, locks)}
    chosen["verb"] = choice.word("verb", found, lambda base: words.verbs[base].weight)
    chosen["aspect"] = choice.word("aspect", rules.aspects(words, words.verbs[chosen["verb"]]))
    frames = {frame.preposition: frame for frame in found[chosen["verb"]]}
    frame = frames[choice.word("preposition", frames)]
    if frame.preposition:
        chosen["preposition"] = frame.preposition
    if frame.group:
        chosen["object"] = choice.word("object", rules.objects(words, frame, acting, locks))
    if frame.many:
        counts = [n for n in rules.numbers(words, words.nouns[chosen["object"]]) if n != "one"]
        chosen["object_number"] = choice.word("object_number", counts)


def _maybe(
    choice: Choice, chosen: Plan, slot: str, candidates: Iterable[str], probability: float
) -> None:
    words = list(candidates)
    if words and choice.happens(slot, probability):
        chosen[slot] = choice.word(slot, words)


def _any(items: Iterator[object]) -> bool:
    return any(True for _ in items)
