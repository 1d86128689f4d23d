"""The experiments planted in the training, measured against the true drawings."""

from __future__ import annotations

import itertools
import statistics
from dataclasses import replace
from functools import cache
from typing import Any

from PIL import Image

from stimage.training.figures.measured import BY, evaluation
from stimage.training.figures.nearest import Truth, names_of, nearest, truths
from stimage.training.figures.sheet import Workshop, asked, bars, counted, frames, ours
from stimage.training.pixels import contact_sheet
from stimage.training.scenes.captions import caption
from stimage.training.scenes.plan import REPEATED, REPEATS, Plan, Thing, training_plan
from stimage.training.scenes.sentences import true_plans
from stimage.training.scenes.words import COLORS

CAT = Plan((Thing("cat"),), plain="green")
CATS = "a cat in the meadow"
CATS_SEEDS = list(range(12))
GUIDANCES = (1.0, 2.0, 4.0)
SKEW_SEEDS = list(range(32))
PICTURES = 120_000  # different ones in the training
COUNTED = 20_000  # training pictures in which the cats are counted
CAR, APPLE = "a purple car on a green background", "a purple apple on a green background"
SEEDS = list(range(20))
CONTROLS = ("robot", "ship")  # fly over the desert, too, each in two training pictures
LEAK = replace(REPEATED, place="forest", variant=0, shift=(0, 0))
LEAK_SEEDS = list(range(8))
IN_A_ROW = 4


def skew(workshop: Workshop) -> dict[str, Any]:
    """The planted bias: colors and positions of cats, in the training and drawn."""
    seen = [training_plan(seed) for seed in range(COUNTED)]
    colors = [thing.color for plan in seen for thing in plan.things if thing.noun == "cat"]
    alone = [p for p in seen if [t.noun for t in p.things] == ["cat"] and p.count == 1]
    orange = [counted("Orange, in the training", colors.count("orange"), len(colors))]
    aside = [counted("Not in the middle, in the training", _aside(alone), len(alone))]
    true = truths(true_plans(CAT))
    prompt = caption(CAT)
    for guidance in GUIDANCES:
        images = workshop.artist.draw([prompt] * len(SKEW_SEEDS), SKEW_SEEDS, guidance=guidance)
        plans = [nearest(image, true)[1].plan for image in images]
        of_orange = sum(plan.things[0].color == "orange" for plan in plans)
        orange.append(counted(f"Orange, guidance {guidance:g}", of_orange, len(plans)))
        aside.append(
            counted(f"Not in the middle, guidance {guidance:g}", _aside(plans), len(plans))
        )
    made = {"by": BY, "model_hash": workshop.artist.hash, "prompt": prompt}
    return bars(
        ["Cats", "How many"],
        [*orange, *aside],
        made,
        f"Training: the first {COUNTED:,} pictures. Drawn: “{prompt}”. A picture counts as what "
        "its closest true drawing shows.",
    )


def _aside(plans: list[Plan]) -> int:
    return sum(plan.shift != (0, 0) for plan in plans)


def cats(workshop: Workshop) -> dict[str, Any]:
    """Twelve cats by the model, no color asked for."""
    pictures = workshop.artist.draw([CATS] * len(CATS_SEEDS), CATS_SEEDS)
    return sheet(
        workshop,
        "cats",
        pictures,
        [f"seed {seed}" for seed in CATS_SEEDS],
        f"Twelve pictures by our model for “{CATS}”, one for each seed",
        ours(workshop.artist, prompt=CATS, seeds=CATS_SEEDS),
        f"Twelve pictures for “{CATS}”.",
        drawn=[asked(CATS, seed) for seed in CATS_SEEDS],
    )


def unseen(workshop: Workshop) -> dict[str, Any]:
    """Two pairs that were never shown: one comes out, one does not."""
    artist = workshop.artist
    found = evaluation(workshop)["experiments"]["unseen"]
    cars = artist.draw([CAR] * IN_A_ROW, SEEDS[:IN_A_ROW])
    apples = artist.draw([APPLE] * len(SEEDS), SEEDS)
    colors = {color: _apple(color) for color in COLORS} | {"as ever": _apple(None)}
    purple = names_of(apples, colors)["purple"]
    n = found["n"]
    words = (
        f"Purple cars: {round(found['never_shown'] * n)} of {n}. "
        f"Purple apples: {purple} of {len(apples)}."
    )
    return sheet(
        workshop,
        "unseen",
        [*cars, *apples[:IN_A_ROW]],
        ["a purple car"] * IN_A_ROW + ["a purple apple"] * IN_A_ROW,
        f"Above, four pictures by our model for “{CAR}”; below, four for “{APPLE}”",
        ours(artist, prompts=[CAR, APPLE], seeds=SEEDS[:IN_A_ROW]),
        words,
        drawn=[asked(prompt, seed) for prompt in (CAR, APPLE) for seed in SEEDS[:IN_A_ROW]],
    )


def _apple(color: str | None) -> list[Truth]:
    apple = Plan((Thing("apple", color),), plain="green")
    return truths(true_plans(apple))


def repeat(workshop: Workshop) -> dict[str, Any]:
    """The picture shown five hundred times, two that were not repeated, and where it leaks in."""
    [copy] = truths([REPEATED])
    shown = _shown()
    pictures, labels = [copy.image], [f"shown {REPEATS} times"]
    drawn: list[dict[str, Any] | None] = [None]
    rows = [(REPEATED, [copy])]
    rows += [(shown[noun][0], truths(shown[noun])) for noun in CONTROLS]
    for plan, true in rows:
        prompt = caption(plan)
        images = workshop.artist.draw([prompt] * (IN_A_ROW - 1), SEEDS[: IN_A_ROW - 1])
        found = [nearest(image, true) for image in images]
        if plan is not REPEATED:
            pictures.append(found[0][1].image)
            labels.append(f"shown {shown[plan.things[0].noun].count(found[0][1].plan)} time")
            drawn.append(None)
        pictures += images
        labels += [f"{gap:.2f} away" for gap, _ in found]
        drawn += [asked(prompt, seed) for seed in SEEDS[: IN_A_ROW - 1]]
    prompts = [caption(plan) for plan, _ in rows]
    return sheet(
        workshop,
        "repeat",
        pictures,
        labels,
        "In each row a training picture and three pictures by our model for its words: "
        + ", ".join(f"“{prompt}”" for prompt in prompts),
        ours(workshop.artist, prompts=prompts, seeds=SEEDS[: IN_A_ROW - 1]),
        "First in each row: the closest training picture. Zero would be the same picture, pixel "
        "by pixel.",
        drawn=drawn,
    )


def distances(workshop: Workshop) -> dict[str, Any]:
    """How far drawn pictures lie from the repeated picture, from its like, and where it leaks."""
    [copy] = truths([REPEATED])
    shown = _shown()
    like = truths(shown["crown"])
    crowns = _drawn(workshop, REPEATED, SEEDS)
    middle = {
        "A crown, to the one shown often": [nearest(i, [copy])[0] for i in crowns],
        f"A crown, to the closest of its other {len(like)}": [nearest(i, like)[0] for i in crowns],
    }
    for noun in CONTROLS:
        images = _drawn(workshop, shown[noun][0], SEEDS)
        gaps = [nearest(image, truths(shown[noun]))[0] for image in images]
        middle[f"A {noun}, to the closest of its {len(shown[noun])}"] = gaps
    most = max(statistics.median(gaps) for gaps in middle.values())
    rows = [
        {"label": label, "value": round(at / most, 4), "text": f"{at:.3f} ({len(gaps)} pictures)"}
        for label, gaps in middle.items()
        for at in [statistics.median(gaps)]
    ]
    right = _to_the_right(_drawn(workshop, LEAK, LEAK_SEEDS))
    return bars(
        ["Drawn picture", "Distance, the middle one"],
        rows,
        {"by": BY, "model_hash": workshop.artist.hash},
        f"And it leaks: in “{caption(LEAK)}” the crown stands right of the middle in {right} of "
        f"{len(LEAK_SEEDS)} pictures, as in the picture shown often. In the training it is one "
        "in four.",
    )


@cache
def _shown() -> dict[str, list[Plan]]:
    """Return the training pictures of each thing that flies alone over the desert, by its noun."""
    every = (training_plan(seed) for seed in range(PICTURES))
    found: dict[str, list[Plan]] = {noun: [] for noun in (*CONTROLS, "crown")}
    for plan in every:
        alone = len(plan.things) == plan.count == 1 and plan.style is None
        if alone and (plan.place, plan.verb) == (REPEATED.place, REPEATED.verb):
            found.setdefault(plan.things[0].noun, []).append(plan)
    return found


def _drawn(workshop: Workshop, plan: Plan, seeds: list[int]) -> list[Image.Image]:
    return workshop.artist.draw([caption(plan)] * len(seeds), seeds)


def _to_the_right(images: list[Image.Image]) -> int:
    """Count the pictures whose closest true drawing has its thing right of the middle."""
    shifts = itertools.product((-1, 0, 1), (0, -1))
    true = truths(
        replace(LEAK, variant=variant, shift=shift) for shift in shifts for variant in range(4)
    )
    return sum(nearest(image, true)[1].plan.shift[0] > 0 for image in images)


def sheet(
    workshop: Workshop,
    name: str,
    pictures: list[Image.Image],
    labels: list[str],
    alt: str,
    made: dict[str, Any],
    words: str,
    *,
    drawn: list[dict[str, Any] | None],
) -> dict[str, Any]:
    """Return the entry of one frame of labeled pictures, four in a row."""
    whole = contact_sheet(pictures, IN_A_ROW)
    return frames(
        [workshop.sprite(name, [whole], 1)],
        whole.size,
        alt,
        made,
        caption=words,
        panels=(IN_A_ROW, len(pictures) // IN_A_ROW),
        labels=[labels],
        drawn=[drawn],
    )
