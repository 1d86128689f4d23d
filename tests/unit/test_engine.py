"""The engine draws what was asked, the same every time, and survives being stopped."""

import io
import threading

import pytest
import torch
from PIL import Image

from stimage.errors import Cancelled, InvalidRequest, ModelError
from stimage.inference.diffusion import DiffusionEngine
from stimage.models.scheduler_names import SCHEDULERS
from stimage.request import Limits, Request, Step
from tests.support.errors import refused
from tests.support.tiny import save_tiny, shared_engine, tiny_engine, tiny_pipeline


def pixels(engine: DiffusionEngine, on_step=None, **request) -> bytes:
    return engine.generate(
        Request(**{"prompt": "a fox", "seed": 1, **request}), on_step
    ).image.tobytes()


def test_the_same_request_gives_the_same_picture_bit_for_bit():
    assert pixels(shared_engine()) == pixels(shared_engine())


def test_a_fresh_engine_with_the_same_weights_gives_the_same_picture():
    assert pixels(shared_engine()) == pixels(tiny_engine())


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 0},
        {"prompt": "a cat"},
        {"negative_prompt": "cat"},
        {"num_inference_steps": 5},
        {"guidance_scale": 5.0},
        {"scheduler": "Euler a"},
    ],
)
def test_every_setting_changes_the_picture(change):
    assert pixels(shared_engine(), **change) != pixels(shared_engine())


def test_what_is_left_open_is_filled_in():
    picture = shared_engine().generate(Request(prompt="a fox", seed=1))
    request = picture.request
    assert (request.num_inference_steps, request.guidance_scale, request.scheduler) == (
        4,
        3.0,
        "DDIM",
    )
    assert picture.model == "tiny"
    assert picture.seconds > 0
    assert picture.image.size == (32, 32)


def test_a_picture_is_drawn_again_from_its_own_request():
    picture = shared_engine().generate(Request(prompt="a fox", scheduler="UniPC"))
    again = shared_engine().generate(picture.request)
    assert again.image.tobytes() == picture.image.tobytes()


@pytest.mark.parametrize("name", SCHEDULERS)
@pytest.mark.parametrize("steps", [1, 2, 9])
def test_every_scheduler_draws_with_any_number_of_steps(name, steps):
    seen: list[Step] = []
    pixels(shared_engine(), seen.append, scheduler=name, num_inference_steps=steps)
    passes = {"Heun": 2 * steps - 1, "PNDM": steps + (steps > 1)}  # more than one for some steps
    total = passes.get(name, steps)
    assert [(step.index, step.total) for step in seen] == [(i + 1, total) for i in range(total)]
    assert seen[-1].fraction == 1


def test_schedulers_leave_no_trace_in_the_next_picture():
    before = pixels(shared_engine())
    for name in SCHEDULERS:
        pixels(shared_engine(), scheduler=name, num_inference_steps=3)
    assert pixels(shared_engine()) == before


@pytest.mark.parametrize("name", SCHEDULERS)
def test_a_stopped_drawing_leaves_the_engine_ready(name):
    engine = shared_engine()
    undisturbed = pixels(engine, scheduler=name)
    calls = []

    def stop_at_two(step: Step) -> None:
        calls.append(step.index)
        if step.index == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        pixels(engine, stop_at_two, scheduler=name, seed=9)
    assert calls == [1, 2]
    assert pixels(engine, scheduler=name) == undisturbed


def test_looking_at_previews_does_not_change_the_picture():
    previews = []
    watched = pixels(shared_engine(), lambda step: previews.append(step.preview()))
    assert watched == pixels(shared_engine())
    for preview in previews:
        with Image.open(io.BytesIO(preview)) as image:
            assert (image.format, image.size) == ("JPEG", (32, 32))


def test_threads_that_draw_at_once_get_what_they_get_alone():
    engine = shared_engine()
    names = list(SCHEDULERS)
    alone = [pixels(engine, seed=i, scheduler=name) for i, name in enumerate(names)]
    together: dict[int, bytes] = {}

    def draw(i: int, name: str) -> None:
        together[i] = pixels(engine, seed=i, scheduler=name)

    threads = [threading.Thread(target=draw, args=pair) for pair in enumerate(names)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [together[i] for i in range(len(names))] == alone


def test_a_request_beyond_the_models_limits_is_refused_before_drawing():
    limits = Limits(max_steps=8, max_guidance_scale=4)
    engine = DiffusionEngine(
        tiny_pipeline(), name="tiny", steps=4, guidance_scale=3.0, limits=limits
    )
    with refused(InvalidRequest, "from 1 to 8"):
        pixels(engine, num_inference_steps=9)
    with refused(InvalidRequest, "from 0 to 4"):
        pixels(engine, guidance_scale=4.5)


def test_an_unknown_scheduler_is_refused_with_the_known_ones():
    with refused(InvalidRequest, r"no scheduler “Magic”.*DDIM"):
        pixels(shared_engine(), scheduler="Magic")


def test_latents_that_are_nan_or_infinite_are_no_picture():
    pipeline = tiny_pipeline()
    engine = DiffusionEngine(pipeline, name="broken", steps=2)
    with torch.no_grad():
        pipeline.unet.conv_out.bias.fill_(float("nan"))
    with refused(ModelError, "no picture") as caught:
        pixels(engine)
    assert caught.value.code == "latents_not_finite"


def test_every_dtype_starts_from_the_same_noise():
    whole, half = tiny_pipeline(), tiny_pipeline()
    half.to(torch.bfloat16)
    a, b = (
        torch.frombuffer(
            bytearray(pixels(DiffusionEngine(pipeline, name="tiny", steps=2))), dtype=torch.uint8
        ).float()
        for pipeline in (whole, half)
    )
    assert (a - b).abs().mean() < 6  # of 255: bfloat16 keeps 8 bits
    assert (a - a.mean()).abs().mean() > 20


def test_a_folder_becomes_an_engine(tmp_path):
    engine = DiffusionEngine.load(str(save_tiny(tmp_path / "my model")))
    picture = engine.generate(Request(prompt="a fox", num_inference_steps=2))
    assert picture.model == "my model"
    assert len(picture.model_hash) == 12
    assert picture.image.size == (32, 32)


def test_a_missing_model_is_a_sentence_and_leaves_the_threads_as_they_were():
    before = torch.get_num_threads()
    with refused(ModelError, "There is no model"):
        DiffusionEngine.load("no-such-model")
    assert torch.get_num_threads() == before
