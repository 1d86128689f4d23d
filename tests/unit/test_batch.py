"""Variants of a picture are drawn in one batch with it, and are what they would be alone."""

import io
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from diffusers import UNet2DConditionModel
from PIL import Image

from stimage.errors import Cancelled, InvalidRequest
from stimage.images.own_chunks import read_trace, read_variants
from stimage.images.png_metadata import read_png, write_png
from stimage.inference import batch
from stimage.inference.diffusion import DiffusionEngine
from stimage.request import MAX_VARIANTS, Limits, Picture, Request, Step
from stimage.service import protocol
from stimage.service.protocol import picture_of, request_of
from stimage.start import Start
from tests.support.tiny import shared_engine, tiny_pipeline

FOX = Request(prompt="a fox", seed=1, num_inference_steps=3, guidance_scale=3.0)
OTHERS = (
    replace(FOX, guidance_scale=0.0),
    replace(FOX, guidance_scale=1.0),
    replace(FOX, prompt="a cat", negative_prompt="fox"),
    replace(FOX, seed=2),
)


def jpeg_values(jpeg: bytes):
    return np.asarray(Image.open(io.BytesIO(jpeg))).astype(int)


def values(picture: Picture):
    return np.asarray(picture.image).astype(int)


@pytest.mark.parametrize("scheduler", ["DDIM", "Euler a", "DPM++ 2M", "PNDM", "LCM"])
def test_a_variant_is_the_picture_it_would_be_alone(scheduler):
    requests = [replace(each, scheduler=scheduler) for each in (FOX, *OTHERS)]
    first = shared_engine().generate(replace(requests[0], variants=tuple(requests[1:])))
    for asked, drawn in zip(requests, (first, *first.variants), strict=True):
        alone = shared_engine().generate(asked)
        assert abs(values(alone) - values(drawn)).max() <= 1
        assert replace(drawn.request, variants=()) == alone.request


@pytest.mark.parametrize("places", [1, batch.MAX_PLACES])
def test_each_of_a_batch_keeps_what_happened_inside_as_it_would_alone(monkeypatch, places):
    monkeypatch.setattr(batch, "MAX_PLACES", places)  # 1: as many groups as pictures
    requests = [replace(each, trace=True) for each in (FOX, *OTHERS)]
    first = shared_engine().generate(replace(requests[0], variants=tuple(requests[1:])))
    for asked, drawn in zip(requests, (first, *first.variants), strict=True):
        alone = shared_engine().generate(asked).trace
        assert drawn.trace.tokens == alone.tokens
        assert drawn.trace.maps == pytest.approx(alone.maps, abs=1e-3)
        assert [moment.step for moment in drawn.trace.moments] == [0, 1, 2]
        for mine, theirs in zip(drawn.trace.moments, alone.moments, strict=True):
            for kind in ("now", "expected"):
                pair = (jpeg_values(getattr(each, kind)) for each in (mine, theirs))
                assert abs(np.subtract(*pair)).max() <= 4
    files = read_variants(write_png(first))
    assert [read_trace(file) for file in files] == [variant.trace for variant in first.variants]


def test_a_network_that_is_told_the_scale_is_told_it_in_a_batch():
    pipeline = tiny_pipeline()
    config = {**pipeline.unet.config, "time_cond_proj_dim": 8}
    pipeline.unet = UNet2DConditionModel.from_config(config)
    engine = DiffusionEngine(pipeline, name="lcm", steps=2, limits=Limits(guidance="embedded"))
    requests = [replace(FOX, guidance_scale=scale) for scale in (1.0, 8.0)]
    first = engine.generate(replace(requests[0], variants=(requests[1],)))
    for asked, drawn in zip(requests, (first, *first.variants), strict=True):
        assert abs(values(engine.generate(asked)) - values(drawn)).max() <= 1


def test_one_file_holds_the_whole_batch_and_each_its_own_settings():
    picture = shared_engine().generate(replace(FOX, variants=OTHERS))
    files = read_variants(write_png(picture))
    assert files == [write_png(variant) for variant in picture.variants]
    assert [read_png(file)["guidance_scale"] for file in files] == [0.0, 1.0, 3.0, 3.0]
    assert read_variants(files[0]) == []
    assert read_variants(b"no picture") == []


def test_steps_are_told_one_after_the_other_and_a_stop_ends_all():
    steps: list[Step] = []
    shared_engine().generate(replace(FOX, variants=OTHERS), steps.append)
    assert [step.index for step in steps] == list(range(1, steps[-1].total + 1))
    assert steps[0].preview().startswith(b"\xff\xd8")

    def stop(_step):
        raise Cancelled

    with pytest.raises(Cancelled):
        shared_engine().generate(replace(FOX, variants=OTHERS), stop)


@pytest.mark.parametrize(
    "variants",
    [
        (replace(FOX, num_inference_steps=4),),
        (replace(FOX, scheduler="DDIM"),),
        (replace(FOX, trace=True),),
        (replace(FOX, start=Start(other_seed=1)),),
        (replace(FOX, variants=(FOX,)),),
        (FOX,) * (MAX_VARIANTS + 1),
    ],
)
def test_what_does_not_fit_into_one_batch_is_refused(variants):
    with pytest.raises(InvalidRequest) as refused:
        replace(FOX, variants=variants)
    assert refused.value.code == "variants_do_not_fit"


@pytest.mark.parametrize("trace", [False, True])
def test_variants_cross_pipe_and_http(trace):
    pictures = [replace(each, trace=trace) for each in (FOX, *OTHERS)]
    request = replace(pictures[0], variants=tuple(pictures[1:]))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(request), type=Request) == request
    sent = msgspec.json.decode(msgspec.json.encode(picture_of(request)), type=protocol.Picture)
    assert request_of(sent, Limits()) == request
