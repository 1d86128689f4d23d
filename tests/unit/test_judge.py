"""The judge: what the discriminator says of a picture, in words, and where it does not know."""

import shutil
from dataclasses import replace

import pytest
import torch
from PIL import Image

from stimage.__main__ import main
from stimage.errors import ModelError
from stimage.i18n import text
from stimage.images.own_chunks import read_opinion
from stimage.images.png_metadata import write_png
from stimage.inference.gan.engine import GanEngine
from stimage.inference.gan.folder import load_discriminator, load_gan
from stimage.inference.gan.judge import Calibration, Judge, as_pixels, probability, scores_of
from stimage.inference.gan.world import ground_distance, load_grounds, save_grounds
from stimage.models.folder import ModelFolder
from stimage.opinion import Opinion
from stimage.request import Request
from stimage.training.evaluation.calibration import platt, write_calibration
from tests.support.tiny_gan import save_tiny_gan

GROUNDS = torch.zeros(1, 8, 16, 16)
KNOWN = Calibration(  # every picture is known
    real=(1.0, 0.0), fit=(1.0, 0.0), least_db=-100.0, most_distance=1e9
)
FOX, CAT = Image.new("RGB", (200, 128), "orange"), Image.new("RGB", (128, 128), "gray")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = save_tiny_gan(tmp_path_factory.mktemp("gan") / "tiny-gan")
    write_calibration(folder, KNOWN, GROUNDS)
    return folder


def test_its_opinion_is_what_its_scores_mean(folder):
    opinion = Judge.load(folder).opinion(FOX, "a fox")
    scores = scores_of(load_gan(folder), load_discriminator(folder), [FOX], "a fox")
    assert opinion.real == pytest.approx(torch.sigmoid(scores.real).item())
    assert opinion.fit == pytest.approx(torch.sigmoid(scores.fit).item())


@pytest.mark.parametrize("limit", [{"least_db": 99.0}, {"most_distance": 1e-9}])
def test_of_what_its_autoencoder_cannot_draw_or_has_another_ground_it_does_not_know(
    folder, tmp_path, limit
):
    strict = ModelFolder(shutil.copytree(folder.path, tmp_path / "strict"))
    write_calibration(strict, replace(KNOWN, **limit), GROUNDS)
    assert Judge.load(strict).opinion(FOX, "a fox") == Opinion(known=False)


def test_by_its_scores_pictures_of_one_prompt_are_in_its_order(folder):
    pictures = [Image.effect_noise((128, 128), sigma) for sigma in (1, 200, 20, 80)]
    scores = scores_of(load_gan(folder), load_discriminator(folder), pictures, "a fox").total
    judge = Judge.load(folder)
    alone = [judge.opinion(picture, "a fox").score for picture in pictures]
    assert alone == pytest.approx(scores.tolist(), abs=1e-4)


def test_an_engine_loads_its_judge_when_it_is_asked_and_a_picture_keeps_what_it_says(folder):
    engine = GanEngine.load(str(folder.path))
    picture = engine.generate(Request(prompt="a fox", seed=1))
    opinion = engine.opinion(picture.image, "a fox")
    assert opinion == Judge.load(folder).opinion(picture.image, "a fox")
    assert read_opinion(write_png(replace(picture, opinion=opinion))) == opinion
    assert read_opinion(write_png(picture)) is None


def test_how_far_a_picture_is_from_a_ground_is_told_by_its_nearest_cells():
    grounds = torch.stack([torch.full((8, 16, 16), value) for value in (0.0, 5.0)])
    picture = torch.full((1, 8, 16, 16), 5.0)
    picture[..., 8:] = 9.0  # half of it is a thing
    assert ground_distance(picture, grounds) == [0.0]
    assert ground_distance(picture, grounds[:1]) == [25.0]


def test_grounds_come_back_nearly_the_same_and_a_missing_file_is_said(folder, tmp_path):
    bare = ModelFolder(shutil.copytree(folder.path, tmp_path / "bare"))
    grounds = torch.randn((3, 8, 16, 16), generator=torch.Generator().manual_seed(0))
    save_grounds(bare, grounds)
    torch.testing.assert_close(load_grounds(bare), grounds, atol=0.03, rtol=0)
    (bare.part("discriminator") / "grounds.safetensors").unlink()
    with pytest.raises(ModelError) as caught:
        Judge.load(bare)
    assert caught.value.code == "judge_missing"


def test_a_judge_that_was_never_calibrated_is_none(folder, tmp_path):
    bare = ModelFolder(shutil.copytree(folder.path, tmp_path / "bare"))
    (bare.part("discriminator") / "calibration.json").write_text("{}")
    with pytest.raises(ModelError) as caught:
        Judge.load(bare)
    assert caught.value.code == "judge_missing"


def test_the_middle_square_of_a_picture_is_looked_at():
    wide = Image.new("RGB", (300, 100), "white")
    wide.paste("black", (100, 0, 200, 100))
    assert as_pixels(wide, 32).shape == (1, 3, 32, 32)
    assert as_pixels(wide, 32).max() < -0.8  # a filter looks beyond its edge


def test_a_score_means_what_it_separates():
    better, worse = torch.linspace(1, 5, 50), torch.linspace(-1, 3, 200)
    scale = platt(better, worse)
    assert probability(torch.tensor([2.0]), scale) == pytest.approx(0.5, abs=0.05)
    assert probability(torch.tensor([5.0]), scale) > 0.9
    assert probability(torch.tensor([-1.0]), scale) < 0.1
    assert probability(torch.tensor([-1e6]), scale) == pytest.approx(0)


def test_the_command_says_both_in_words(folder, tmp_path, capsys):
    FOX.save(tmp_path / "fox.jpg")
    (folder.path / "words.json").write_text('{"words": ["a", "fox"]}')
    arguments = [str(tmp_path / "fox.jpg"), "a purple fox", "--model", str(folder.path)]
    assert main(["judge", *arguments]) == 0
    opinion = Judge.load(folder).opinion(Image.open(tmp_path / "fox.jpg"), "a purple fox")
    assert capsys.readouterr().out.splitlines() == [
        text("judge.real", share=opinion.real),
        text("judge.fit", share=opinion.fit),
        text("judge.unknown_words", words="purple"),
    ]


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_picture_is_said(folder, tmp_path, capsys, content):
    (tmp_path / "fox.png").write_bytes(content)
    arguments = [str(tmp_path / "fox.png"), "a fox", "--model", str(folder.path)]
    assert main(["judge", *arguments]) == 2
    assert text("picture_unreadable", name="fox.png") in capsys.readouterr().err


@pytest.mark.parametrize("name", ["nowhere.png", "."])
def test_a_missing_file_is_said(folder, tmp_path, capsys, name):
    assert main(["judge", str(tmp_path / name), "a fox", "--model", str(folder.path)]) == 2
    assert capsys.readouterr().err


def test_an_empty_prompt_is_said(folder, tmp_path, capsys):
    CAT.save(tmp_path / "cat.png")
    assert main(["judge", str(tmp_path / "cat.png"), " ", "--model", str(folder.path)]) == 2
    assert "empty" in capsys.readouterr().err
