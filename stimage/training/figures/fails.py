"""Prompts that the model does not draw, and what it draws in their place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stimage.training.figures.nearest import Truth, names_of, truths
from stimage.training.figures.sheet import Workshop, asked, control, frames, ours
from stimage.training.pixels import contact_sheet
from stimage.training.scenes.plan import Plan, Thing
from stimage.training.scenes.sentences import true_plans
from stimage.training.scenes.words import COLORS, NOUNS

SEEDS = [0, 1, 2, 3]


def _plans(*nouns: str, count: int = 1, color: str | None = None) -> Iterator[Plan]:
    things = tuple(Thing(noun, color) for noun in nouns)
    relation = "and" if len(things) == 2 else None
    yield from true_plans(Plan(things, count=count, relation=relation, place="beach"))


def _candidates() -> dict[str, dict[str, Iterator[Plan]]]:
    """Return, for each prompt, what its pictures may show, by name."""
    pets = ("cat", "dog", "bird")
    pairs = [(a, b) for a in pets for b in pets if a != b]
    return {
        "five apples on the beach": {
            "one apple": _plans("apple"),
            **{f"{n} apples": _plans("apple", count=n) for n in (2, 3, 4)},
        },
        "a cat, a dog and a bird on the beach": {
            **{f"a {noun} alone": _plans(noun) for noun in pets},
            **{f"{a} and {b}": _plans(a, b) for a, b in pairs},
        },
        "no cat on the beach": {"a cat": _plans("cat"), "no cat": _plans()},
        "a purple apple on the beach": {
            "an apple as ever": _plans("apple"),
            **{f"a {color} apple": _plans("apple", color=color) for color in COLORS},
        },
        "a xylophone on the beach": {
            **{noun: _plans(noun) for noun in NOUNS},
            "no thing at all": _plans(),
        },
    }


def fails(workshop: Workshop) -> dict[str, Any]:
    """Four pictures of each prompt, and what they come closest to."""
    artist = workshop.artist
    cells, notes, drawn = [], [], []
    asked_for = _candidates()
    for prompt, groups in asked_for.items():
        images = artist.draw([prompt] * len(SEEDS), SEEDS)
        among: dict[str, list[Truth]] = {name: truths(plans) for name, plans in groups.items()}
        found = names_of(images, among).most_common()
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
