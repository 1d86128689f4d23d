"""Training: formulas, resuming, and a model that learns, in seconds."""

import json

import pytest
import torch
from torch import nn

from stimage.errors import StimageError
from stimage.training import tokenizer as tokens
from stimage.training.evaluation.evaluate import interval
from stimage.training.losses import velocity_weight
from stimage.training.networks.autoencoder import new_autoencoder, normalize_latents
from stimage.training.networks.text_encoder import new_text_encoder
from stimage.training.networks.unet import TextToVelocity
from stimage.training.noise_schedule import (
    alpha_sigma,
    new_scheduler,
    noise_from_velocity,
    picture_from_velocity,
    random_timesteps,
    snr,
)
from stimage.training.optim import optimizers_for, orthogonal
from stimage.training.resume import take_records, take_weights
from stimage.training.scenes.plan import Plan, Thing
from stimage.training.scenes.words import NOUNS
from stimage.training.stages.latents import Latents
from stimage.training.stages.unet import VelocityLoss, faster_layout
from stimage.training.tokenizer import load_tokenizer
from stimage.training.trainer import (
    Run,
    learning_rate,
    pick_device,
)
from tests.support.errors import refused

STEPS = 24


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory):
    return load_tokenizer(tmp_path_factory.mktemp("tokenizer"))


def test_the_last_timestep_holds_no_picture():
    alpha, sigma = alpha_sigma(new_scheduler(), torch.tensor([999]))
    assert alpha.item() == 0
    assert sigma.item() == 1


def test_noise_and_picture_come_back_from_the_velocity():
    x_0, noise = torch.randn(2, 5, 4, 2, 2).unbind()
    alpha, sigma = alpha_sigma(new_scheduler(), torch.tensor([0, 250, 500, 750, 999]))
    scheduler, t = new_scheduler(), torch.tensor([0, 250, 500, 750, 999])
    x_t, v = scheduler.add_noise(x_0, noise, t), scheduler.get_velocity(x_0, noise, t)
    torch.testing.assert_close(noise_from_velocity(x_t, v, alpha, sigma), noise)
    torch.testing.assert_close(picture_from_velocity(x_t, v, alpha, sigma), x_0)


def test_the_step_that_decides_the_layout_is_trained():
    alpha, sigma = alpha_sigma(new_scheduler(), torch.tensor([999, 500, 0]))
    weights = velocity_weight(snr(alpha, sigma))
    assert weights[0] == 1
    assert weights[2] < 0.01


def test_timesteps_cover_the_whole_range():
    t = random_timesteps(100, torch.Generator().manual_seed(0))
    assert sorted((t // 10).tolist()) == list(range(100))


def test_the_rate_warms_up_stays_and_falls_to_zero():
    rates = [learning_rate(step, 10_000, 1.0) for step in (0, 199, 5000, 8500, 10_000)]
    assert rates == pytest.approx([0.005, 1, 1, 0.5, 0])


def test_latents_are_normalized_without_changing_the_picture():
    torch.manual_seed(0)
    model, pixels = new_autoencoder().eval(), torch.rand(8, 3, 64, 64) * 2 - 1
    with torch.no_grad():
        before = model.decode(model.encode(pixels).latent_dist.mean).sample
        normalize_latents(model, pixels)
        latents = model.encode(pixels).latent_dist.mean
        torch.testing.assert_close(model.decode(latents).sample, before, atol=1e-3, rtol=1e-3)
    torch.testing.assert_close(latents.mean((0, 2, 3)), torch.zeros(8), atol=1e-3, rtol=0)
    torch.testing.assert_close(latents.std((0, 2, 3)), torch.ones(8), atol=1e-3, rtol=0)


def test_the_tokenizer_keeps_each_known_word_whole(tokenizer):
    ids = tokenizer("an owl to the left of two butterflies in the mountains").input_ids
    assert len(ids) == 11 + 2
    assert tokenizer("xylophone ☃").input_ids.count(tokenizer.eos_token_id) == 1


def test_a_handful_of_pictures_can_be_learnt(tokenizer):
    torch.manual_seed(0)
    plans = [Plan((Thing(name),), place="snow") for name in ("cat", "owl")]
    data = Latents(torch.randn(2, 8, 8, 8).half(), plans)
    model = TextToVelocity(new_text_encoder(tokenizer))
    loss_of = VelocityLoss(model, tokenizer, data, batch=8)
    optimizers = optimizers_for(model)
    losses = []
    for step in range(STEPS):
        loss, parts = loss_of(step, torch.Generator().manual_seed(step))
        model.zero_grad()
        loss.backward()
        for optimizer in optimizers:
            optimizer.step()
        losses.append(loss.item())
    assert set(parts) == {"samples", "loss_low", "loss_mid", "loss_high"}
    assert sum(losses[-4:]) < 0.85 * sum(losses[:4])


def test_training_goes_on_from_a_model_with_fewer_words(tokenizer, tmp_path, monkeypatch):
    torch.manual_seed(0)
    few = tokens.learn_merges(300)
    monkeypatch.setattr(tokens, "learn_merges", lambda: few)
    short = load_tokenizer(tmp_path / "short")
    assert len(short) < len(tokenizer)
    old = TextToVelocity(new_text_encoder(short))
    old.unet.save_pretrained(tmp_path / "unet")
    old.text_encoder.save_pretrained(tmp_path / "text_encoder")
    short.save_pretrained(tmp_path / "tokenizer")
    new = TextToVelocity(new_text_encoder(tokenizer))
    take_weights(new, tmp_path, tokenizer)
    assert len(new.text_encoder.get_input_embeddings().weight) == len(tokenizer)
    x, t = torch.randn(1, 8, 16, 16), torch.tensor([5])
    outputs = [
        model(x, t, words(["a fox"], padding="max_length", return_tensors="pt").input_ids)
        for model, words in ((old, short), (new, tokenizer))
    ]
    torch.testing.assert_close(*outputs)


def test_a_run_that_goes_on_keeps_log_and_snapshots_and_warms_up_again(tmp_path):
    training, out = tmp_path / "model" / "training", tmp_path / "run"
    (training / "snapshots").mkdir(parents=True)
    (training / "snapshots" / "pictures-0.webp").write_bytes(b"picture")
    log = "step,seconds,loss,samples\n25,1.0,0.5,1600.0\n50,2.0,0.4,3200.0\n"
    (training / "losses.csv").write_text(log)
    (tmp_path / "model" / "words.json").write_text('{"nouns": ["fox", "owl"]}')
    first = take_records(tmp_path / "model", out)
    assert first == 50
    model = nn.Linear(4, 4)
    run = Run(out, model, total_steps=first + 25, peak_lr=1e-2, first_step=first)
    rates: list[float] = []
    parts = {"samples": 4800.0}
    run.train(
        lambda _step, _generator: (model(torch.ones(1, 4)).square().mean(), parts),
        after_step=lambda _step: rates.append(run.optimizers[0].param_groups[0]["lr"]),
    )
    assert rates[:2] == pytest.approx([1e-2 / 200, 2e-2 / 200])
    steps = [line.split(",")[0] for line in (out / "log.csv").read_text().splitlines()]
    assert steps == ["step", "25", "50", "75"]
    assert (out / "snapshots" / "pictures-0.webp").read_bytes() == b"picture"
    assert json.loads((out / "sittings.json").read_text()) == [{"samples": 3200, "nouns": 2}]
    assert take_records(tmp_path / "model", out) == 50
    assert "75" in (out / "log.csv").read_text()


def test_a_run_that_goes_on_with_the_same_nouns_notes_no_new_ones(tmp_path):
    training, out = tmp_path / "model" / "training", tmp_path / "run"
    (training / "snapshots").mkdir(parents=True)
    (training / "losses.csv").write_text("step,seconds,loss,samples\n25,1.0,0.5,1600.0\n")
    (training / "sittings.json").write_text('[{"samples": 64, "nouns": 2}]')
    (tmp_path / "model" / "words.json").write_text(json.dumps({"nouns": NOUNS}))
    take_records(tmp_path / "model", out)
    assert json.loads((out / "sittings.json").read_text()) == [{"samples": 64, "nouns": 2}]


def test_the_layout_in_memory_changes_no_result(tokenizer):
    torch.manual_seed(0)
    model = TextToVelocity(new_text_encoder(tokenizer))
    nn.init.normal_(model.unet.conv_out.weight, std=0.02)
    x, t, tokens = torch.randn(1, 8, 16, 16), torch.tensor([5]), torch.zeros((1, 32)).long()
    before = model(x, t, tokens)
    assert faster_layout(model, batch=2) in (torch.contiguous_format, torch.channels_last)
    assert all(p.grad is None for p in model.parameters())
    model.unet.to(memory_format=torch.channels_last)
    after = model(x.contiguous(memory_format=torch.channels_last), t, tokens)
    torch.testing.assert_close(after, before, atol=1e-4, rtol=1e-4)
    after.sum().backward()
    old = model.unet.conv_in.weight.detach().clone()
    for optimizer in optimizers_for(model):
        optimizer.step()
    assert not torch.equal(model.unet.conv_in.weight, old)
    assert all(p.isfinite().all() for p in model.parameters())


def test_muon_makes_every_direction_of_a_step_equally_long():
    torch.manual_seed(0)
    for shape in ((3, 8, 40), (2, 40, 8)):
        matrices = torch.randn(shape) @ torch.diag(torch.logspace(-1, 1, shape[2]))
        lengths = torch.linalg.svdvals(orthogonal(matrices))
        assert lengths.min() > 0.5
        assert lengths.max() < 1.5


def test_muon_takes_the_inner_matrices_and_filters_and_adamw_all_else():
    model = new_autoencoder()
    muon, adamw = optimizers_for(model)
    taken = {id(p) for group in muon.param_groups for p in group["params"]}
    rest = {id(p) for group in adamw.param_groups for p in group["params"]}
    assert taken | rest == {id(p) for p in model.parameters()}
    assert not taken & rest
    assert id(model.encoder.conv_in.weight) in rest
    assert id(model.encoder.mid_block.resnets[0].conv1.weight) in taken
    assert id(model.encoder.conv_norm_out.weight) in rest


def test_an_unknown_device_is_said():
    with refused(StimageError, "cpu or cuda"):
        pick_device("abacus")


def test_an_interval_is_wide_where_few_were_asked_and_never_says_more_than_it_knows():
    few, many = interval([1.0] * 24), interval([1.0] * 240)
    assert few["right"] == few["high"] == 1
    assert few["low"] < 0.9 < many["low"] < 1
    none = interval([0.0] * 24)
    assert none["low"] == 0 < none["high"]
    half = interval([0.5, 1.0, 0.0, 0.5])
    assert half["low"] < 0.5 < half["high"]
    assert half["n"] == 16
