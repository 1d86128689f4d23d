"""A request is clean and within its limits, or it does not exist."""

import dataclasses
import math
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stimage.errors import InvalidRequest, ModelError, QueueFull, TooLittleMemory
from stimage.i18n import Edge, sentence
from stimage.request import (
    MAX_PROMPT_CHARS,
    MAX_SEED,
    SHORT_NAMES,
    Limits,
    Request,
    Step,
    clean_text,
    new_seed,
)
from tests.support.errors import refused


def test_a_prompt_is_enough():
    request = Request(prompt="a fox")
    assert (request.negative_prompt, request.num_inference_steps, request.guidance_scale) == (
        "",
        None,
        None,
    )
    assert 0 <= request.seed <= MAX_SEED


def test_seeds_nobody_chose_differ():
    assert len({new_seed() for _ in range(100)}) > 90


def test_nothing_can_be_changed_afterwards():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Request(prompt="a fox").seed = 3  # type: ignore[misc]  # that is what is tried


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("  a\tfox\n\nin  snow ", "a fox in snow"),
        ("a\x00fox\x1b[31m", "a fox [31m"),
        ("a\u2028fox\u2029", "a fox"),
        ("Fu\u0308chse", "F\u00fcchse"),
        ("a \ud800fox", "a fox"),
        ("🦊 狐 ثعلب", "🦊 狐 ثعلب"),
        ("a \U0001fae9 and a \U0001fabf", "a \U0001fae9 and a \U0001fabf"),  # newer than Python
        ("a \ufdd0fox\U0010ffff", "a fox"),
        ("👨‍👩‍👧 <b>&amp;", "👨‍👩‍👧 <b>&amp;"),
    ],
)
def test_texts_are_cleaned_to_one_line(typed, clean):
    assert Request(prompt=typed).prompt == clean
    assert Request(prompt="x", negative_prompt=typed).negative_prompt == clean


@pytest.mark.parametrize("empty", ["", " ", "\n\t", "\x00", "\ud800"])
def test_an_empty_prompt_is_refused_kindly(empty):
    with refused(InvalidRequest, r"empty\. Type what you want to see"):
        Request(prompt=empty)


def test_the_longest_prompt_fits_and_one_more_does_not():
    assert len(Request(prompt="x" * MAX_PROMPT_CHARS).prompt) == 300
    assert Request(prompt=" " * 900 + "x").prompt == "x"
    with refused(InvalidRequest, "Shorten it by 1"):
        Request(prompt="x" * 301)
    with refused(InvalidRequest, "Shorten it by 1"):
        Request(prompt="x", negative_prompt="x" * 301)
    with refused(InvalidRequest, "1000000 characters"):
        Request(prompt=" " * 1_000_000)


@pytest.mark.parametrize(
    "wrong",
    [
        {"prompt": None},
        {"prompt": 3},
        {"negative_prompt": b"x"},
        {"seed": -1},
        {"seed": MAX_SEED + 1},
        {"seed": 10**5000},
        {"seed": 1.0},
        {"seed": True},
        {"seed": "1"},
        {"seed": None},
        {"num_inference_steps": 0},
        {"num_inference_steps": 51},
        {"num_inference_steps": 2.5},
        {"guidance_scale": -0.1},
        {"guidance_scale": 12.5},
        {"guidance_scale": math.nan},
        {"guidance_scale": math.inf},
        {"guidance_scale": "7"},
        {"scheduler": 5},
        {"dice_seed": 5},
        {"dice_seed": "x" * 301},
    ],
)
def test_what_is_out_of_its_limits_is_refused_with_a_sentence(wrong):
    with pytest.raises(InvalidRequest) as caught:
        Request(**{"prompt": "a fox", **wrong})
    assert sentence(caught.value).endswith(".")


def test_zero_is_a_seed_and_a_guidance():
    request = Request(prompt="a fox", seed=0, guidance_scale=0)
    assert (request.seed, request.guidance_scale) == (0, 0)


def test_the_limits_are_the_models():
    limits = Limits(max_steps=80, max_guidance_scale=20)
    assert Request(prompt="x", num_inference_steps=80, limits=limits).num_inference_steps == 80
    with refused(InvalidRequest, "from 1 to 80; it was 81"):
        Request(prompt="x", num_inference_steps=81, limits=limits)
    with refused(InvalidRequest, r"from 0 to 2\.5; it was 3"):
        Request(prompt="x", guidance_scale=3, limits=Limits(max_guidance_scale=2.5))


def test_a_step_knows_how_much_is_done():
    assert Step(5, 20, lambda: b"").fraction == 0.25


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (QueueFull("queue_full"), "Many pictures are queued already."),
        (ModelError("not_imported", file="a.ckpt"), "“a.ckpt” is a single file."),
        (TooLittleMemory("out_of_memory"), "The memory ran out."),
        (MemoryError(), "The memory ran out"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), "The memory ran out"),
        (ValueError("/home/ann/secret"), "Something failed unexpectedly (ValueError)."),
    ],
)
def test_every_error_has_a_sentence_without_inner_details(error, says):
    assert sentence(error).startswith(says)
    assert "secret" not in sentence(error)


def test_requests_need_neither_torch_nor_streamlit():
    code = (
        "import sys, stimage.request, stimage.errors, stimage.images.png_metadata\n"
        "import stimage.service.local\n"
        "heavy = {'torch', 'streamlit', 'diffusers', 'transformers', 'spacy', 'numpy'}\n"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
NAMES = [*SHORT_NAMES, *SHORT_NAMES.values(), "something else"]


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.dictionaries(st.sampled_from(NAMES), ANYTHING))
def test_whatever_comes_from_outside_is_a_request_or_refused_with_a_sentence(values):
    try:
        request = Request.from_mapping(values)
    except InvalidRequest as error:
        said = [sentence(error, edge) for edge in Edge]
    else:
        said = []
        assert Request.from_mapping(request.to_mapping()) == request
    assert all(words.endswith(".") for words in said)


@settings(derandomize=True, deadline=None)
@given(
    prompt=st.text(min_size=1, max_size=300).filter(lambda text: clean_text(text, "prompt")),
    seed=st.integers(0, MAX_SEED),
    steps=st.none() | st.integers(1, 50),
    guidance=st.none() | st.floats(0, 12),
)
@pytest.mark.parametrize("short", [True, False])
def test_a_request_survives_an_address_or_a_form_as_text(prompt, seed, steps, guidance, short):
    request = Request(prompt=prompt, seed=seed, num_inference_steps=steps, guidance_scale=guidance)
    as_text = {name: str(value) for name, value in request.to_mapping(short=short).items()}
    assert Request.from_mapping(as_text) == request


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"seed": "--5"}, "not_whole"),
        ({"seed": "5.5"}, "not_whole"),
        ({"seed": "\u0663"}, "not_whole"),
        ({"seed": "1e3"}, "not_whole"),
        ({"steps": ["5"]}, "not_whole"),
        ({"steps": True}, "not_whole"),
        ({"guidance": "nan"}, "not_a_number"),
        ({"guidance": "1e999"}, "not_a_number"),
        ({"guidance": "seven"}, "not_a_number"),
        ({"prompt": ["a", "b"]}, "not_text"),
        ({"prompt": ""}, "prompt_empty"),
        ({"scheduler": 3}, "not_text"),
    ],
)
def test_what_is_wrong_is_named_by_its_code(values, code):
    with pytest.raises(InvalidRequest) as caught:
        Request.from_mapping({"prompt": "a fox", **values})
    assert caught.value.code == code


def test_whole_numbers_may_be_written_with_a_fraction_of_nothing():
    request = Request.from_mapping({"prompt": "a fox", "seed": "20.0", "steps": 5.0})
    assert (request.seed, request.num_inference_steps) == (20, 5)
