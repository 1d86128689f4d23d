"""The GAN that ships: whole, small, and it draws and judges what its card says."""

import json
from dataclasses import replace

import pytest
from PIL import Image

from stimage.config import DEFAULT_MODEL, GAN_MODEL
from stimage.inference.gan.judge import Judge
from stimage.inference.loading import load_engine
from stimage.models.catalog import entry
from stimage.models.folder import folder_of
from stimage.models.library import find
from stimage.request import Request
from stimage.training.evaluation import gan_card

FOLDER = folder_of(GAN_MODEL)
FOX = Request(prompt="a fox in the forest", seed=3)


@pytest.fixture(scope="module")
def engine():
    return load_engine(GAN_MODEL)


@pytest.fixture(scope="module")
def judge():
    return Judge.load(FOLDER)


def test_generator_and_discriminator_are_small_enough_for_a_repository():
    parts = ("generator", "discriminator")
    files = [file for part in parts for file in FOLDER.part(part).iterdir()]
    assert sum(file.stat().st_size for file in files) <= 15e6


def test_it_is_in_the_catalog_and_every_clone_has_it():
    folder, found = find(GAN_MODEL)
    assert (folder, found) == (FOLDER, entry(GAN_MODEL))
    assert (found.width, found.height) == (entry(DEFAULT_MODEL).width, entry(DEFAULT_MODEL).height)


def test_it_knows_the_words_of_the_other_model_that_ships():
    assert FOLDER.words.read_bytes() == folder_of(DEFAULT_MODEL).words.read_bytes()


def test_the_same_seed_draws_the_same_picture_and_another_one_another(engine):
    first, again = (engine.generate(FOX).image for _ in range(2))
    other = engine.generate(replace(FOX, seed=4)).image
    assert first.tobytes() == again.tobytes() != other.tobytes()
    assert first.size == (128, 128)


def test_its_judge_tells_right_words_from_wrong_ones_and_what_it_does_not_know(engine, judge):
    image = engine.generate(FOX).image
    right = judge.opinion(image, FOX.prompt)
    wrong = judge.opinion(image, "two bananas on a blue background")
    assert right.fit > 0.5 > wrong.fit
    assert not judge.opinion(Image.effect_noise((128, 128), 80), FOX.prompt).known


def test_its_card_says_what_was_measured():
    written = (FOLDER.path / "README.md").read_text()
    data = written.partition("## Training data")[2].split()
    pictures = " ".join(data[data.index("Emoji.") + 1 : data.index("##")])
    assert gan_card.card(FOLDER.path, pictures) == written
    judged = json.loads((FOLDER.training / "judge.json").read_text())
    assert f"{judged['good_above_bad']['GAN']['auc']['whole score']:.2f}" in written
