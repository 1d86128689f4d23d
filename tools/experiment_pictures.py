"""Draw the runs that the page Experiments shows while no model can draw.

    python -m tools.experiment_pictures       writes static/experiments/

Each is one sheet, drawn by the model that ships with the page's own prompts and seeds. The castle
that one experiment sends back is written, too.
"""

from __future__ import annotations

import io
from dataclasses import replace

from PIL import Image

from stimage import paths
from stimage.config import DEFAULT_MODEL
from stimage.images.png_metadata import write_png
from stimage.inference.diffusion import DiffusionEngine
from stimage.request import Request
from stimage.start import Start
from stimage.ui.experiments import noise, words
from stimage.ui.inside.pictures import overlay

FOLDER = paths.EXPERIMENTS
LEVELS = (40, 60, 80, 100)
SHARES = (0, 25, 50, 75, 100)
Row = list[Image.Image]


def main() -> None:
    """Draw all of them."""
    engine = DiffusionEngine.load(DEFAULT_MODEL)
    FOLDER.mkdir(parents=True, exist_ok=True)
    noise.CASTLE.write_bytes(write_png(engine.generate(noise.SENT_BACK)))
    sheets = {
        "back": back(engine),
        "morph": morph(engine),
        "word": changed_word(engine),
        "break": [[drawn(engine, Request(prompt=each, seed=words.SEED)) for each in words.HARD]],
        "paint": painted(engine),
        "guess": half_cleaned(engine),
    }
    for name, rows in sheets.items():
        sheet(rows).save(FOLDER / f"{name}.webp", quality=80, method=6)
        print(FOLDER / f"{name}.webp")


def back(engine: DiffusionEngine) -> list[Row]:
    """Return cleaned pictures by level, with the words and without."""
    castle = noise.CASTLE.read_bytes()
    starts = [Start(picture=castle, strength=level / 100) for level in LEVELS]
    return [
        [drawn(engine, replace(noise.SENT_BACK, start=start, guidance_scale=s)) for start in starts]
        for s in (None, 0.0)
    ]


def morph(engine: DiffusionEngine) -> list[Row]:
    """Return the way from seed to seed, and from prompt to prompt."""
    ways = (
        [Start(other_seed=noise.OTHER_SEED, mix=share / 100) for share in SHARES],
        [Start(other_prompt=noise.OTHER_PROMPT, mix=share / 100) for share in SHARES],
    )
    return [[drawn(engine, replace(noise.BALLOON, start=start)) for start in way] for way in ways]


def changed_word(engine: DiffusionEngine) -> list[Row]:
    """Return two pictures, and below the map of the word in which they differ."""
    pictures, maps = [], []
    for thing in words.THINGS[:2]:
        prompt = f"a {thing} on the beach"
        picture = engine.generate(Request(prompt=prompt, seed=words.SEED, trace=True))
        assert picture.trace is not None
        word = next(word for word in picture.trace.words if word.text == thing)
        pictures.append(picture.image)
        maps.append(opened(overlay(write_png(picture), picture.trace.map_of(word))))
    return [pictures, maps]


def painted(engine: DiffusionEngine) -> list[Row]:
    """Return a painting and what became of it."""
    start = noise.painting(noise.CANVAS)
    request = Request(
        prompt="a red car in the meadow",
        seed=1,
        start=Start(picture=start, strength=noise.PAINTED_STRENGTH),
    )
    return [[opened(start), drawn(engine, request)]]


def half_cleaned(engine: DiffusionEngine) -> list[Row]:
    """Return a picture on its way, and finished."""
    secret, _ = words.SECRETS[0]
    picture = engine.generate(Request(prompt=secret, seed=words.SEED, trace=True))
    assert picture.trace is not None
    return [[*(opened(each.now) for each in picture.trace.moments[::5]), picture.image]]


def drawn(engine: DiffusionEngine, request: Request) -> Image.Image:
    """Return a finished picture."""
    return engine.generate(request).image


def opened(data: bytes) -> Image.Image:
    """Return a picture from its file."""
    return Image.open(io.BytesIO(data)).convert("RGB")


def sheet(rows: list[Row]) -> Image.Image:
    """Return rows of equal pictures as one."""
    width, height = rows[0][-1].size
    whole = Image.new("RGB", (width * len(rows[0]), height * len(rows)), "white")
    for down, row in enumerate(rows):
        for across, picture in enumerate(row):
            whole.paste(picture.resize((width, height)), (across * width, down * height))
    return whole


if __name__ == "__main__":
    main()
