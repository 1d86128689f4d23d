"""Guidance: how much the prompt counts at each scale, and what has no effect is not written."""

import numpy as np
import pytest
import torch
from diffusers import UNet2DConditionModel

from stimage.images.png_metadata import read_png, write_png
from stimage.inference.diffusion import DiffusionEngine
from stimage.request import Limits, Request
from tests.support.tiny import shared_engine, tiny_pipeline


def drawn(engine=None, **request):
    asked = Request(**{"prompt": "a fox", "seed": 1, **request})
    return np.asarray((engine or shared_engine()).generate(asked).image).astype(float)


def test_every_scale_draws_another_picture():
    pictures = [drawn(guidance_scale=scale).tobytes() for scale in (0, 0.25, 0.5, 1, 1.5, 3)]
    assert len(set(pictures)) == len(pictures)


@pytest.mark.parametrize("scale", [1, 1.1, 3.0, 12])
def test_from_one_on_the_picture_is_the_one_that_diffusers_draws(scale):
    pipeline = tiny_pipeline()
    pipeline.set_progress_bar_config(disable=True)
    settings = {"num_inference_steps": 4, "guidance_scale": scale, "negative_prompt": "cat"}
    noise = torch.randn((1, 4, 4, 4), generator=torch.Generator().manual_seed(1))
    theirs = pipeline("a fox", latents=noise, **settings).images[0]
    ours = drawn(num_inference_steps=4, guidance_scale=scale, negative_prompt="cat")
    assert np.asarray(theirs).astype(float).tobytes() == ours.tobytes()


def test_at_zero_the_prompt_does_not_count():
    without = drawn(guidance_scale=0)
    assert drawn(guidance_scale=0, prompt="a cat").tobytes() == without.tobytes()
    assert drawn(guidance_scale=0, negative_prompt="cat").tobytes() != without.tobytes()


def test_at_zero_the_negative_prompt_draws_alone():
    alone = drawn(guidance_scale=1, prompt="cat")
    assert abs(drawn(guidance_scale=0, negative_prompt="cat") - alone).max() <= 1


def test_below_one_the_prompt_counts_in_part():
    nothing, half, whole = (drawn(guidance_scale=s, num_inference_steps=1) for s in (0, 0.5, 1))
    middle = (nothing + whole) / 2
    assert abs(half - middle).mean() < 0.2 * abs(whole - nothing).mean()


def test_at_one_a_single_pass_is_made():
    pipeline = tiny_pipeline()
    sizes = []
    pipeline.unet.register_forward_pre_hook(lambda _m, inputs: sizes.append(len(inputs[0])))
    engine = DiffusionEngine(pipeline, name="tiny", steps=1)
    for scale in (0.5, 1, 2):
        drawn(engine, guidance_scale=scale)
    assert sizes == [2, 1, 2]


@pytest.mark.parametrize(
    ("guidance", "scale", "heeded"),
    [
        ("classifier_free", 3.0, True),
        ("classifier_free", 0.0, True),
        ("classifier_free", 1.0, False),
        ("embedded", 8.0, False),
        ("none", 1.0, False),
    ],
)
def test_a_negative_prompt_without_effect_is_not_written_as_a_setting(guidance, scale, heeded):
    limits = Limits(guidance=guidance)
    engine = DiffusionEngine(tiny_pipeline(), name="tiny", steps=1, limits=limits)
    assert limits.heeds_negative_prompt(scale) is heeded
    request = Request(prompt="a fox", negative_prompt="cat", guidance_scale=scale)
    picture = engine.generate(request)
    assert picture.request.negative_prompt == ("cat" if heeded else "")
    assert read_png(write_png(picture)).get("negative_prompt", "") == ("cat" if heeded else "")


def test_a_model_that_knows_no_guidance_writes_none():
    limits = Limits(guidance="none")
    engine = DiffusionEngine(
        tiny_pipeline(), name="tiny", steps=1, guidance_scale=1.0, limits=limits
    )
    picture = engine.generate(Request(prompt="a fox", seed=1, guidance_scale=7.5))
    assert picture.request.guidance_scale is None
    assert "guidance_scale" not in read_png(write_png(picture))
    assert engine.generate(picture.request).image.tobytes() == picture.image.tobytes()
    alone = drawn(guidance_scale=1, num_inference_steps=1)
    assert np.asarray(picture.image).astype(float).tobytes() == alone.tobytes()


def test_a_network_that_is_told_the_scale_follows_it_in_one_pass():
    pipeline = tiny_pipeline()
    config = {**pipeline.unet.config, "time_cond_proj_dim": 8}
    torch.manual_seed(0)
    pipeline.unet = UNet2DConditionModel.from_config(config)
    engine = DiffusionEngine(pipeline, name="lcm", steps=2, limits=Limits(guidance="embedded"))
    pictures = [drawn(engine, guidance_scale=scale).tobytes() for scale in (1, 4, 8)]
    assert len(set(pictures)) == 3
    assert drawn(engine, guidance_scale=4, negative_prompt="cat").tobytes() == pictures[1]
