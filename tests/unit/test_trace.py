"""What happened inside a drawing: tokens, moments and attention; the picture stays the same."""

import io
from dataclasses import replace

import msgspec
import numpy as np
import pytest
import torch
from PIL import Image

from stimage.errors import Cancelled
from stimage.images.own_chunks import read_trace
from stimage.images.png_metadata import write_png
from stimage.inference.diffusion import DiffusionEngine
from stimage.request import Picture, Request
from stimage.trace import Trace
from tests.support.tiny import shared_engine, tiny_pipeline


def traced(engine: DiffusionEngine | None = None, **values) -> Picture:
    asked = {"prompt": "a fox cat", "seed": 1, "trace": True}
    return (engine or shared_engine()).generate(Request(**{**asked, **values}))


@pytest.fixture(scope="module")
def trace() -> Trace:
    return traced().trace


@pytest.mark.parametrize(
    ("scheduler", "guidance"), [("DDIM", 0.0), ("DDIM", 1.0), ("Euler a", 3.0), ("PNDM", 3.0)]
)
def test_a_picture_is_the_same_with_and_without_a_trace(scheduler, guidance):
    asked = Request(prompt="a fox", seed=1, scheduler=scheduler, guidance_scale=guidance)
    without = shared_engine().generate(asked)
    with_trace = shared_engine().generate(replace(asked, trace=True))
    assert with_trace.image.tobytes() == without.image.tobytes()
    assert without.trace is None
    assert with_trace.trace is not None


def test_nothing_listens_any_more_when_the_drawing_is_over_or_stopped():
    pipeline = tiny_pipeline()
    engine = DiffusionEngine(pipeline, name="tiny", steps=2)

    def stop(_step):
        raise Cancelled

    traced(engine)
    with pytest.raises(Cancelled):
        engine.generate(Request(prompt="a fox", trace=True), stop)
    assert not any(module._forward_pre_hooks for module in pipeline.unet.modules())


def test_attention_sums_to_one_over_the_tokens_at_every_place(trace):
    assert trace.maps.shape == (len(trace.tokens), trace.height, trace.width)
    assert trace.maps.min() >= 0
    assert trace.maps.sum(axis=0) == pytest.approx(np.ones((trace.height, trace.width)), abs=5e-3)


def test_attention_is_that_of_the_pass_with_the_prompt():
    """A negative prompt stands in the other half of the batch, and leaves step 1 as it is."""
    plain = traced(num_inference_steps=1, guidance_scale=3.0).trace
    negative = traced(num_inference_steps=1, guidance_scale=3.0, negative_prompt="cat").trace
    alone = traced(num_inference_steps=1, guidance_scale=1.0).trace
    assert negative.maps == pytest.approx(plain.maps, abs=1e-3)
    assert alone.maps == pytest.approx(plain.maps, abs=1e-3)


def test_keys_that_are_all_alike_get_equal_shares():
    pipeline = tiny_pipeline()
    with torch.no_grad():
        for name, module in pipeline.unet.named_modules():
            if name.endswith("attn2"):
                module.to_k.weight.zero_()
    trace = traced(DiffusionEngine(pipeline, name="tiny", steps=1)).trace
    share = 1 / pipeline.tokenizer.model_max_length
    for word in trace.words:
        assert trace.map_of(word) == pytest.approx(share, rel=1e-2)


def test_tokens_are_the_pieces_the_model_reads_between_two_marks(trace):
    texts = [token.text for token in trace.tokens]
    assert texts == ["<|startoftext|>", "a", "fox", "cat", "<|endoftext|>"]
    assert [word.text for word in trace.words] == ["a", "fox", "cat"]


def test_a_word_of_several_pieces_is_one_word():
    trace = traced(prompt="foxes cat").trace
    assert [word.text for word in trace.words] == ["foxes", "cat"]
    foxes, cat = trace.words
    assert (foxes.first, foxes.end) == (1, cat.first)
    assert foxes.end - foxes.first > 1
    assert trace.map_of(foxes) == pytest.approx(trace.maps[1 : foxes.end].sum(axis=0))


def test_what_stands_beyond_the_models_limit_is_no_token():
    trace = traced(prompt="cat " * 60).trace
    assert len(trace.tokens) == tiny_pipeline().tokenizer.model_max_length


def test_each_moment_shows_what_is_and_what_is_expected(trace):
    assert [moment.step for moment in trace.moments] == [0, 1, 2, 3]
    assert trace.steps == 4
    for moment in trace.moments:
        for jpeg in (moment.now, moment.expected):
            with Image.open(io.BytesIO(jpeg)) as image:
                assert (image.format, image.size) == ("JPEG", (32, 32))
    assert len({moment.now for moment in trace.moments}) == 4


def test_many_steps_leave_some_moments_out():
    trace = traced(num_inference_steps=50).trace
    assert trace.steps == 50
    assert [moment.step for moment in trace.moments] == list(range(0, 50, 3))


def test_a_trace_travels_inside_the_picture_and_is_no_part_of_its_settings():
    picture = traced()
    png = write_png(picture)
    assert read_trace(png) == picture.trace
    assert read_trace(write_png(replace(picture, trace=None))) is None
    assert read_trace(b"no picture") is None
    assert read_trace(png.replace(b"attention", b"intention")) is None
    again = shared_engine().generate(picture.request)
    assert write_png(again) == png


def test_a_trace_whose_maps_do_not_fit_is_none(trace):
    with pytest.raises(ValueError, match="fit"):
        msgspec.structs.replace(trace, height=trace.height + 1)
