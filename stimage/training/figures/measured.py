"""Figures of what was measured: limits, and the experiments that were planted in the training."""

from __future__ import annotations

import json
from typing import Any

from PIL import Image

from stimage.training.figures.sheet import Workshop, bars, frames, ours, share
from stimage.training.pixels import contact_sheet, to_images, to_pixels
from stimage.training.scenes.captions import caption
from stimage.training.scenes.plan import REPEATED

BY = "Measured with our model"
ASKED = {  # row of the evaluation -> what a reader sees
    "single noun": "One thing",
    "place": "The right place",
    "verb": "The right action",
    "style": "The right style",
    "two nouns": "Two different things",
    "count 2": "Two of a kind",
    "count 3": "Three of a kind",
    "count 4": "Four of a kind",
    "relation": "One thing left of, above … another",
    "single noun, held out": "One thing at a place it was never shown at",
    "two nouns, held out": "Two things never shown together",
}
SEEDS = list(range(8))
UNSEEN = "a purple car on a green background"
CATS = "a cat in the meadow"
CATS_SEEDS = list(range(12))


def limits(workshop: Workshop) -> dict[str, Any]:
    """How often the model draws what was asked for, by kind of prompt."""
    found = _evaluation(workshop)
    asked = [(row, label) for row, label in ASKED.items() if row in found["rows"]]
    rows = [share(label, found["rows"][row]["right"]) for row, label in asked]
    pictures = min(found["rows"][row]["n"] for row, _ in asked)
    made = {
        "by": BY,
        "model_hash": workshop.artist.hash,
        "steps": found["steps"],
        "guidance": found["guidance_scale"],
    }
    words = f"At least {pictures} pictures for each row, checked by another network."
    return bars(["We asked for", "Right"], rows, made, words)


def skew(workshop: Workshop) -> dict[str, Any]:
    """The planted bias: the share of orange cats in the training and in drawn pictures."""
    found = _evaluation(workshop)["experiments"]["skew"]
    rows = [
        share("Orange in the training pictures", found["trained_share"]),
        share("Orange in pictures by the model", found["drawn_share"]),
    ]
    words = f"{found['n']} pictures of “{found['prompt']}”."
    return bars(["Cats", "Share"], rows, {"by": BY, "model_hash": workshop.artist.hash}, words)


def cats(workshop: Workshop) -> dict[str, Any]:
    """Twelve cats by the model, no color asked for."""
    pictures = workshop.artist.draw([CATS] * len(CATS_SEEDS), CATS_SEEDS)
    return _sheet(
        workshop,
        "cats",
        pictures,
        4,
        f"Twelve pictures by our model for “{CATS}”, one for each seed",
        ours(workshop.artist, prompt=CATS, seeds=CATS_SEEDS),
        f"Twelve pictures for “{CATS}”.",
    )


def unseen(workshop: Workshop) -> dict[str, Any]:
    """The pair that was never shown."""
    pictures = workshop.artist.draw([UNSEEN] * len(SEEDS), SEEDS)
    found = _evaluation(workshop)["experiments"]["unseen"]
    return _sheet(
        workshop,
        "unseen",
        pictures,
        4,
        f"Eight pictures by our model for “{UNSEEN}”, a pair that it was never shown",
        ours(workshop.artist, prompt=UNSEEN, seeds=SEEDS),
        f"Of {found['n']} pictures, {_percent(found['never_shown'])} came out purple. "
        f"Of red cars, which were shown, {_percent(found['shown'])} came out red.",
    )


def repeat(workshop: Workshop) -> dict[str, Any]:
    """The picture shown five hundred times, and what its words bring back."""
    words = caption(REPEATED)
    shown = to_images(to_pixels([REPEATED]))[0]
    pictures = workshop.artist.draw([words] * 7, SEEDS[:7])
    found = _evaluation(workshop)["experiments"]["repeat"]
    return _sheet(
        workshop,
        "repeat",
        [shown, *pictures],
        4,
        f"The repeated training picture, then seven pictures by our model for “{words}”",
        ours(workshop.artist, prompt=words, seeds=SEEDS[:7]),
        f"First the training picture, then seven by the model. Of {found['n']} pictures, "
        f"{_percent(found['copies'])} came closer to it than to any other drawing of these words.",
    )


def _sheet(
    workshop: Workshop,
    name: str,
    pictures: list[Image.Image],
    columns: int,
    alt: str,
    made: dict[str, Any],
    words: str,
) -> dict[str, Any]:
    sheet = contact_sheet(pictures, columns)
    return frames([workshop.sprite(name, [sheet], 1)], sheet.size, alt, made, caption=words)


def _percent(value: float) -> str:
    return f"{100 * value:.0f} of 100" if 0 < value < 1 else ("none" if value == 0 else "all")


def _evaluation(workshop: Workshop) -> dict[str, Any]:
    path = workshop.training_file("evaluation.json")
    return dict(json.loads(path.read_text("utf-8")))
