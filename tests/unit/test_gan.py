"""The networks of the GAN: what they draw and judge, and how they come back from a folder."""

import io
import json
import shutil

import numpy as np
import pytest
import torch
from PIL import Image

from stimage.errors import Cancelled, InvalidRequest, ModelError
from stimage.inference.gan.discriminator import Discriminator
from stimage.inference.gan.engine import GanEngine
from stimage.inference.gan.folder import (
    load_discriminator,
    load_gan,
    load_generator,
    save_network,
)
from stimage.inference.loading import load_engine
from stimage.models import library
from stimage.models.folder import ModelFolder
from stimage.request import Picture, Request, Step
from stimage.start import Start
from tests.support.errors import refused
from tests.support.tiny_gan import TINY_DISCRIMINATOR, save_tiny_gan


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return save_tiny_gan(tmp_path_factory.mktemp("gan") / "tiny-gan")


@pytest.fixture
def broken(folder, tmp_path):
    return ModelFolder(shutil.copytree(folder.path, tmp_path / "broken"))


def test_the_same_seed_and_prompt_give_the_same_picture_and_another_seed_another(folder):
    gan = load_gan(folder)
    first, again, other = gan.draw(["a fox", "a fox", "a fox"], [1, 1, 2])
    assert first.shape == (3, 128, 128)
    assert first.abs().max() <= 1
    torch.testing.assert_close(first, again)
    assert not torch.allclose(first, other)


def test_what_is_saved_in_8_bits_comes_back_nearly_the_same(tmp_path):
    torch.manual_seed(0)
    network = Discriminator(TINY_DISCRIMINATOR)
    save_network(network, TINY_DISCRIMINATOR, tmp_path / "discriminator")
    again = load_discriminator(ModelFolder(tmp_path))
    assert again.config == TINY_DISCRIMINATOR
    for name, weight in again.state_dict().items():
        assert weight.dtype is torch.float32
        torch.testing.assert_close(
            weight, network.state_dict()[name], atol=0.005 * weight.abs().max().item(), rtol=1e-3
        )


def test_the_folder_of_a_generator_names_its_u_net(folder):
    assert load_generator(folder).config.unet["cross_attention_dim"] == 16


def test_a_picture_is_judged_the_same_beside_others_and_only_its_fit_depends_on_the_words(folder):
    torch.manual_seed(0)
    judge = load_discriminator(folder)
    latents, states = torch.randn(2, 8, 16, 16), torch.randn(2, 32, TINY_DISCRIMINATOR.text_width)
    both = judge(latents, states)
    torch.testing.assert_close(judge(latents[:1], states[:1]).total, both.total[:1])
    swapped = judge(latents, states.flip(0))
    torch.testing.assert_close(swapped.real, both.real)
    assert not torch.allclose(swapped.fit, both.fit)


def test_the_score_of_reality_can_be_differentiated_twice_as_a_gradient_penalty_needs():
    judge = Discriminator(TINY_DISCRIMINATOR)
    latents = torch.randn(2, 8, 16, 16, requires_grad=True)
    total = judge(latents, torch.randn(2, 32, TINY_DISCRIMINATOR.text_width)).total.sum()
    (gradient,) = torch.autograd.grad(total, latents, create_graph=True)
    gradient.square().sum().backward()
    assert judge.conv_in.weight.grad.abs().sum() > 0


def test_a_missing_config_is_said(broken):
    (broken.part("generator") / "config.json").unlink()
    with refused(ModelError, "lacks the configs of generator/"):
        load_gan(broken)


def test_a_config_that_is_none_is_said(broken):
    (broken.part("discriminator") / "config.json").write_text(json.dumps({"widths": "wide"}))
    with refused(ModelError, "lacks the configs of discriminator/"):
        load_discriminator(broken)


def test_weights_of_another_size_are_said(broken):
    config = json.loads((broken.part("generator") / "config.json").read_text())
    (broken.part("generator") / "config.json").write_text(json.dumps(config | {"z_width": 9}))
    with refused(ModelError, "generator/ do not fit its config"):
        load_generator(broken)


def test_truncated_weights_are_said(broken):
    weights = broken.part("generator") / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with refused(ModelError, r"generator/model\.safetensors can't be read"):
        load_generator(broken)


def values(picture: Picture):
    return np.asarray(picture.image).astype(int)


@pytest.fixture(scope="module")
def engine(folder):
    return load_engine(str(folder.path))


def test_a_folder_with_a_gan_draws_like_any_other_model(engine, folder):
    steps: list[Step] = []
    picture = engine.generate(Request(prompt="a fox", seed=3), steps.append)
    assert isinstance(engine, GanEngine)
    assert picture.image.size == (128, 128)
    assert [(step.index, step.total) for step in steps] == [(1, 1)]
    assert Image.open(io.BytesIO(steps[0].preview())).size == (256, 256)
    assert (picture.model, picture.model_hash) == (folder.name, folder.model_hash())
    assert len(picture.model_hash) == 12
    assert picture.seconds > 0


def test_its_seed_gives_its_picture_in_any_company(engine):
    alone = engine.generate(Request(prompt="a fox", seed=3))
    variants = tuple(Request(prompt="a fox", seed=seed) for seed in (4, 3))
    first = engine.generate(Request(prompt="a cat", seed=1, variants=variants))
    other, again = (values(variant) for variant in first.variants)
    assert abs(again - values(alone)).max() <= 1  # last bits may differ in a batch
    assert abs(other - values(alone)).max() > 1


def test_what_has_no_effect_on_a_gan_is_no_setting_of_its_picture(engine):
    asked = Request(
        prompt="a fox", seed=3, negative_prompt="snow", guidance_scale=7.0, scheduler="DDIM",
        trace=True,
    )  # fmt: skip
    picture = engine.generate(asked)
    assert picture.request == Request(prompt="a fox", seed=3, num_inference_steps=1)
    assert picture.trace is None


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"num_inference_steps": 20}, "out_of_range"),
        ({"start": Start(other_seed=1)}, "start_unheeded"),
    ],
)
def test_what_a_gan_cannot_do_is_said(engine, settings, code):
    with pytest.raises(InvalidRequest) as caught:
        engine.generate(Request(prompt="a fox", **settings))
    assert caught.value.code == code


def test_a_stop_ends_the_drawing_and_the_next_one_works(engine):
    def stop(_step):
        raise Cancelled

    with pytest.raises(Cancelled):
        engine.generate(Request(prompt="a fox"), stop)
    assert engine.generate(Request(prompt="a fox")).image


def test_the_library_tells_what_a_gan_likes(folder):
    _, entry = library.find(str(folder.path))
    assert (entry.steps, entry.width, entry.height) == (1, 128, 128)
    assert (entry.limits.max_steps, entry.limits.guidance) == (1, "none")
    assert entry.memory_mib > 0


@pytest.mark.parametrize("config", ["{}", '{"unet": []}', "[]"])
def test_a_gan_whose_config_is_none_is_no_model(broken, config):
    (broken.part("generator") / "config.json").write_text(config)
    with pytest.raises(ModelError) as caught:
        library.find(str(broken.path))
    assert caught.value.code == "not_a_model_folder"
