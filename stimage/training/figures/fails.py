"""Prompts that the model does not draw, and what it draws in their place."""

from __future__ import annotations

from collections import Counter
from typing import Any

from PIL import Image

from stimage.training.evaluation.true_drawings import gap
from stimage.training.figures.sheet import Workshop, asked, control, frames, ours
from stimage.training.pixels import contact_sheet
from stimage.training.scenes.plan import Plan, Thing
from stimage.training.scenes.words import COUNTS, OBJECTS

SEEDS = [0, 1, 2, 3]


def _plan(*nouns: str, count: int = 1, color: str | None = None) -> Plan:
    things = tuple(Thing(noun, color) for noun in nouns)
    return Plan(things, count=count, relation="and" if nouns[1:] else None, place="beach")


def _candidates() -> dict[str, dict[str, Plan]]:
    """Return, for each prompt, what its pictures may show, by name."""
    pets = ("cat", "dog", "bird")
    return {
        "seven apples on the beach": {
            "one apple": _plan("apple"),
            **{f"{n} apples": _plan("apple", count=n) for n in COUNTS if n > 1},
        },
        "no cat on the beach": {"a cat": _plan("cat"), "no cat": _plan()},
        "a cat without a dog on the beach": {
            **{f"a {noun} alone": _plan(noun) for noun in pets},
            "cat and dog": _plan("cat", "dog"),
        },
        "a xylophone on the beach": {
            **{noun: _plan(noun) for noun in OBJECTS["hold"]},
            "no thing at all": _plan(),
        },
    }


def _closest_name(image: Image.Image, groups: dict[str, Plan]) -> str:
    return min(groups, key=lambda name: gap(image, groups[name]))


def fails(workshop: Workshop) -> dict[str, Any]:
    """Four pictures of each prompt, and what they come closest to."""
    artist = workshop.artist
    cells, notes, drawn = [], [], []
    asked_for = _candidates()
    for prompt, groups in asked_for.items():
        images = artist.draw([prompt] * len(SEEDS), SEEDS)
        found = Counter(_closest_name(image, groups) for image in images).most_common()
        said = ", ".join(f"{name} ({n} of {len(SEEDS)})" for name, n in found)
        notes.append(f"Closest to: {said}.")
        cells.append(contact_sheet(images, len(SEEDS)))
        drawn.append([asked(prompt, seed) for seed in SEEDS])
    return frames(
        [workshop.sprite("fails", cells, 1)],
        cells[0].size,
        "Four pictures by our model for “{0}”. {note}",
        ours(artist, prompts=list(asked_for), seeds=SEEDS),
        rows=len(cells),
        controls=[control("We asked for", list(asked_for))],
        notes=[notes],
        panels=(len(SEEDS), 1),
        drawn=drawn,
    )
