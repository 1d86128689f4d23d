"""A picture in another format still says how it was made, and that a model made it."""

from __future__ import annotations

import io
import json

import pytest
from PIL import Image
from PIL.ExifTags import IFD, Base

from stimage.images.formats import MAKER, UNICODE, Format, converted
from stimage.images.png_metadata import write_png
from stimage.request import Picture, Request

PICTURE = Picture(
    Image.effect_noise((64, 48), 40).convert("RGB"),
    Request(prompt="a fox \u2014 \U0001f98a", seed=3, negative_prompt="cat"),
    1.0,
    "tiny",
)
PNG = write_png(PICTURE)


def opened(kind, **settings):
    return Image.open(io.BytesIO(converted(PNG, kind, **settings)))


def test_a_png_stays_as_it_is():
    assert converted(PNG, Format.PNG) is PNG


@pytest.mark.parametrize("kind", [Format.JPEG, Format.WEBP])
def test_text_json_and_mark_are_all_there(kind):
    image = opened(kind)
    texts = Image.open(io.BytesIO(PNG)).info
    details = image.getexif().get_ifd(IFD.Exif)
    assert (image.format, image.size) == (kind.upper(), (64, 48))
    comment = details[Base.UserComment]
    assert comment.startswith(UNICODE)
    assert comment[len(UNICODE) :].decode("utf-16-be") == texts["parameters"]
    ours = json.loads(details[Base.MakerNote].removeprefix(MAKER))
    assert (ours["prompt"], ours["seed"]) == (PICTURE.request.prompt, 3)
    assert image.info["xmp"].decode() == texts["XML:com.adobe.xmp"]


def test_less_quality_is_a_smaller_file():
    for kind in (Format.JPEG, Format.WEBP):
        assert len(converted(PNG, kind, 10)) < len(converted(PNG, kind, 95))
