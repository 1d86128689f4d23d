"""The figures are real: made by the model, the same every time, with all it takes to make them."""

from __future__ import annotations

import json
import random
import shutil

import numpy as np
import pytest
from PIL import Image

from stimage.config import DEFAULT_MODEL
from stimage.explainer.chapters import chapters, figures_of
from stimage.explainer.manifest import figures
from stimage.paths import EXPLAINER_FIGURES, SHIPPED_MODELS

pytest.importorskip("torch")
MODEL = SHIPPED_MODELS / DEFAULT_MODEL


@pytest.fixture(scope="module")
def artist(tiny_folder):
    from stimage.training.figures.artist import Artist

    return Artist(tiny_folder)


def make(names, model, out):
    from stimage.training.figures.__main__ import make as command

    return command(names, model, out)


def pixels(path):
    return np.asarray(Image.open(path).convert("RGB"))


def test_a_chapter_asks_for_each_figure_that_the_command_makes():
    from stimage.training.figures.__main__ import FIGURES

    asked = [name for chapter in chapters() for name in figures_of(chapter)]
    assert sorted(asked) == sorted(FIGURES)


def test_a_drawing_is_told_from_its_start_to_its_end(artist):
    moments = list(artist.moments(["fox"], [1], steps=5))
    assert len(moments) == 6
    assert (moments[0].now == artist.noise([1])).all()
    assert moments[0].now.shape == moments[-1].expected.shape == (1, *artist.shape)


def test_the_figures_draw_what_the_pipeline_draws(artist, tiny_folder):
    import torch
    from diffusers import DDIMScheduler, StableDiffusionPipeline

    pipeline = StableDiffusionPipeline.from_pretrained(
        tiny_folder, dtype=torch.float32, safety_checker=None
    )
    pipeline.scheduler = DDIMScheduler.from_config(pipeline.scheduler.config)
    pipeline.set_progress_bar_config(disable=True)
    drawn = pipeline(
        "fox", num_inference_steps=4, guidance_scale=3, generator=torch.Generator().manual_seed(7)
    ).images[0]
    ours = artist.draw(["fox"], [7], steps=4, guidance=3)[0]
    difference = np.abs(np.asarray(drawn, dtype=int) - np.asarray(ours, dtype=int))
    assert difference.max() <= 1


def test_another_seed_gives_another_picture_and_the_same_seed_the_same(artist):
    first, again, other = (np.asarray(artist.draw(["cat"], [s], steps=2)[0]) for s in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


def test_attention_has_one_map_for_each_token_and_sums_to_one(artist):
    image, maps = artist.attention("cat fox", seed=1)
    assert image.size == (artist.side, artist.side)
    assert maps.shape == (artist.tokenizer.model_max_length, *artist.shape[1:])
    assert maps.sum(0).numpy() == pytest.approx(1, abs=1e-4)


def test_listening_to_attention_changes_no_pixel(artist):
    image, _ = artist.attention("cat fox", seed=1)
    assert (np.asarray(image) == np.asarray(artist.draw(["cat fox"], [1])[0])).all()


def test_making_a_figure_twice_gives_the_same_pixels_and_keeps_the_others(tiny_folder, tmp_path):
    assert make(["overview", "parts"], tiny_folder, tmp_path) == []
    before = pixels(tmp_path / "overview.webp")
    assert make(["overview"], tiny_folder, tmp_path) == []
    assert (pixels(tmp_path / "overview.webp") == before).all()
    assert set(json.loads((tmp_path / "manifest.json").read_text())["figures"]) == {
        "overview",
        "parts",
    }


def test_a_figure_carries_all_it_takes_to_make_it_again(tiny_folder, tmp_path):
    make(["overview"], tiny_folder, tmp_path)
    entry = json.loads((tmp_path / "manifest.json").read_text())["figures"]["overview"]
    assert {"prompt", "seed", "steps", "guidance", "scheduler", "model_hash"} <= set(entry["made"])
    assert entry["command"] == "python -m stimage.training.figures --only overview"


def test_what_training_has_not_left_is_named_in_a_sentence(tiny_folder, tmp_path):
    sentences = make(["parts", "losses", "limits"], tiny_folder, tmp_path)
    assert [sentence.split(":")[0] for sentence in sentences] == ["losses", "limits"]
    assert "losses.csv is missing. The training writes it." in sentences[0]
    assert (tmp_path / "parts.svg").exists()


def test_the_loss_curve_is_drawn_from_the_logged_numbers(tiny_folder, tmp_path):
    model = tmp_path / "model"
    shutil.copytree(tiny_folder, model)
    (model / "training").mkdir()
    rows = [f"{i},{32 * i},{1 / i},{1 / i},{2 / i},{1 / i}" for i in range(1, 500)]
    head = "step,samples,loss,loss_low,loss_mid,loss_high"
    (model / "training/losses.csv").write_text("\n".join([head, *rows]))
    assert make(["losses"], model, tmp_path / "out") == []
    entry = json.loads((tmp_path / "out/manifest.json").read_text())["figures"]["losses"]
    assert "from 2.00 to 0.0" in entry["alt"]


def test_a_training_picture_goes_from_clean_to_noise_as_the_plan_says(tiny_folder, tmp_path):
    make(["noising"], tiny_folder, tmp_path)
    entry = json.loads((tmp_path / "manifest.json").read_text())["figures"]["noising"]
    notes = entry["notes"][0]
    assert len(notes) == 21
    assert notes[0].split()[2] == "1.00"
    assert notes[-1].split()[2] == "0.00"  # zero terminal SNR
    kept = [float(note.split()[2]) for note in notes]
    assert kept == sorted(kept, reverse=True)


@pytest.mark.slow
@pytest.mark.skipif(not (MODEL / "unet").exists(), reason="our model is not here yet")
def test_three_figures_made_again_look_the_same(tmp_path):
    names = [name for name, figure in figures().items() if figure.files]
    chosen = random.Random(1).sample(names, 3)
    assert make(chosen, MODEL, tmp_path) == []
    for name in chosen:
        for file in figures()[name].files:
            if file.endswith(".webp"):
                shipped = pixels(EXPLAINER_FIGURES / file).astype(int)
                gap = np.abs(pixels(tmp_path / file).astype(int) - shipped)
                assert gap.mean() < 0.5, file  # levels of 255; processors round differently
            else:
                assert (tmp_path / file).read_text() == (EXPLAINER_FIGURES / file).read_text()
