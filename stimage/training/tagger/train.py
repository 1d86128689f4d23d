"""Train the small spaCy pipeline of `models/pos-tagger/` (about half an hour on one core).

    python -m stimage.training.tagger.train CORPUS [--stage 2]

Stage 1 learns from the corpus and 4,000 sentences of our own, with words of the dice and of the
corpus. Stages 2 to 4 go on at lower learning rates, and our own sentences, new ones each time,
now use the most frequent 30,000 words of English: so the tagger has met a moose and a pelican.
What ships is the mean of the weights of the last two. They need lemminflect and wordfreq.

CORPUS is a folder with the three files of UD English EWT (`en_ewt-ud-*.conllu`, also as `.xz`):
https://github.com/UniversalDependencies/UD_English-EWT. What ships holds no string of it: the
pipeline has no lemmatizer, and its table of strings holds nothing but the names of its labels.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stimage.training.command import run_command
from stimage.training.tagger.corpus import corpus_docs, frequent_forms, own_docs, word_forms

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

CONFIG = Path(__file__).with_name("tagger.cfg")
WORK = Path("runs/pos-tagger")
OUT = Path("models/pos-tagger")
PROMPTS = Path("tests/support/data/prompts.txt")
STAGES = {  # steps, learning rate, first size of a batch in words, sentences of our own
    1: (1600, 0.001, 300, 4000),
    2: (400, 0.0004, 900, 6000),
    3: (1000, 0.00025, 1200, 8000),
    4: (600, 0.0002, 1200, 20_000),
}


def ship(trained: Path, out: Path) -> None:
    """Copy what is needed to tag and parse; of all strings only the names of the labels."""
    for name in ("tok2vec", "tagger", "morphologizer", "parser", "vocab"):
        shutil.rmtree(out / name, ignore_errors=True)
    shutil.copytree(trained, out, dirs_exist_ok=True)
    meta = json.loads((out / "meta.json").read_text(encoding="utf-8"))
    labels = sorted({label for found in meta["labels"].values() for label in found})
    (out / "vocab" / "strings.json").write_text(json.dumps(labels) + "\n", encoding="utf-8")
    meta |= {
        "name": "stimage_pos_tagger",
        "version": "1.0.0",
        "description": "Tags and parses picture prompts and short English texts.",
        "license": "CC BY-SA 4.0",
        "sources": [
            {
                "name": "UD English EWT 2.16, with sentences of Stimage's own dice",
                "url": "https://github.com/UniversalDependencies/UD_English-EWT",
                "license": "CC BY-SA 4.0",
            }
        ],
    }
    (out / "meta.json").write_text(json.dumps(meta, indent=1) + "\n", encoding="utf-8")


def score(nlp: Language, docs: list[Doc]) -> dict[str, float]:
    """Return spaCy's scores on documents, from their raw text."""
    from spacy.training import Example

    scores: dict[str, Any] = nlp.evaluate([Example(nlp.make_doc(doc.text), doc) for doc in docs])
    keys = ("tag_acc", "pos_acc", "morph_acc", "dep_uas", "dep_las")
    return {key: scores[key] for key in keys}


@dataclass(frozen=True, slots=True)
class Prompt:
    """A picture prompt whose nouns and verbs were marked by hand."""

    text: str
    marks: tuple[tuple[int, str, str], ...]  # offset, word, "NOUN" or "VERB"


def read_prompts(path: Path) -> list[Prompt]:
    """Return the prompts of a file of lines like "An owl/N reads/V." ("#" starts a comment)."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [_prompt(line) for line in lines if line and not line.startswith("#")]


def _prompt(line: str) -> Prompt:
    text, marks = "", []
    for piece in re.split(r"(?<=/[NV])|(?<= )", line):
        word, mark, kind = piece.partition("/")
        if mark:
            marks.append((len(text), word, "NOUN" if kind == "N" else "VERB"))
        text += word
    return Prompt(text, tuple(marks))


def score_prompts(nlp: Language, prompts: list[Prompt]) -> dict[str, float]:
    """Return which share of the marked nouns and verbs is tagged so, alone and in whole prompts."""
    right = []
    for prompt, doc in zip(prompts, nlp.pipe(p.text for p in prompts), strict=True):
        tagged = {(token.idx, token.text, token.pos_) for token in doc}
        right.append([mark in tagged for mark in prompt.marks])
    words = [one for marks in right for one in marks]
    return {
        "prompt_nouns_and_verbs": sum(words) / len(words),
        "prompts_all_right": sum(all(marks) for marks in right) / len(right),
    }


def record_scores(out: Path, corpus: Path) -> dict[str, float]:
    """Score the shipped pipeline on the test set and the prompts; write `scores.json`."""
    import spacy

    nlp = spacy.load(out)
    scores = score(nlp, corpus_docs(corpus, "test"))
    scores |= score_prompts(nlp, read_prompts(PROMPTS))
    scores = {key: round(value, 4) for key, value in scores.items()}
    (out / "scores.json").write_text(json.dumps(scores, indent=1) + "\n", encoding="utf-8")
    return scores


def train_stage(corpus: Path, stage: int) -> None:
    """Train one stage; from the second on it begins with the result of the one before."""
    import spacy
    from spacy.cli.train import train
    from spacy.tokens import DocBin
    from thinc.api import Config

    steps, learn_rate, batch_words, own_sentences = STAGES[stage]
    folder = WORK / f"stage-{stage}"
    folder.mkdir(parents=True, exist_ok=True)
    docs = corpus_docs(corpus, "train")
    forms = word_forms(docs) if stage == 1 else frequent_forms()
    own = own_docs(spacy.blank("en"), own_sentences, forms, seed=stage)
    DocBin(docs=[*docs, *own]).to_disk(folder / "train.spacy")
    DocBin(docs=corpus_docs(corpus, "dev")).to_disk(folder / "dev.spacy")
    config = Config().from_disk(CONFIG, interpolate=False)
    if stage > 1:
        before = WORK / f"stage-{stage - 1}" / "model-best"
        config["components"] = {name: {"source": str(before)} for name in config["nlp"]["pipeline"]}
    config.to_disk(folder / "tagger.cfg")
    overrides = {
        "paths.train": str(folder / "train.spacy"),
        "paths.dev": str(folder / "dev.spacy"),
        "training.max_steps": steps,
        "training.optimizer.learn_rate": learn_rate,
        "training.batcher.size.start": batch_words,
    }
    train(folder / "tagger.cfg", folder, overrides=overrides)


def mean_of(first: Path, second: Path, folder: Path) -> None:
    """Write the pipeline whose weights are the mean of two (model soups, arXiv 2203.05482).

    Both must have begun with the same weights. The mean keeps what each is better at: here the
    corpus's English and that of picture prompts.
    """
    import spacy

    one, two = spacy.load(first), spacy.load(second)
    for name in two.pipe_names:
        layers = zip(one.get_pipe(name).model.walk(), two.get_pipe(name).model.walk(), strict=True)
        for a, b in layers:
            for param in filter(b.has_param, b.param_names):
                b.set_param(param, (a.get_param(param) + b.get_param(param)) / 2)
    two.to_disk(folder)


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, ship, and print the scores on the test set."""
    parser = argparse.ArgumentParser(description="Train models/pos-tagger.")
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--stage", type=int, choices=STAGES, help="go on with this one")
    args = parser.parse_args(arguments)

    for stage in [args.stage] if args.stage else STAGES:
        train_stage(args.corpus, stage)
    last = max(STAGES)
    first, second = (WORK / f"stage-{stage}" / "model-best" for stage in (last - 1, last))
    mean_of(first, second, WORK / "mean")
    ship(WORK / "mean", OUT)
    print(record_scores(OUT, args.corpus))


if __name__ == "__main__":
    run_command(main)
