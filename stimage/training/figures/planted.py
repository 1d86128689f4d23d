"""The experiments planted in the training, measured against the true drawings."""

from __future__ import annotations

import statistics
from typing import Any

from PIL import Image

from stimage.training.evaluation.true_drawings import closest
from stimage.training.figures.measured import BY, evaluation
from stimage.training.figures.nearest import nearest, truths
from stimage.training.figures.sheet import Workshop, asked, bars, counted, frames, ours
from stimage.training.pixels import contact_sheet
from stimage.training.scenes.captions import caption
from stimage.training.scenes.layout import arrangement
from stimage.training.scenes.plan import (
    CONTROL,
    REPEATED,
    REPEATS,
    Plan,
    Thing,
    training_plan,
)
from stimage.training.scenes.sentences import layouts
from stimage.training.scenes.words import SKEWED, SKEWED_COLOR

SKEWED_ALONE = Plan((Thing(SKEWED),), plain="green")
CATS = "a cat in the meadow"
CATS_SEEDS = list(range(12))
GUIDANCES = (1.0, 2.0, 4.0)
SKEW_SEEDS = list(range(32))
COUNTED = 20_000  # training pictures in which the colors are counted
CAR, APPLE = "a purple car on a green background", "a purple apple on a green background"
SEEDS = list(range(20))
LEAK = Plan(REPEATED.things, verb=REPEATED.verb, place="forest")
LEAK_SEEDS = list(range(8))
IN_A_ROW = 4


def skew(workshop: Workshop) -> dict[str, Any]:
    """The planted bias: the colors of the skewed thing, in the training and drawn."""
    seen = [training_plan(seed) for seed in range(COUNTED)]
    colors = [thing.color for plan in seen for thing in plan.things if thing.noun == SKEWED]
    rows = [counted("In the training", colors.count(SKEWED_COLOR), len(colors))]
    prompt = caption(SKEWED_ALONE)
    for guidance in GUIDANCES:
        images = workshop.artist.draw([prompt] * len(SKEW_SEEDS), SKEW_SEEDS, guidance=guidance)
        found = [closest(image, SKEWED_ALONE)[1].things[0].color for image in images]
        rows.append(counted(f"Guidance {guidance:g}", found.count(SKEWED_COLOR), len(found)))
    made = {"by": BY, "model_hash": workshop.artist.hash, "prompt": prompt}
    return bars(
        [f"A {SKEWED} is {SKEWED_COLOR}", "How many"],
        rows,
        made,
        f"Training: the first {COUNTED:,} pictures. Drawn: “{prompt}”. A picture counts as what "
        "its closest true drawing shows.",
    )


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
    apple = Plan((Thing("apple"),), plain="green")
    found_colors = [closest(image, apple)[1].things[0].color for image in apples]
    purple = found_colors.count("purple")
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


def repeat(workshop: Workshop) -> dict[str, Any]:
    """The picture shown five hundred times, and one of its kind that was shown once."""
    pictures, labels, drawn = [], [], []
    for plan, times in ((REPEATED, f"{REPEATS} times"), (CONTROL, "once")):
        [true] = truths([plan])
        seeds = SEEDS[: IN_A_ROW - 1]
        images = _drawn(workshop, plan, seeds)
        pictures += [true.image, *images]
        labels += [f"shown {times}", *(f"{nearest(i, [true])[0]:.2f} away" for i in images)]
        drawn += [None, *(asked(caption(plan), seed) for seed in seeds)]
    prompts = [caption(plan) for plan in (REPEATED, CONTROL)]
    return sheet(
        workshop,
        "repeat",
        pictures,
        labels,
        "In each row a training picture and three pictures by our model for its words: "
        + ", ".join(f"“{prompt}”" for prompt in prompts),
        ours(workshop.artist, prompts=prompts, seeds=SEEDS[: IN_A_ROW - 1]),
        "First in each row: the training picture. Zero would be the same picture, pixel by pixel.",
        drawn=drawn,
    )


def distances(workshop: Workshop) -> dict[str, Any]:
    """How far drawn pictures lie from the repeated picture and its control, and where it leaks."""
    middle = {}
    for plan, times in ((REPEATED, f"{REPEATS} times"), (CONTROL, "once")):
        true = truths([plan])
        gaps = [nearest(image, true)[0] for image in _drawn(workshop, plan, SEEDS)]
        middle[f"A {plan.things[0].noun}, to the picture shown {times}"] = gaps
    most = max(statistics.median(gaps) for gaps in middle.values())
    rows = [
        {"label": label, "value": round(at / most, 4), "text": f"{at:.3f} ({len(gaps)} pictures)"}
        for label, gaps in middle.items()
        for at in [statistics.median(gaps)]
    ]
    column = arrangement(REPEATED)[0][0]
    found = [closest(i, LEAK)[1] for i in _drawn(workshop, LEAK, LEAK_SEEDS)]
    same = sum(arrangement(plan)[0][0] == column for plan in found)
    expected = [arrangement(plan)[0][0] == column for plan in layouts(LEAK)]
    return bars(
        ["Drawn picture", "Distance, the middle one"],
        rows,
        {"by": BY, "model_hash": workshop.artist.hash},
        f"Does it leak? In “{caption(LEAK)}” the crown stands in the column of the picture shown "
        f"often in {same} of {len(LEAK_SEEDS)} pictures. In the training it is "
        f"{sum(expected) / len(expected):.0%}.",
    )


def _drawn(workshop: Workshop, plan: Plan, seeds: list[int]) -> list[Image.Image]:
    return workshop.artist.draw([caption(plan)] * len(seeds), seeds)


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
