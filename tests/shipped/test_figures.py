"""The figures are real: made by the model, the same every time, with all it takes to make them."""

from __future__ import annotations

import json
import random
import shutil

import msgspec
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

    asked_for = [name for chapter in chapters() for name in figures_of(chapter)]
    assert sorted(asked_for) == sorted(FIGURES)


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
    assert len(entry["notes"]) == len(entry["files"]) == 4
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


def test_the_knobs_have_one_best_setting_that_is_not_at_an_end(tiny_folder, tmp_path):
    make(["knobs"], tiny_folder, tmp_path)
    entry = json.loads((tmp_path / "manifest.json").read_text())["figures"]["knobs"]
    first, second = (control["values"] for control in entry["controls"])
    losses = [float(note.split()[1].rstrip(".")) for note in entry["notes"][0]]
    at = divmod(losses.index(min(losses)), len(second))
    assert 0 < at[0] < len(first) - 1
    assert 0 < at[1] < len(second) - 1


def test_a_picture_is_named_after_its_closest_true_drawing():
    from stimage.training.figures.nearest import names_of, nearest, truths
    from stimage.training.scenes.plan import Plan, Thing

    red, cat = (truths([Plan((Thing(noun),), plain="green")]) for noun in ("apple", "cat"))
    assert nearest(cat[0].image, [*red, *cat])[1] is cat[0]
    assert nearest(cat[0].image, cat)[0] == pytest.approx(0, abs=1e-3)
    found = names_of([cat[0].image, red[0].image, cat[0].image], {"apple": red, "cat": cat})
    assert found == {"cat": 2, "apple": 1}


def drawn_panels():
    """Yield file, box and request of every picture of the page that the studio can draw."""
    for figure in figures().values():
        if isinstance(figure.rows, list) or not figure.drawn:
            continue
        width = figure.cell[0] // figure.panels[0]
        height = figure.cell[1] // figure.panels[1]
        frames = figure.columns * figure.rows
        whole = len(figure.drawn) == len(figure.files)  # one row for all frames of a file
        for row, requests in enumerate(figure.drawn):
            file, frame = (row, last_frame(figure)) if whole else divmod(row, frames)
            left = frame % figure.columns * figure.cell[0]
            top = frame // figure.columns * figure.cell[1]
            for panel, request in enumerate(requests):
                x = left + panel % figure.panels[0] * width
                y = top + panel // figure.panels[0] * height
                if request:
                    yield figure.files[file], (x, y, x + width, y + height), request


def last_frame(figure):
    """Return the frame of the finished picture: the first of attention maps, else the end."""
    last = figure.controls[-1] if figure.controls else None
    return len(last.values) - 1 if last and last.kind == "slider" else 0


@pytest.mark.slow
@pytest.mark.skipif(not (MODEL / "unet").exists(), reason="our model is not here yet")
def test_a_link_of_the_page_gives_a_pupil_the_pages_picture():
    from stimage.inference.diffusion import DiffusionEngine
    from stimage.request import Request

    engine = DiffusionEngine.load(DEFAULT_MODEL)
    every = list(drawn_panels())
    assert len(every) > 60
    for file, box, asked in random.Random(2).sample(every, 10):
        shown = Image.open(EXPLAINER_FIGURES / file).convert("RGB").crop(box)
        drawn = engine.generate(Request.from_mapping(msgspec.to_builtins(asked))).image
        gap = np.abs(np.asarray(shown, float) - np.asarray(drawn, float))
        assert gap.mean() < 6, (file, asked)  # of 255: what WebP and another processor change
