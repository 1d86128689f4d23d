"""Pictures of other programs: what they tell is read, and rubbish never becomes a prompt."""

import contextlib
import dataclasses
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from stimage.errors import InvalidRequest
from stimage.images.infotext import KINDS, infotext
from stimage.images.png_metadata import read_png, write_png
from stimage.request import Picture, Request
from tests.support.png_files import after_pixels, before_pixels, chunk, file_with, packed, plain

LINE = "Steps: 20, Sampler: Euler, CFG scale: 7, Seed: 12, Size: 512x512"
TEXT = f"a fox\nNegative prompt: ugly\n{LINE}"
READ = {
    "prompt": "a fox",
    "negative_prompt": "ugly",
    "seed": 12,
    "num_inference_steps": 20,
    "guidance_scale": 7,
    "scheduler": "Euler",
}
WORKFLOW = json.dumps({"nodes": [{"id": number, "pos": [1, 2]} for number in range(90_000)]})


@pytest.mark.parametrize(
    "file",
    [
        after_pixels(plain("parameters", TEXT)),
        after_pixels(packed("parameters", TEXT)),
        after_pixels(chunk(b"iTXt", b"parameters\0\0\0en\0Parameter\0" + TEXT.encode())),
        before_pixels(packed("workflow", WORKFLOW), plain("parameters", TEXT)),
        before_pixels(plain("parameters", TEXT), packed("workflow", WORKFLOW)),
        before_pixels(packed("prompt", " " * 50_000_000), plain("parameters", TEXT)),
        before_pixels(chunk(b"zTXt", b"prompt\0\0no zlib"), plain("parameters", TEXT)),
        before_pixels(chunk(b"zTXt", b"prompt"), chunk(b"iTXt", b""), plain("parameters", TEXT)),
        before_pixels(chunk(b"tEXt", b"parameters\0a dog", spoiled=1), plain("parameters", TEXT)),
        before_pixels(plain("parameters", "a dog"), plain("parameters", TEXT)),
        after_pixels(plain("parameters", TEXT))[:-9],  # cut short behind it
        file_with(stimage="{damaged", parameters=TEXT),
        file_with(stimage='{"seed": "no number"}', parameters=TEXT),
    ],
)
def test_a_good_text_is_read_wherever_it_stands_and_whatever_stands_beside_it(file):
    assert read_png(file) == READ


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_letters_beyond_ascii_are_read_in_either_encoding(encoding):
    assert read_png(before_pixels(plain("parameters", "Füchse", encoding)))["prompt"] == "Füchse"


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace("\n", "\r\n"),
        f"{TEXT}\nTemplate: a {{fox|cat}}\nNegative Template: ugly",
        f"{TEXT}\n\nWildcard prompt: a __animal__, two: 2, three: 3",
        TEXT.replace("Steps: 20", "Steps: 20.0"),
        TEXT.replace("Steps: 20", 'Lora hashes: "a: 1, Seed: 99", Steps: 20'),
        TEXT.replace("Steps: 20", "Lora-Seed: 99, Steps: 20"),
        TEXT.replace(LINE, f'{LINE}, Civitai resources: [{{"a": 1, "Seed": 99}}], Version: 1'),
        TEXT.replace(LINE, "Size: 512x512, Seed: 12, CFG scale: 7.0, Sampler: Euler, Steps: 20"),
    ],
)
def test_settings_are_found_however_other_programs_write_them(text):
    assert read_png(file_with(parameters=text)) == READ


@pytest.mark.parametrize(
    "prompt",
    [
        "colors: red, blue, shape: round, mood: calm",
        "{red|blue} fox",
        "[snow] fox, (a: 1.2), <lora:x:1>, b: c",
    ],
)
def test_a_prompt_with_marks_is_a_prompt(prompt):
    assert read_png(file_with(parameters=prompt)) == {"prompt": prompt}


@pytest.mark.parametrize(
    "request_",
    [
        Request(prompt="Negative prompt: a dog", seed=7),
        Request(prompt="a fox Steps: 1, Seed: 2, Size: 1x1", seed=7),
        Request(prompt="a fox", negative_prompt="Steps: 1, Sampler: x, Seed: 2, Size: 1x1", seed=7),
        Request(prompt="a fox", negative_prompt="Negative prompt: b", seed=7),
        Request(prompt="Steps: 1, Seed: 2, Size: 1x1", seed=7),
    ],
)
def test_a_prompt_that_looks_like_settings_leaves_the_seed_true(request_):
    whole = dataclasses.replace(request_, num_inference_steps=4, guidance_scale=2.5)
    picture = Picture(Image.new("RGB", (8, 8)), whole, 1.0, "tiny")
    assert read_png(write_png(picture))["prompt"] == request_.prompt
    text = infotext(picture)
    assert read_png(file_with(parameters=text))["seed"] == 7
    assert text.count("Negative prompt:") == bool(request_.negative_prompt)


COMFYUI = {
    "3": {
        "class_type": "KSampler",
        "inputs": {
            "seed": 12,
            "steps": 20,
            "cfg": 7.0,
            "sampler_name": "euler",
            "scheduler": "karras",
            "model": ["4", 0],
            "positive": ["10", 0],
            "negative": ["7", 0],
        },
    },
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "v1-5.safetensors"}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": ["8", 0], "clip": ["4", 1]}},
    "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "ugly", "clip": ["4", 1]}},
    "8": {"class_type": "PrimitiveString", "inputs": {"value": "a fox\n"}},
    "10": {"class_type": "ConditioningSetArea", "inputs": {"conditioning": ["6", 0], "width": 9}},
}
SETTINGS = {"negative_prompt": "ugly", "seed": 12, "steps": 20}
OF_OTHERS = {
    "ComfyUI": {"prompt": json.dumps(COMFYUI), "workflow": "{}"},
    "Fooocus": {
        "parameters": json.dumps(
            {**SETTINGS, "prompt": "a fox", "guidance_scale": 7.0, "sampler": "euler", "seed": "12"}
        ),
        "fooocus_scheme": "fooocus",
    },
    "RuinedFooocus": {
        "parameters": json.dumps(
            {"Prompt": "a fox", "Negative": "ugly", "steps": 20, "cfg": 7, "seed": 12}
            | {"sampler_name": "euler", "software": "RuinedFooocus"}
        )
    },
    "InvokeAI": {
        "invokeai_metadata": json.dumps(
            {**SETTINGS, "positive_prompt": "a fox", "cfg_scale": 7.0, "scheduler": "euler"}
            | {"model": {"name": "v1-5.safetensors"}}
        )
    },
    "InvokeAI 2": {
        "Dream": '"a "fox" [ugly]" -s 1 -S 1',
        "sd-metadata": json.dumps(
            {
                "image": {"prompt": [{"prompt": "a fox [ugly]", "weight": 1.0}], "seed": 12}
                | {"steps": 20, "cfg_scale": 7, "sampler": "euler"}
            }
        ),
    },
    "InvokeAI 1": {"Dream": '"a fox [ugly]" -s 20 -S 12 -W 512 -H 512 -C 7.0 -A euler'},
    "NovelAI": {
        "Title": "AI generated image",
        "Software": "NovelAI",
        "Description": "a fox",
        "Comment": json.dumps(
            {"steps": 20, "sampler": "euler", "seed": 12, "scale": 7.0, "uc": "ugly"}
        ),
    },
    "SwarmUI": {
        "parameters": json.dumps(
            {
                "sui_image_params": {"prompt": "a fox", "negativeprompt": "ugly", "seed": 12}
                | {"steps": 20, "cfgscale": 7.0, "sampler": "euler"}
            }
        )
    },
    "Easy Diffusion": {
        "prompt": "a fox",
        "negative_prompt": "ugly",
        "seed": "12",
        "num_inference_steps": "20",
        "guidance_scale": "7.0",
        "sampler_name": "euler",
    },
}


@pytest.mark.parametrize("program", OF_OTHERS)
def test_the_forms_of_other_programs_are_read_and_named(program):
    found = read_png(file_with(**OF_OTHERS[program]))
    assert found.pop("program") == program.rstrip(" 12")
    found.pop("model", None)
    assert found == READ | {"scheduler": "euler"}


def test_plain_settings_count_before_a_graph():
    both = file_with(parameters=TEXT, prompt=json.dumps(COMFYUI).replace("a fox", "a dog"))
    assert read_png(both) == READ


@pytest.mark.parametrize(
    "texts",
    [
        {"parameters": '{"some": "other JSON"}'},
        {"parameters": '{"prompt": "cut sho'},
        {"parameters": '[{"prompt": "in a list"}]'},
        {"parameters": '{"prompt": {"not": "text"}}'},
        {"prompt": "{}"},
        {"prompt": json.dumps({"1": {"inputs": {"text": "words that lead nowhere"}}})},
        {"prompt": json.dumps({"3": {"inputs": {"positive": ["3", 0], "negative": 7, "seed": 1}}})},
        {"Comment": '{"prompt": "a camera"}'},
        {"sd-metadata": '{"image": {"prompt": 7}}'},
        {"Dream": "no quotes -s 20"},
        {"invokeai_metadata": "[" * 9000},
        {"workflow": "{}"},
    ],
)
def test_rubbish_tells_nothing(texts):
    assert read_png(file_with(**texts)) == {}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["inputs", "positive", "negative", "seed", "text", "prompt", "image", "1"]
            ),
            inner,
        )
    ),
    max_leaves=12,
)
NAMES = ["parameters", "prompt", "sd-metadata", "invokeai_metadata", "Comment", "Dream", "stimage"]


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=9) | JSON.map(json.dumps)))
def test_no_text_of_others_does_worse_than_tell_nothing(texts):
    found = read_png(file_with(Software="NovelAI", **texts))
    assert all(isinstance(value, KINDS[name]) for name, value in found.items())


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.binary(max_size=60), st.integers(0, 2**32 - 1))
def test_no_chunk_does_worse_than_a_sentence(content, length):
    file = file_with()
    odd = length.to_bytes(4) + b"tEXt" + content
    for data in (file[:33] + odd + file[33:], file[:20] + content, content + file):
        with contextlib.suppress(InvalidRequest):
            assert isinstance(read_png(data), dict)
