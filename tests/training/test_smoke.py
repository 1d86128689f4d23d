"""Every stage, the evaluation, the card, the figures and the export on a handful of pictures."""

import functools
import json

import pytest
from diffusers import StableDiffusionPipeline

from stimage.inference.gan.folder import load_discriminator
from stimage.inference.gan.judge import Judge
from stimage.inference.pipeline import load_pipeline
from stimage.models.folder import ModelFolder
from stimage.training import export, export_gan
from stimage.training.evaluation import card, closest, gan_card
from stimage.training.evaluation import gan as gan_evaluation
from stimage.training.evaluation import judge as judge_evaluation
from stimage.training.evaluation.evaluate import draw, measure
from stimage.training.evaluation.questions import QUESTIONS
from stimage.training.figures.__main__ import FIGURES, make
from stimage.training.judge import drawings
from stimage.training.judge import export as judge_export
from stimage.training.judge import train as judge_training
from stimage.training.stages import autoencoder, decoder, detector, gan, latents, tokenizer, unet
from stimage.training.stages.detector import load_detector

COLUMNS = "step,seconds,loss,samples,loss_low,loss_mid,loss_high"
FEW = ["--steps", "2", "--batch", "2"]
FEW_CROPS = ["--steps", "2", "--batch", "4", "--normalize-on", "4"]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A folder in which every stage has run."""
    runs = tmp_path_factory.mktemp("runs")
    parts = {name: str(runs / name) for name in ("autoencoder", "latents", "tokenizer")}
    autoencoder.main(["--out", parts["autoencoder"], *FEW_CROPS])
    tokenizer.main(["--out", parts["tokenizer"]])
    latents.main(["--autoencoder", parts["autoencoder"], "--out", parts["latents"], "--count", "4"])
    named = [word for name, path in parts.items() for word in (f"--{name}", path)]
    unet.main([*named, "--out", str(runs / "unet"), *FEW, "--snapshot-steps", "1"])
    decoder.main(["--autoencoder", parts["autoencoder"], "--out", str(runs / "decoder"), *FEW])
    detector.main(["--out", str(runs / "detector"), *FEW, "--unseen", "8"])
    return runs


@pytest.fixture(scope="module")
def model(runs):
    """The model folder that the last stage writes."""
    out = runs / "model"
    arguments = ["--runs", str(runs), "--out", str(out), "--ckpt", str(runs / "model.ckpt")]
    parts = ["--autoencoder", str(runs / "autoencoder"), "--tokenizer", str(runs / "tokenizer")]
    export.main([*arguments, *parts])
    return out


def test_what_is_exported_draws_in_the_app(model):
    loaded = load_pipeline(str(model))
    assert loaded.pipeline("a fox", num_inference_steps=1).images[0].size == (128, 128)
    assert model.with_name("model.ckpt").stat().st_size > 10**7
    assert json.loads((model / "words.json").read_text())["nouns"][:2] == ["cat", "dog"]


def test_training_goes_on_from_what_was_exported(runs, model):
    parts = ["--autoencoder", str(model / "vae"), "--tokenizer", str(model / "tokenizer")]
    shared = ["--latents", str(runs / "latents"), "--out", str(runs / "again")]
    begin = ["--begin", str(model), "--snapshot-steps", "1"]
    (model / "training" / "losses.csv").write_text(f"{COLUMNS}\n2,1.0,0.5,4,1,1,1\n")
    unet.main([*parts, *shared, *begin, *FEW])
    taken = json.loads((runs / "again" / "snapshots" / "snapshots.json").read_text())
    assert taken["steps"] == [0, 2, 4]


def test_the_evaluation_fills_every_row_of_the_card(runs, model):
    pipeline = StableDiffusionPipeline.from_pretrained(model)
    pipeline.set_progress_bar_config(disable=True)
    result = measure(
        pipeline,
        load_detector(runs / "detector"),
        4,
        pictures=4,
        pool=4,
        experiments=2,
        draw=functools.partial(draw, num_inference_steps=1),
    )
    result |= {"steps": 1, "guidance_scale": 4.0}
    result["detector_right"] = json.loads((runs / "detector" / "validity.json").read_text())
    rows = result["rows"]
    assert {f"{name}{more}" for name in QUESTIONS for more in ("", ", held out")} <= {*rows}
    assert all(0 <= row["right"] <= 1 for name, row in rows.items() if "minus" not in name)
    (model / "training" / "evaluation.json").write_text(json.dumps(result))
    closest.main(["--model", str(model), "--sentences", "4", "--seeds", "2", "--steps", "1"])
    log = f"{COLUMNS}\n1,1.0,0.5,2,1,1,1\n2,2.0,0.4,4,1,1,1\n"
    (model / "training" / "losses.csv").write_text(log)
    card.main(["--model", str(model), "--latents", str(runs / "latents")])
    text = (model / "README.md").read_text()
    assert "{" not in text.split("## Training data")[0]
    assert "| all sentences |" in text
    assert text.count("| single noun") == 2


def test_every_figure_is_made_or_says_what_it_lacks(model, tmp_path):
    quick = [name for name in FIGURES if name in ("progress", "guessing", "losses", "limits")]
    assert make(quick, model, tmp_path) == []
    listed = json.loads((tmp_path / "manifest.json").read_text())["figures"]
    assert set(listed) == set(quick)


def test_the_gan_is_trained_exported_measured_and_goes_on(runs, model):
    out, shared = runs / "stimage-gan", ["--base", str(model), "--latents", str(runs / "latents")]
    gan.main([*shared, "--out", str(runs / "gan"), *FEW])
    export_gan.main(["--run", str(runs / "gan"), "--base", str(model), "--out", str(out)])
    assert sum(file.stat().st_size for file in out.glob("*or/*.safetensors")) < 15e6
    few = ["--prompts", "1", "--sentences", "3", "--seeds", "1"]
    gan_evaluation.main(["--model", str(out), *few])
    both = ["--gan", str(out), "--drawings", str(runs / "drawings")]
    drawings.main(
        ["--gan", str(out), "--diffusion", str(model), "--out", str(runs / "drawings"), "--count=4"]
    )
    both += ["--latents", str(runs / "latents"), "--steps=4", "--batch=4"]
    judge_training.main([*both, "--out", str(runs / "judge")])
    before = load_discriminator(ModelFolder(out)).state_dict()
    judge_export.main(["--run", str(runs / "judge"), "--out", str(out)])
    judge_training.main([*both, "--out", str(runs / "on")])
    assert (runs / "on" / "log.csv").read_text().splitlines()[-1].startswith("8,")
    after = load_discriminator(ModelFolder(out)).state_dict()
    assert any((after[name] != weight).any() for name, weight in before.items())
    few = ["--sentences", "3", "--best-of", "3", "--fresh", "4"]
    judge_evaluation.main(["--model", str(out), "--diffusion", str(model), *few])
    Judge.load(ModelFolder(out))
    gan_card.main(["--model", str(out), "--latents", str(runs / "latents")])
    text = (out / "README.md").read_text()
    assert "| single noun |" in text
    assert "| all sentences |" in text
    again = ["--base", str(out), "--out", str(runs / "gan-again")]
    gan.main([*shared, *again, *FEW])
    taken = json.loads((runs / "gan-again" / "snapshots" / "snapshots.json").read_text())["taken"]
    assert [*taken] == ["0", "2", "4"]
