"""The drawings of three sets of emoji as pictures: vectors, so of any size.

The sets are packages of npm that stay outside of the repository:
`npm install --no-save @iconify-json/noto@1.2.9 @iconify-json/fluent-emoji-flat@1.2.6
@iconify-json/twemoji@1.2.5`. Their licenses: NOTICE.
"""

from __future__ import annotations

import io
import json
from functools import cache
from typing import Any

from PIL import Image

from stimage.config import config
from stimage.errors import StimageError
from stimage.training.scenes.words import DRAWINGS, PEOPLE

SETS = {  # folder of a set -> how it calls five skin colors
    "noto": ("-light-skin-tone", "-medium-light-skin-tone", "-medium-skin-tone",
             "-medium-dark-skin-tone", "-dark-skin-tone"),
    "fluent-emoji-flat": ("-light", "-medium-light", "-medium", "-medium-dark", "-dark"),
    "twemoji": ("-light-skin-tone", "-medium-light-skin-tone", "-medium-skin-tone",
                "-medium-dark-skin-tone", "-dark-skin-tone"),
}  # fmt: skip
RENDERED_PX = 224  # the longest side of a drawing; the biggest thing of a scene


@cache
def package(folder: str) -> dict[str, Any]:
    """Return a set as its package describes it.

    Raises:
        StimageError: "drawings_missing" if the package is not there or can't be read.
    """
    path = config().drawings / folder / "icons.json"
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise StimageError("drawings_missing", path=str(path)) from problem
    return found


def _svg(folder: str, name: str) -> str:
    """Return one drawing as a whole SVG, "" if the set has none of that name."""
    found = package(folder)
    name = found.get("aliases", {}).get(name, {}).get("parent", name)
    icon = found["icons"].get(name)
    if icon is None:
        return ""
    side = found["width"]
    box = f"viewBox='0 0 {side} {side}'"
    return f"<svg xmlns='http://www.w3.org/2000/svg' {box}>{icon['body']}</svg>"


@cache
def drawings_of(noun: str) -> tuple[tuple[str, str], ...]:
    """Return the drawings of a noun or cue as (set, name); people in all skin colors.

    Raises:
        StimageError: "drawings_missing".
    """
    names = DRAWINGS.get(noun, noun).split()
    found = []
    for folder, skins in SETS.items():
        ends = skins if noun in PEOPLE else ("",)
        drawn = [name for name in names if _svg(folder, name + ends[0])]
        if noun not in PEOPLE:  # one a set: the second name is for sets without the first
            drawn = drawn[:1]
        found += [(folder, name + end) for name in drawn for end in ends]
    return tuple(found)


@cache
def rendered(folder: str, name: str) -> Image.Image:
    """Return a drawing cut to its ink, its longest side `RENDERED_PX`, RGBA."""
    from resvg_py import svg_to_bytes

    png = svg_to_bytes(svg_string=_svg(folder, name), width=256, height=256, skip_system_fonts=True)
    image = Image.open(io.BytesIO(png)).convert("RGBA")
    ink = image.crop(image.getbbox())
    scale = RENDERED_PX / max(ink.size)
    return ink.resize((max(1, round(ink.width * scale)), max(1, round(ink.height * scale))))
