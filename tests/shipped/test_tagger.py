"""The small spaCy pipeline: what it knows, what it must not contain, how big it is."""

import json
import re
from pathlib import Path

import pytest

from stimage.dice import Code, roll
from stimage.training.tagger.train import OUT, read_prompts, score_prompts

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / OUT
PROMPTS = ROOT / "tests" / "support" / "data" / "prompts.txt"
MAX_BYTES = 5_000_000
PERSONAL = re.compile(rb"[A-Za-z0-9_.]{2,}@[A-Za-z0-9]{3,}|\+?\d{3}[-. /]\d{3}[-. /]\d{4}")


@pytest.fixture(scope="module")
def nlp():
    spacy = pytest.importorskip("spacy")
    return spacy.load(FOLDER)


def test_the_folder_is_small_and_carries_a_license_and_attribution():
    files = [file for file in FOLDER.rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) <= MAX_BYTES
    assert "Attribution-ShareAlike 4.0" in (FOLDER / "LICENSE").read_text()
    readme = (FOLDER / "README.md").read_text()
    assert "UD_English-EWT" in readme
    assert "Leland" in readme


def test_no_string_of_the_corpus_ships():
    labels = json.loads((FOLDER / "meta.json").read_text())["labels"]
    strings = json.loads((FOLDER / "vocab" / "strings.json").read_text())
    assert set(strings) == {label for found in labels.values() for label in found}
    assert len(strings) < 500
    assert not (FOLDER / "trainable_lemmatizer").exists()
    for file in FOLDER.rglob("*"):
        if file.is_file() and file.name not in ("LICENSE", "model"):  # `model` holds only numbers
            assert not PERSONAL.search(file.read_bytes()), file
    for file in FOLDER.rglob("model"):
        assert not re.search(rb"[A-Za-z0-9._]{3,}@[A-Za-z0-9]{4,}\.[a-z]{2,4}", file.read_bytes())


def test_the_search_for_personal_strings_would_find_some():
    assert PERSONAL.search(b'["Somebody@SOMEWHERE.com"]')
    assert PERSONAL.search(b'["713-555-0100"]')


def test_the_recorded_scores_reach_the_bars():
    scores = json.loads((FOLDER / "scores.json").read_text())
    assert scores["tag_acc"] >= 0.93
    assert scores["pos_acc"] >= 0.939
    assert scores["prompt_nouns_and_verbs"] >= 0.96


def test_the_hand_marked_prompts_are_many_and_half_unknown_to_the_dice():
    prompts = read_prompts(PROMPTS)
    known = set()
    data = json.loads((ROOT / "stimage" / "dice" / "data" / "vocabulary.json").read_text())
    for lemma, noun in data["nouns"].items():
        known |= {lemma, noun["plural"]}
    for base, verb in data["verbs"].items():
        known |= {base, verb["third"], verb["gerund"]}
    marked = [word.lower() for prompt in prompts for _, word, _ in prompt.marks]
    assert len(prompts) >= 150
    assert sum(word not in known for word in marked) >= 0.5 * len(marked)


def test_nouns_and_verbs_of_picture_prompts_are_found(nlp):
    assert score_prompts(nlp, read_prompts(PROMPTS))["prompt_nouns_and_verbs"] >= 0.96


def test_the_tagger_agrees_with_what_the_dice_planned(nlp):
    rolls = [roll(Code(seed=f"A{i:04d}")) for i in range(500)]
    agreed = 0
    for rolled, doc in zip(rolls, nlp.pipe(r.text for r in rolls), strict=True):
        planned = [p for p in rolled.parts if p.slot != "style" and p.pos != "PUNCT"]
        tagged = [(token.text.lower(), token.pos_) for token in doc]
        agreed += all(
            (part.text.lower(), part.pos) == tagged[i]
            for i, part in enumerate(planned)
            if part.pos in ("NOUN", "VERB")
        )
    assert agreed >= 0.99 * len(rolls)
