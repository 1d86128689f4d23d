"""The examples: prompts to begin with, and pictures that the shipped model really drew."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from stimage.config import DEFAULT_MODEL
from stimage.models.folder import ModelFolder
from stimage.models.prompt_words import unknown_words, words_beyond_limit
from stimage.paths import ROOT
from stimage.request import Request
from stimage.ui.studio.examples import EXAMPLES, FOLDER
from tools.draw_examples import SIDE_PX

MODEL = ROOT / "models" / DEFAULT_MODEL
drawn = pytest.mark.skipif(
    not MODEL.exists(), reason="models/stimage-mini is not here: python -m stimage.training"
)


def test_there_are_at_least_twelve_and_no_two_are_alike():
    assert len(EXAMPLES) >= 12
    assert len({example.prompt for example in EXAMPLES}) == len(EXAMPLES)
    assert len({example.picture for example in EXAMPLES}) == len(EXAMPLES)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.prompt)
def test_every_example_is_a_request_as_it_stands(example):
    assert Request(prompt=example.prompt, seed=example.seed).prompt == example.prompt


@drawn
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.prompt)
def test_the_model_knows_every_word_of_every_example(example):
    assert unknown_words(example.prompt, ModelFolder(MODEL)) == []
    assert words_beyond_limit(example.prompt, ModelFolder(MODEL)) == []


@drawn
def test_the_folder_holds_a_small_picture_of_every_example_and_nothing_else():
    assert {file.name for file in FOLDER.glob("*.webp")} == {e.picture for e in EXAMPLES}
    for example in EXAMPLES:
        file = FOLDER / example.picture
        assert Image.open(file).size == (SIDE_PX, SIDE_PX)
        assert file.stat().st_size < 20_000


@drawn
def test_the_pictures_were_drawn_by_the_model_that_ships():
    from stimage.inference.diffusion import DiffusionEngine

    engine = DiffusionEngine.load(DEFAULT_MODEL)
    record = json.loads((FOLDER / "made_with.json").read_text(encoding="utf-8"))
    assert record["model_hash"] == engine.model_hash
    assert record["pictures"].keys() == {example.picture for example in EXAMPLES}
    example = EXAMPLES[0]
    again = engine.generate(Request(prompt=example.prompt, seed=example.seed)).image
    kept = Image.open(FOLDER / example.picture).convert("RGB")
    difference = np.abs(np.asarray(again.resize(kept.size), float) - np.asarray(kept, float))
    assert difference.mean() < 6  # of 255: only what WebP and another processor change
