"""The model that ships: whole, small, and the same in every form."""

import json
from dataclasses import replace

import pytest
import torch
from diffusers import StableDiffusionPipeline

from stimage.config import DEFAULT_MODEL
from stimage.dice.vocabulary import noun, verb
from stimage.importing.export import save_checkpoint
from stimage.importing.importer import import_model
from stimage.inference.diffusion import DiffusionEngine
from stimage.inference.pipeline import load_pipeline
from stimage.models.catalog import entry
from stimage.models.folder import WEIGHTS, folder_of
from stimage.request import Request
from stimage.training.export import known_words
from stimage.training.scenes.words import COUNTS, NOUNS, VERBS

MINI = folder_of(DEFAULT_MODEL).path


def test_stable_diffusions_own_pipeline_opens_and_draws_with_it():
    pipeline = StableDiffusionPipeline.from_pretrained(MINI, local_files_only=True)
    pipeline.set_progress_bar_config(disable=True)
    image = pipeline("a fox in the snow", num_inference_steps=2).images[0]
    assert image.size == (128, 128)
    assert len(image.getcolors(2**16)) > 100


def test_the_weights_are_small_enough_for_a_repository():
    weights = sum(file.stat().st_size for file in MINI.rglob("*.safetensors"))
    assert weights <= 45e6


def test_its_word_list_is_that_of_its_captions():
    words = json.loads((MINI / "words.json").read_text())
    assert words == known_words()
    assert words["nouns"] == list(NOUNS)
    forms = {noun(name).plural for name in NOUNS} | {verb(name).gerund for name in VERBS}
    assert forms | {name for number, name in COUNTS.items() if number > 1} <= set(words["words"])


def test_the_same_seed_draws_the_same_picture_and_another_one_another():
    engine = DiffusionEngine.load(DEFAULT_MODEL)
    request = Request(prompt="a fox in the snow", seed=3, num_inference_steps=3)
    first, again = (engine.generate(request).image for _ in range(2))
    other = engine.generate(replace(request, seed=4)).image
    assert first.tobytes() == again.tobytes() != other.tobytes()
    assert first.size == (entry(DEFAULT_MODEL).width, entry(DEFAULT_MODEL).height)


@pytest.mark.parametrize("ending", ["ckpt", "safetensors"])
def test_written_as_one_file_and_imported_it_is_the_same_bit_for_bit(ending, tmp_path, monkeypatch):
    file = tmp_path / f"mini.{ending}"
    save_checkpoint(MINI, file)
    before = load_pipeline(DEFAULT_MODEL).pipeline
    request = Request(prompt="two owls at night", seed=5, num_inference_steps=3, guidance_scale=3.0)
    drawn = DiffusionEngine.load(DEFAULT_MODEL).generate(request).image
    monkeypatch.setenv("STIMAGE_MODELS", str(tmp_path / "models"))
    name = import_model(file)
    after = load_pipeline(name).pipeline
    for part in WEIGHTS:
        expected, found = getattr(before, part).state_dict(), getattr(after, part).state_dict()
        assert expected.keys() == found.keys()
        assert all(torch.equal(expected[name], found[name]) for name in expected)
    sentence = "a red fox in the snow"
    assert after.tokenizer(sentence).input_ids == before.tokenizer(sentence).input_ids
    assert dict(after.scheduler.config) == dict(before.scheduler.config)
    assert DiffusionEngine.load(name).generate(request).image.tobytes() == drawn.tobytes()
