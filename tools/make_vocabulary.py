"""Make `vocabulary.json` from the hand-chosen words: inflect them and let the pipeline tag them.

    python -m tools.make_vocabulary [--pipeline models/pos-tagger]

A word stays only if the pipeline, shown it in plain sentences, takes it for what it is meant
to be in at least half of them; the others are printed. Needs spaCy and lemminflect.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from stimage import paths
from stimage.dice.english import article
from stimage.dice.vocabulary import PATH

WORDS = paths.DICE_DATA / "words.toml"
PIPELINE = Path("models/pos-tagger")

NOUN_CARRIERS = ("There is {} in the garden.", "I can see {}.", "We painted {} yesterday.")
NOUNS_CARRIERS = ("There are two {} in the garden.", "We painted three {} yesterday.")
THIRD_CARRIERS = ("A fox {} in the garden.", "The small robot {} it at night.")
GERUND_CARRIERS = ("A fox is {} in the garden.", "Two robots are {} it at night.")

Agrees = Callable[[str, str, Iterable[str]], bool]


def make(words: dict[str, Any], agrees: Agrees) -> dict[str, Any]:
    """Return the contents of `vocabulary.json`; `agrees(form, tag, carriers)` has a veto."""
    from lemminflect import getInflection

    exceptions = words["exceptions"]
    mass = set(exceptions["mass"].split())
    marks = {**words["adjective_nouns"], "lively": words["acting"]["lively"]}
    marked = {mark: set(text.split()) for mark, text in marks.items()}

    nouns = {}
    for kind, text in words["nouns"].items():
        for lemma in text.split():
            plural = exceptions["plurals"].get(lemma) or getInflection(lemma, "NNS")[0]
            plural = lemma if lemma in mass else plural
            a = "" if lemma in mass else article(lemma)
            shown = f"{a} {lemma}".strip()
            fits = agrees(shown, "NN", NOUN_CARRIERS)
            if fits and (lemma in mass or agrees(plural, "NNS", NOUNS_CARRIERS)):
                found = sorted(mark for mark, lemmas in marked.items() if lemma in lemmas)
                nouns[lemma] = {"plural": plural, "article": a, "kind": kind}
                nouns[lemma] |= {"marks": found} if found else {}

    verbs = {}
    for base, frames in words["verbs"].items():
        third = exceptions["third_person"].get(base) or getInflection(base, "VBZ")[0]
        gerund = getInflection(base, "VBG")[0]
        if agrees(third, "VBZ", THIRD_CARRIERS) or agrees(gerund, "VBG", GERUND_CARRIERS):
            verbs[base] = {"third": third, "gerund": gerund}
            verbs[base]["frames"] = [_frame(text) for text in dict.fromkeys(frames)]

    adjectives = {
        word: {
            "article": article(word),
            "slot": "character" if sort in ("mood", "size") else "look",
            "fits": entry["kinds"].split(),
        }
        for sort, entry in words["adjectives"].items()
        for word in entry["words"].split()
    }
    groups = {g: [w for w in text.split() if w in nouns] for g, text in words["groups"].items()}
    return {
        "nouns": nouns,
        "verbs": verbs,
        "adjectives": adjectives,
        "groups": groups,
        **{part: words[part] for part in ("places", "lights", "relations", "styles")},
        "skyless": words["light_exceptions"]["skyless"].split(),
        "not_for_persons": words["acting"]["not_for_persons"].split(),
        "person_relations": words["relation_exceptions"]["with_persons"].split(),
        "thing_relations": words["relation_exceptions"]["on_things"].split(),
    }


def _frame(text: str) -> dict[str, Any]:
    """Read "", "food", "juggled many" or "on support"."""
    first, _, second = text.partition(" ")
    if second == "many":
        return {"group": first, "many": True}
    if second:
        return {"preposition": first, "group": second}
    return {"group": first} if first else {}


def tagged_by(pipeline: Path) -> Agrees:
    """Return the veto of the spaCy pipeline in a folder."""
    import spacy

    nlp = spacy.load(pipeline)

    def agrees(form: str, tag: str, carriers: Iterable[str]) -> bool:
        last = form.rsplit(maxsplit=1)[-1]
        docs = list(nlp.pipe(carrier.format(form) for carrier in carriers))
        tags = [token.tag_ for doc in docs for token in doc if token.text == last]
        if 2 * tags.count(tag) < len(docs):
            print(f"left out: {form!r} should be {tag}, is {' '.join(tags)}")
            return False
        return True

    return agrees


def main() -> None:
    """Write `vocabulary.json`."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--pipeline", type=Path, default=PIPELINE)
    pipeline = parser.parse_args().pipeline
    words = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    data = make(words, tagged_by(pipeline) if pipeline.exists() else lambda *_: True)
    PATH.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    counts = ", ".join(f"{len(data[part])} {part}" for part in data if part != "skyless")
    print(f"{PATH.name}: {counts}")


if __name__ == "__main__":
    main()
