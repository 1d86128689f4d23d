"""What the tagger learns from: the treebank, and sentences of our own as spaCy documents."""

from __future__ import annotations

import lzma
import random
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from stimage.dice.english import Part
from stimage.training.tagger.sentences import Forms, morph, own_sentences

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

FREQUENT_WORDS = 30_000
SENTENCES_PER_DOC = 10
FORM_TAGS = ("NN", "NNS", "JJ", "VBZ", "VBP", "VBG", "VBN")
_TAGS_OF = {"NOUN": ("NN", "NNS"), "VERB": ("VBZ", "VBP", "VBG", "VBN"), "ADJ": ("JJ",)}


def read(corpus: Path, split: str) -> str:
    """Return the CoNLL-U text of "train", "dev" or "test"."""
    path = corpus / f"en_ewt-ud-{split}.conllu"
    if path.exists():
        return path.read_text(encoding="utf-8")
    return lzma.open(path.with_name(f"{path.name}.xz"), "rt", encoding="utf-8").read()


def corpus_docs(corpus: Path, split: str) -> list[Doc]:
    """Return the sentences of a split, ten to a document."""
    from spacy.training.converters import conllu_to_docs

    return list(conllu_to_docs(read(corpus, split), n_sents=SENTENCES_PER_DOC, no_print=True))


def word_forms(docs: list[Doc]) -> Forms:
    """Return the plain small-letter words seen at least twice, by Penn tag."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for token in (t for doc in docs for t in doc if t.tag_ in FORM_TAGS and t.pos_ != "AUX"):
        counts[token.tag_][token.text] += 1
    plain = re.compile(r"[a-z]{3,}")
    return {
        tag: sorted(form for form, n in found.items() if n > 1 and plain.fullmatch(form))
        for tag, found in counts.items()
    }


def frequent_forms() -> Forms:
    """Return forms of the most frequent English words that are mostly nouns, verbs or so."""
    from lemminflect import getAllInflections, getAllLemmas
    from wordfreq import top_n_list

    forms: dict[str, set[str]] = {tag: set() for tag in FORM_TAGS}
    for word in top_n_list("en", FREQUENT_WORDS):
        if not re.fullmatch(r"[a-z]{3,}", word):
            continue
        lemmas = getAllLemmas(word)
        for upos, tags in _TAGS_OF.items():
            only = upos != "ADJ" or set(lemmas) <= {"ADJ", "ADV"}
            if word in lemmas.get(upos, ()) and only:
                inflected = getAllInflections(word, upos)
                for tag in tags:
                    like_past = inflected.get("VBD", ()) if tag == "VBN" else ()
                    forms[tag] |= set((inflected.get(tag) or like_past)[:1])
    return {tag: sorted(found) for tag, found in forms.items()}


def own_docs(nlp: Language, count: int, forms: Forms, seed: int) -> list[Doc]:
    """Return our own sentences, one to three in a document."""
    from spacy.tokens import Doc

    rng, sentences = random.Random(seed), list(own_sentences(count, forms, seed))
    docs = []
    while sentences:
        parts = [part for _ in range(rng.randint(1, 3)) if sentences for part in sentences.pop()]
        docs.append(
            Doc(
                nlp.vocab,
                words=[_cased(parts, i) for i in range(len(parts))],
                spaces=[i + 1 < len(parts) and parts[i + 1].pos != "PUNCT"
                        for i in range(len(parts))],
                tags=[part.tag for part in parts],
                pos=[part.pos for part in parts],
                morphs=[morph(part) for part in parts],
            )
        )  # fmt: skip
    return docs


def _cased(parts: list[Part], i: int) -> str:
    starts = i == 0 or parts[i - 1].text == "."
    return parts[i].text.capitalize() if starts and len(parts) % 3 else parts[i].text
