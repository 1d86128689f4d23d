"""The GAN's training: its losses, its wrong captions, and how it goes on after a kill."""

import json
import random
from dataclasses import replace

import numpy as np
import pytest
import torch
from diffusers import UNet2DConditionModel

from stimage.inference.gan.discriminator import Discriminator
from stimage.inference.gan.folder import load_gan
from stimage.inference.gan.generator import LAST_TIMESTEP, Generator
from stimage.training.evaluation import gan_card
from stimage.training.evaluation.closest import soft
from stimage.training.evaluation.nearest_drawing import is_right
from stimage.training.losses import gradient_penalty, relativistic_loss
from stimage.training.networks.gan import Encoder, EncoderConfig, GanNetworks, new_networks
from stimage.training.pixels import to_images, to_pixels
from stimage.training.scenes.captions import caption
from stimage.training.scenes.plan import Plan, Thing, random_plan
from stimage.training.scenes.wrong import wrong_caption
from stimage.training.stages.gan import optimizers
from stimage.training.stages.gan_loss import COLUMNS, GanLoss, some_caption, thing_weights
from stimage.training.stages.latents import Latents
from stimage.training.trainer import Run
from tests.support.tiny_gan import TINY_DISCRIMINATOR, TINY_GENERATOR, save_tiny_gan

TINY_ENCODER = EncoderConfig(text_width=16, z_width=8, widths=(16, 16), hidden=16)
PLANS = [Plan((Thing(name),), place="snow") for name in ("cat", "owl")]


@pytest.fixture(scope="module")
def gan(tmp_path_factory):
    return load_gan(save_tiny_gan(tmp_path_factory.mktemp("gan")))


def tiny_networks():
    torch.manual_seed(0)
    return GanNetworks(
        Generator(TINY_GENERATOR), Discriminator(TINY_DISCRIMINATOR), Encoder(TINY_ENCODER)
    )


def tiny_loss(gan, networks, *, supervised_steps, total_steps=40):
    generator = torch.Generator().manual_seed(0)
    data = Latents(torch.randn((2, 8, 16, 16), generator=generator).half(), PLANS)
    return GanLoss(
        networks,
        gan,
        data,
        batch=4,
        supervised_steps=supervised_steps,
        total_steps=total_steps,
    )


def test_a_handful_of_pictures_can_be_learned_supervised(gan):
    networks = tiny_networks()
    loss_of = tiny_loss(gan, networks, supervised_steps=1000)
    both, errors = optimizers(networks), []
    for step in range(30):
        loss, parts = loss_of(step, torch.Generator().manual_seed(step))
        networks.zero_grad()
        loss.backward()
        for optimizer in both:
            optimizer.param_groups[0]["lr"] = 5e-3
            optimizer.step()
        errors.append(parts["reconstruction"])
    assert tuple(parts) == COLUMNS
    assert sum(errors[-5:]) < 0.9 * sum(errors[:5])


def test_the_generators_loss_moves_no_weight_of_the_discriminator_against_its_own_aim(gan):
    networks = tiny_networks()
    loss_of = tiny_loss(gan, networks, supervised_steps=0)
    optimizer = optimizers(networks)[1]
    optimizer.param_groups[0]["lr"] = 5e-3
    gaps = []
    for step in range(1, 40):
        loss, parts = loss_of(step, torch.Generator().manual_seed(step))
        networks.zero_grad()
        loss.backward()
        optimizer.step()
        gaps.append(parts["real_minus_made"])
    assert sum(gaps[-5:]) > sum(gaps[:5]) + 1
    assert all(p.grad is not None for p in networks.generator.parameters())


def test_a_new_generator_draws_what_a_diffusion_model_sees_in_pure_noise():
    plain = UNet2DConditionModel(**TINY_GENERATOR.unet)
    networks = new_networks(plain)
    z, states = torch.randn(2, networks.generator.config.z_width), torch.randn(2, 5, 16)
    cells = networks.generator.to_cells(z).unflatten(1, (8, 16, 16))
    velocity = plain(cells, LAST_TIMESTEP, states).sample
    torch.testing.assert_close(networks.generator(z, states), -velocity, atol=1e-4, rtol=1e-4)


def test_the_weight_of_the_reconstruction_falls_to_a_half(gan):
    loss_of = tiny_loss(gan, tiny_networks(), supervised_steps=10, total_steps=30)
    weights = [loss_of.reconstruction_weight(step) for step in (0, 10, 20, 30)]
    assert weights == pytest.approx([1, 1, 0.75, 0.5])


def test_a_killed_training_of_both_networks_goes_on_to_the_same_weights(gan, tmp_path):
    def new_run(folder):
        networks = tiny_networks()
        loss_of = tiny_loss(gan, networks, supervised_steps=2)
        run = Run(folder, networks, total_steps=6, peak_lr=1e-3, optimizers=optimizers(networks))
        return run, loss_of, networks

    run, loss_of, whole = new_run(tmp_path / "whole")
    run.train(loss_of)
    run, loss_of, _ = new_run(tmp_path / "killed")

    def kill(step):
        if step == 4:
            run.save()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run.train(loss_of, kill)
    run, loss_of, resumed = new_run(tmp_path / "killed")
    assert run.step == 4
    run.train(loss_of)
    torch.testing.assert_close(resumed.state_dict(), whole.state_dict())


def test_what_is_better_by_far_costs_nothing_and_a_tie_the_logarithm_of_two():
    scores = torch.tensor([20.0, 20.0])
    assert relativistic_loss(scores, -scores).item() == pytest.approx(0, abs=1e-6)
    assert relativistic_loss(scores, scores).item() == pytest.approx(np.log(2))


def test_the_gradient_penalty_is_half_the_squared_slope():
    inputs = torch.ones(2, 1, 1, 3, requires_grad=True)
    assert gradient_penalty(2 * inputs.sum((1, 2, 3)), inputs).item() == pytest.approx(6)


def test_an_encoder_says_mean_and_spread_of_each_number():
    mean, logvar = Encoder(TINY_ENCODER)(torch.randn(3, 8, 16, 16), torch.randn(3, 5, 16))
    assert mean.shape == logvar.shape == (3, TINY_ENCODER.z_width)


def test_cells_with_things_count_more():
    near, empty = thing_weights([Plan((Thing("fox"),), plain="red"), Plan((), plain="red")])
    assert near[0, 8, 8] == 3
    assert near[0, 0, 0] == 1
    assert empty.max() == 1


def test_a_wrong_caption_is_never_a_right_one():
    rng = random.Random(1)
    for plan in (random_plan(rng) for _ in range(300)):
        wrong = wrong_caption(plan, rng)
        assert wrong
        assert wrong != caption(plan)
        assert all(wrong != some_caption(plan, random.Random(seed)) for seed in range(5))


def test_a_true_drawing_is_right_and_one_of_another_noun_place_or_number_is_not():
    fox = Plan((Thing("fox"),), plain="green")
    two, owl = replace(fox, count=2), replace(fox, things=(Thing("owl"),))
    red = replace(fox, plain="red")
    image, of_owl, of_two, on_red = to_images(to_pixels([fox, owl, two, red]))
    assert is_right(image, fox, "single noun")
    assert not is_right(of_owl, fox, "single noun")
    assert is_right(of_two, two, "count")
    assert not is_right(of_two, fox, "count")
    assert not is_right(on_red, fox, "place")
    assert soft(image).shape == (128, 128, 3)


def test_the_card_tells_what_was_measured_and_leaves_pauses_out_of_the_time(tmp_path):
    training = tmp_path / "training"
    training.mkdir()
    row = {"right": 0.5, "low": 0.4, "high": 0.6, "n": 4}
    result = {
        "milliseconds": 42.4,
        "rows": {"single noun": row},
        "closest": {
            "median_db": 20.5,
            "variety": {"a fox": 0.25},
            "rows": {"all sentences": {"good": 0.75, "n": 4}},
        },
        "spread": {"fox": 0.6},
    }
    areas = dict.fromkeys(("whole score", "real alone", "fit alone"), 0.875)
    gain = {"mean": 0.25, "low": 0.1, "high": 0.4}
    judge = {
        "known": {"true drawings": 0.99, "by our models": 0.98, "of other worlds": 0.125},
        "wrong_found": {"another picture's": 0.9, "wrong in one word": 0.7},
        "good_above_bad": {
            "GAN": {"auc": areas, "good": 4, "bad": 2},
            "diffusion": {"auc": dict.fromkeys(areas), "good": 3, "bad": 0},
        },
        "best_of_four": {
            "GAN": {"all": 0.5, "picked": 0.75, "at best": 1.0, "gain": gain, "n": 4},
            "diffusion": {"n": 1},
        },
    }
    (training / "evaluation.json").write_text(json.dumps(result))
    (training / "judge.json").write_text(json.dumps(judge))
    (training / "judge.csv").write_text("step,seconds,loss\n25,1,0.5\n1500,2,0.25\n")
    names = ("step", "seconds", "loss", *COLUMNS)
    log = [
        dict.fromkeys(names, 1.0) | {"step": step, "seconds": seconds, "generator": generator}
        for step, seconds, generator in ((25, 60, 0), (50, 120, 1), (75, 180, 1), (100, 9000, 1))
    ]
    lines = [",".join(names), *(",".join(str(row[name]) for name in names) for row in log)]
    (training / "losses.csv").write_text("\n".join(lines) + "\n")
    text = gan_card.card(tmp_path, "")
    assert "took 42 ms on one thread" in text
    assert "about 5 minutes" in text
    assert "The first 25 steps" in text
    assert "| single noun | 0.50 | 0.40 to 0.60 | 4 |" in text
    assert "for 1,500 steps" in " ".join(text.split())
    assert "| GAN | 0.88 | 0.88 | 0.88 | 4 | 2 |" in text
    assert "and 12.5% of" in " ".join(text.split())
    assert "| diffusion | none | none | none | 3 | 0 |" in text
    assert "| GAN | 0.50 | 0.75 | +0.25, +0.10 to +0.40 | 1.00 | 4 |" in text
    assert max(map(len, text.splitlines())) <= 160
