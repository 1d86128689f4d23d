"""A drawing may begin with a picture, a mix of two noises or of two prompts."""

import io

import msgspec
import numpy as np
import pytest
import torch
from PIL import Image

from stimage.errors import InvalidRequest
from stimage.images.png_metadata import read_png, write_png
from stimage.inference.start import slerp
from stimage.request import MAX_SEED, Limits, Request, Step
from stimage.service.protocol import Picture, picture_of, request_of
from stimage.start import MAX_PICTURE_BYTES, Start
from tests.support.tiny import shared_engine


def png(color="red", size=(32, 32)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, color).save(file, "PNG")
    return file.getvalue()


def asked(**start) -> Request:
    return Request(prompt="a fox", seed=1, start=Start(**start) if start else None)


def pixels(request: Request) -> np.ndarray:
    return np.asarray(shared_engine().generate(request).image).astype(int)


def test_a_mix_begins_at_one_noise_and_ends_at_the_other():
    one, two = pixels(asked()), pixels(Request(prompt="a fox", seed=2))
    assert np.abs(pixels(asked(other_seed=2, mix=0)) - one).max() <= 1
    assert np.abs(pixels(asked(other_seed=2, mix=1)) - two).max() <= 1
    half = pixels(asked(other_seed=2, mix=0.5))
    assert np.abs(half - one).max() > 1
    assert np.abs(half - two).max() > 1


def test_a_mix_of_noises_is_as_strong_as_they_are():
    one, two = torch.randn(2, 4096, generator=torch.Generator().manual_seed(0))
    for share in (0.0, 0.3, 0.5, 1.0):
        assert float(slerp(one, two, share).std()) == pytest.approx(1, abs=0.05)


def test_a_mix_of_prompts_begins_at_one_and_ends_at_the_other():
    cat = pixels(Request(prompt="a cat", seed=1))
    assert np.abs(pixels(asked(other_prompt="a cat", mix=0)) - pixels(asked())).max() <= 1
    assert np.abs(pixels(asked(other_prompt="a cat", mix=1)) - cat).max() <= 1


def test_a_picture_under_little_noise_counts_more_than_under_much():
    def apart(strength: float) -> float:
        drawn = [pixels(asked(picture=png(color), strength=strength)) for color in ("red", "blue")]
        return float(np.abs(drawn[0] - drawn[1]).mean())

    assert apart(0.25) > apart(1.0)


@pytest.mark.parametrize(("strength", "steps"), [(1.0, 4), (0.5, 2), (0.25, 1), (0.0, 1)])
def test_as_many_steps_are_drawn_as_noise_was_added(strength, steps):
    seen: list[Step] = []
    shared_engine().generate(asked(picture=png(), strength=strength), seen.append)
    assert [(step.index, step.total) for step in seen] == [(i + 1, steps) for i in range(steps)]


@pytest.mark.parametrize(
    "start",
    [
        {"strength": 1.1},
        {"strength": float("nan")},
        {"mix": -0.1},
        {"other_seed": MAX_SEED + 1},
        {"other_seed": 1.5},
        {"other_prompt": "x" * 301},
        {"picture": b"GIF89a"},
        {"picture": png() + b"0" * MAX_PICTURE_BYTES},
        {"picture": png(size=(1025, 8))},
    ],
)
def test_what_is_out_of_its_limits_is_refused(start):
    with pytest.raises(InvalidRequest):
        asked(**start)


def test_a_picture_that_breaks_off_is_refused_by_the_engine():
    with pytest.raises(InvalidRequest) as caught:
        shared_engine().generate(asked(picture=png()[:40]))
    assert caught.value.code == "start_picture_unusable"


def test_a_start_and_a_trace_cross_pipe_and_http():
    request = Request(
        prompt="a fox",
        seed=1,
        trace=True,
        start=Start(picture=png(), strength=0.5, other_seed=2, other_prompt="a cat", mix=0.3),
    )
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(request), type=Request) == request
    sent = msgspec.json.decode(msgspec.json.encode(picture_of(request)), type=Picture)
    assert request_of(sent, Limits()) == request


def test_a_file_does_not_claim_settings_that_would_not_draw_it_again():
    picture = shared_engine().generate(asked(other_seed=2, mix=0.5))
    assert read_png(write_png(picture)) == {}
