"""The dice judged by others than its author: two grammar checkers, which are themselves judged."""

import random
import re

import pytest

from stimage.dice import Code, roll
from stimage.dice.vocabulary import vocabulary
from tests.support.judges import harper, link_grammar

LINK_GRAMMAR = pytest.mark.skipif(
    not link_grammar.installed(), reason="link-grammar is not installed (apt-get install)"
)
HARPER = pytest.mark.skipif(
    not harper.installed(), reason="harper.js is not installed (npm install harper.js)"
)
# What Harper says of right English: it wants an Oxford comma in ", black and white", and takes
# neighbors for one word.
NEIGHBORS = {"blue fish", "cat naps", "cow hides", "dragon fly", "glass house", "green house"}
HARPER_IS_WRONG = {(words, "WordChoice") for words in NEIGHBORS | {"red bird"}}
HARPER_IS_WRONG.add(("black", "Style"))


def sentences(count):
    return [roll(Code(seed=f"{i:05d}")).text for i in range(count)]


def complaints(texts):
    return [
        (text, found["kind"], found["text"], found["message"])
        for text, lints in zip(texts, harper.findings(texts), strict=True)
        for found in lints
        if (found["text"], found["kind"]) not in HARPER_IS_WRONG
    ]


@LINK_GRAMMAR
def test_link_grammar_parses_the_sentences():
    assert len(link_grammar.unparsed(sentences(300))) <= 3


@pytest.mark.slow
@LINK_GRAMMAR
def test_link_grammar_parses_ten_thousand_sentences():
    bad = link_grammar.unparsed(sentences(10_000))
    assert len(bad) <= 50, bad[:50]


@HARPER
def test_harper_finds_nothing():
    assert complaints(sentences(60)) == []


@pytest.mark.slow
@pytest.mark.timeout(3600)
@HARPER
def test_harper_finds_nothing_in_ten_thousand_sentences():
    assert complaints(sentences(10_000)) == []


def other_article(text):
    if re.search(r"\b(A|a) [a-z]", text):
        return re.sub(r"\b([Aa]) (?=[a-z])", r"\1n ", text, count=1)
    return re.sub(r"\b([Aa])n (?=[a-z])", r"\1 ", text, count=1)


def singular_after_number(text):
    nouns = {n.plural: n.lemma for n in vocabulary().nouns.values() if n.plural != n.lemma}
    return re.sub(
        r"\b(two|three|four) (?:\w+ )*?(\w+)\b",
        lambda m: m[0].removesuffix(m[2]) + nouns.get(m[2], m[2]), text, count=1, flags=re.I,
    )  # fmt: skip


def base_for_third(text):
    thirds = {v.third: v.base for v in vocabulary().verbs.values()}
    return re.sub(r"\b\w+\b", lambda m: thirds.get(m[0], m[0]), text, count=0)


def swapped_be(text):
    return re.sub(r"\b(is|are)\b", lambda m: {"is": "are", "are": "is"}[m[1]], text, count=1)


def no_determiner(text):
    after = r"\b(under|in|on|near|behind|by|\w+ing|\w+s) an? (?=\w)"  # not "and": "a fox and owl"
    return re.sub(after, r"\1 ", text, count=1)


MUTATIONS = {  # what is broken, and the least share that the judges together must see
    other_article: ("harper", 0.9),
    base_for_third: ("link", 0.85),
    swapped_be: ("link", 0.75),
    singular_after_number: ("link", 0.85),
    no_determiner: ("link", 0.6),
}


@pytest.mark.slow
@LINK_GRAMMAR
@HARPER
@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: m.__name__)
def test_the_judges_see_planted_errors(mutation):
    judge, least = MUTATIONS[mutation]
    broken = [new for old in sentences(2000) if (new := mutation(old)) != old]
    broken = random.Random(1).sample(broken, 60)
    if judge == "link":
        seen = len(link_grammar.unparsed(broken))
    else:
        seen = len({text for text, *_ in complaints(broken)})
    assert seen >= least * len(broken), f"{seen} of {len(broken)}"
