"""A picture's file tells how it was made, in three forms, and nothing else."""

import dataclasses
import io
import json
import random
from xml.etree import ElementTree

import pytest
from PIL import Image

from stimage import __version__
from stimage.config import DEFAULT_MODEL
from stimage.errors import InvalidRequest
from stimage.images.png_metadata import MAX_FILE_BYTES, read_png, recipe, write_png
from stimage.request import Picture, Request
from tests.support.errors import refused
from tests.support.png_files import file_with

AI = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"


def picture(**values) -> Picture:
    given = {
        "prompt": "a small red fox reads a book",
        "negative_prompt": "blurry, dark",
        "seed": 965400086,
        "num_inference_steps": 20,
        "guidance_scale": 7.5,
        "scheduler": "DPM++ 2M",
    }
    request = Request(**{**given, **values})
    image = Image.new("RGB", (16, 8), "red")
    return Picture(image, request, 1.5, DEFAULT_MODEL, "0123456789ab")


def chunks(png: bytes) -> dict[str, str]:
    with Image.open(io.BytesIO(png)) as image:
        return {str(key): value for key, value in image.info.items()}


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"seed": 0, "guidance_scale": 0.0, "negative_prompt": ""},
        {"prompt": "Füchse für 5 € 🦊 <b>&amp;</b> {x} \\ ]]>"},
        {"prompt": "Negative prompt: a trap, Steps: 1, Seed: 2, Size: 3x3"},
        {"dice_seed": "7-fox"},
    ],
)
def test_what_is_written_is_read_again(values):
    original = picture(**values)
    png = write_png(original)
    assert read_png(png) == recipe(original)
    assert read_png(png)["seed"] == original.request.seed
    again = {k: v for k, v in read_png(png).items() if k not in ("model", "model_hash")}
    assert Request(**again) == original.request


def test_the_version_stands_beside_the_settings():
    assert json.loads(chunks(write_png(picture()))["stimage"])["version"] == __version__


def test_the_pixels_are_the_pictures():
    with Image.open(io.BytesIO(write_png(picture()))) as image:
        assert image.convert("RGB").tobytes() == picture().image.tobytes()


def test_the_same_picture_gives_the_same_bytes():
    assert write_png(picture()) == write_png(picture())


def test_other_programs_find_the_text_they_know():
    assert chunks(write_png(picture()))["parameters"] == (
        "a small red fox reads a book\n"
        "Negative prompt: blurry, dark\n"
        "Steps: 20, Sampler: DPM++ 2M, CFG scale: 7.5, Seed: 965400086, Size: 16x8, "
        f"Model hash: 0123456789, Model: stimage-mini, RNG: CPU, Version: Stimage {__version__}"
    )


@pytest.mark.parametrize("prompt", ["a fox", "a fox & <a> cat > {dog}"])
def test_the_file_says_that_a_model_made_it(prompt):
    xmp = chunks(write_png(picture(prompt=prompt)))["XML:com.adobe.xmp"]
    root = ElementTree.fromstring(xmp[xmp.index("<x:") : xmp.rindex("<?")])  # noqa: S314 (our own file)
    marks = [node.attrib.values() for node in root.iter() if node.tag.endswith("DigitalSourceType")]
    assert [list(mark) for mark in marks] == [[AI]]
    alt = next(node.text for node in root.iter() if node.tag.endswith("}li"))
    assert alt == f"A picture made by AI: {prompt}"


def test_the_text_of_other_programs_is_understood():
    text = (
        'a "quoted" fox,\nin two lines\nNegative prompt: ugly\nSteps: 30, Sampler: "Euler, a", '
        "Schedule type: Karras, CFG scale: 7, Seed: 12, Size: 512x512, Model: v1-5, Version: 1.10"
    )
    assert read_png(file_with(parameters=text)) == {
        "prompt": 'a "quoted" fox,\nin two lines',
        "negative_prompt": "ugly",
        "seed": 12,
        "num_inference_steps": 30,
        "guidance_scale": 7,
        "scheduler": "Euler, a",
        "model": "v1-5",
    }


def test_a_quoted_name_comes_back_as_it_was():
    wanted = dataclasses.replace(picture(), model='night, "noir": v2 \\ é')
    only_theirs = file_with(parameters=chunks(write_png(wanted))["parameters"])
    assert read_png(only_theirs)["model"] == wanted.model


def test_a_text_without_settings_is_all_prompt():
    assert read_png(file_with(parameters="a fox\nand: a cat")) == {"prompt": "a fox\nand: a cat"}


def test_a_picture_without_settings_tells_nothing():
    assert read_png(file_with()) == {}
    assert read_png(file_with(Software="a camera")) == {}


def test_values_of_the_wrong_kind_are_left_out():
    values = {"prompt": ["x"], "seed": "1", "num_inference_steps": True, "path": "/etc", "model": 1}
    text = json.dumps({**values, "scheduler": "DDIM"})
    assert read_png(file_with(stimage=text)) == {"scheduler": "DDIM"}


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "1" * 5000, "[" * 9000, '"x"'])
def test_a_damaged_recipe_tells_nothing(text):
    assert read_png(file_with(stimage=text)) == {}


def test_seeds_too_large_for_python_to_read_are_left_out():
    assert "seed" not in read_png(
        file_with(parameters=f"x\nSteps: 1, Seed: {'9' * 5000}, Size: 1x1")
    )


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"\0" * 999])
def test_what_is_no_png_is_refused_with_a_sentence(data):
    with refused(InvalidRequest, "not a PNG"):
        read_png(data)


def test_a_jpeg_and_a_giant_are_refused():
    file = io.BytesIO()
    Image.new("RGB", (4, 4)).save(file, "JPEG")
    with refused(InvalidRequest, "not a PNG"):
        read_png(file.getvalue())
    with refused(InvalidRequest, "larger than 20 MB"):
        read_png(bytes(MAX_FILE_BYTES + 1))


def test_damaged_files_never_do_worse_than_a_sentence():
    png, dice = write_png(picture()), random.Random(1)
    for _ in range(300):
        damaged = bytearray(png)
        for _ in range(dice.randint(1, 9)):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        try:
            assert isinstance(read_png(bytes(damaged[: dice.randrange(len(png))])), dict)
            assert isinstance(read_png(bytes(damaged)), dict)
        except InvalidRequest:
            pass
