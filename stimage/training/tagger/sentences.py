"""Sentences for the tagger whose tags are known because we built them: rolls and captions.

News, mails and reviews hardly ever say "a fox plays chess" or "two cats sleeping, oil painting";
a tagger that has only read those takes *plays* for a noun.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence

from stimage.dice import Code, roll
from stimage.dice.english import Part, article
from stimage.dice.vocabulary import vocabulary

Forms = Mapping[str, Sequence[str]]  # Penn tag -> word forms

POS = {
    "NN": "NOUN", "NNS": "NOUN", "JJ": "ADJ", "VBZ": "VERB", "VBP": "VERB", "VBG": "VERB",
    "VBN": "VERB", "IN": "ADP", "DT": "DET", "CD": "NUM", "CC": "CCONJ", ",": "PUNCT",
    ".": "PUNCT",
}  # fmt: skip
MORPHS = {
    "NN": "Number=Sing", "NNS": "Number=Plur", "JJ": "Degree=Pos",
    "VBZ": "Mood=Ind|Number=Sing|Person=3|Tense=Pres|VerbForm=Fin",
    "VBP": "Mood=Ind|Number=Plur|Person=3|Tense=Pres|VerbForm=Fin",
    "VBG": "Tense=Pres|VerbForm=Part", "VBN": "Tense=Past|VerbForm=Part",
    "CD": "NumForm=Word|NumType=Card",
}  # fmt: skip
PREPOSITIONS = [
    "in",
    "on",
    "at",
    "under",
    "near",
    "by",
    "behind",
    "above",
    "through",
    "across",
    "over",
    "with",
    "beside",
]
JOINED = [
    "of",
    "in",
    "by",
    "with",
    "like",
    "as",
    "from",
    "to",
]  # after a participle: "covered in", "made of"
STYLES = (
    "pixel art", "oil painting", "watercolor", "pencil sketch", "studio photograph", "soft light",
    "paper collage", "still life", "vintage poster", "golden hour",
)  # fmt: skip


def own_sentences(count: int, corpus: Forms, seed: int) -> Iterator[list[Part]]:
    """Yield tagged sentences: half of them rolls of the dice, half captions.

    Args:
        count: how many.
        corpus: word forms of the corpus by Penn tag; they teach the tagger to read the shape of
            a caption even where it does not know the words.
        seed: gives the same sentences again.
    """
    rng = random.Random(seed)
    ours = _our_forms()
    for i in range(count):
        if i % 2:
            rolled = roll(Code(seed=f"T{seed}{i:04d}")).parts
            parts = [tagged for part in rolled for tagged in _split_style(part)]
            yield parts if i % 4 == 1 else _with_words_of(corpus, parts, rng)
        else:
            yield _Captions(rng, corpus if i % 8 else ours).caption()


def morph(part: Part) -> str:
    """Return the morphological features of a part as Universal Dependencies writes them."""
    if part.pos == "DET":
        return f"Definite={'Def' if part.text == 'the' else 'Ind'}|PronType=Art"
    return MORPHS.get(part.tag, "")


def _split_style(part: Part) -> list[Part]:
    if part.slot != "style":
        return [part]
    return [_word(word, "CC" if word == "and" else "JJ" if word in _STYLE_JJ else "NN")
            for word in part.text.split()]  # fmt: skip


_STYLE_JJ = frozenset({"black", "white", "comic", "stained", "vintage"})


def _word(text: str, tag: str) -> Part:
    return Part(text, POS[tag], tag)


def _our_forms() -> Forms:
    words = vocabulary()
    nouns = [n for n in words.nouns.values() if n.countable]
    return {
        "NN": [n.lemma for n in nouns],
        "NNS": [n.plural for n in nouns],
        "VBZ": [v.third for v in words.verbs.values()],
        "VBP": [v.base for v in words.verbs.values()],
        "VBG": [v.gerund for v in words.verbs.values()],
        "VBN": [
            "made",
            "covered",
            "filled",
            "dressed",
            "shaped",
            "painted",
            "surrounded",
            "decorated",
        ],
        "JJ": list(words.adjectives),
    }


def _with_words_of(corpus: Forms, parts: Sequence[Part], rng: random.Random) -> list[Part]:
    """Return the same sentence with some of its nouns, verbs and adjectives exchanged."""
    swapped = [
        _word(rng.choice(corpus[p.tag]), p.tag)
        if p.slot in ("subject", "partner", "object", "verb", "character", "look")
        and rng.random() < 0.6
        else p
        for p in parts
    ]
    for i, part in enumerate(swapped[:-1]):
        if part.text in ("a", "an"):
            swapped[i] = _word(article(swapped[i + 1].text), "DT")
    return swapped


class _Captions:
    """Builds the phrases of captions out of word forms."""

    def __init__(self, rng: random.Random, forms: Forms) -> None:
        self.rng, self.forms = rng, forms

    def caption(self) -> list[Part]:
        shapes: list[Callable[[], list[Part]]] = [
            *[self.clause] * 4, self.progressive, self.participle, self.participle,
            self.passive, self.of, self.plain,
        ]  # fmt: skip
        parts = self.rng.choice(shapes)()
        if self.maybe(0.25):
            parts += [_word(",", ","), *(_word(w, _style_tag(w)) for w in self.style())]
        return [*parts, _word(".", ".")] if self.maybe(0.5) else parts

    def clause(self) -> list[Part]:
        many = self.maybe(0.3)
        verb = self.one("VBP") if many else self.one("VBZ")
        return [*self.noun(many), verb, *self.rest()]

    def progressive(self) -> list[Part]:
        many = self.maybe(0.3)
        be = Part("are", "AUX", "VBP") if many else Part("is", "AUX", "VBZ")
        return [*self.noun(many), be, self.one("VBG"), *self.rest()]

    def participle(self) -> list[Part]:
        return [*self.noun(self.maybe(0.3)), self.one("VBG"), *self.rest()]

    def passive(self) -> list[Part]:
        joined = _word(self.rng.choice(JOINED), "IN")
        return [*self.noun(), self.one("VBN"), joined, *self.noun(self.maybe(0.4)), *self.where()]

    def of(self) -> list[Part]:
        return [*self.noun(), _word("of", "IN"), *self.noun(self.maybe(0.6)), *self.where()]

    def plain(self) -> list[Part]:
        return [*self.noun(self.maybe(0.2)), _word("and", "CC"), *self.noun(), *self.where()]

    def rest(self) -> list[Part]:
        return [*(self.noun(self.maybe(0.25)) if self.maybe(0.5) else []), *self.where()]

    def where(self) -> list[Part]:
        if self.maybe(0.35):
            return []
        return [_word(self.rng.choice(PREPOSITIONS), "IN"), *self.noun(self.maybe(0.15))]

    def noun(self, many: bool = False) -> list[Part]:
        before = [self.one("JJ")] if self.maybe(0.3) else []
        before += [self.one("NN")] if self.maybe(0.22) else []
        words = [*before, self.one("NNS" if many else "NN")]
        if many:
            number = [_word(self.rng.choice(("two", "three", "four", "five")), "CD")]
            return [*number, *words] if self.maybe(0.6) else words
        the = "the" if self.maybe(0.3) else article(words[0].text)
        return [_word(the, "DT"), *words]

    def one(self, tag: str) -> Part:
        return _word(self.rng.choice(self.forms[tag]), tag)

    def style(self) -> list[str]:
        return self.rng.choice(STYLES).split()

    def maybe(self, probability: float) -> bool:
        return self.rng.random() < probability


def _style_tag(word: str) -> str:
    return "JJ" if word in ("soft", "still", "vintage", "golden") else "NN"
