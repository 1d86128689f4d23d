"""Figures of the training itself: its snapshots and its loss."""

from __future__ import annotations

import csv
import json
from typing import Any

from PIL import Image

from stimage.training.figures.sheet import Workshop, control, frames
from stimage.training.figures.svg import curve_drawing
from stimage.training.pixels import contact_sheet

MOST = 10  # snapshots in one figure
POINTS = 120  # on the curve of the loss
OURS = "Kept while our model was trained"
LINES = {"loss_low": "little noise", "loss_mid": "half noise", "loss_high": "much noise"}


def guessing(workshop: Workshop) -> dict[str, Any]:
    """Noisy latent, real noise, guessed noise and their difference, snapshot by snapshot."""
    notes, taken = _snapshots(workshop)
    cells = []
    for step, _ in taken:
        strip = Image.open(workshop.training_file(f"snapshots/guess-{step}.png")).convert("RGB")
        cells.append(contact_sheet(pieces(strip, 4), 2))
    return frames(
        [workshop.sprite("guessing", cells, len(cells), quality=88)],
        cells[0].size,
        "Noisy latent, real noise, guessed noise and their difference after {0}",
        {"by": OURS, "prompt": notes["guess"].get("caption", "")},
        columns=len(cells),
        width=384,
        controls=[control("Training pictures so far", _counts(taken), "slider")],
        caption="All four panels are latents, made visible. They are half picture, half noise. In "
        "the last panel, gray means: nothing wrong.",
        panels=(2, 2),
        labels=[["noisy", "real noise", "guessed noise", "what is wrong"]],
    )


def progress(workshop: Workshop) -> dict[str, Any]:
    """The same eight prompts and seeds, drawn by every snapshot."""
    return same_prompts(
        workshop,
        "progress",
        _snapshots(workshop),
        by="half-trained model",
        made=OURS,
        caption="Always the same eight prompts and seeds. Choose a picture to read its prompt.",
    )


def same_prompts(
    workshop: Workshop,
    name: str,
    snapshots: tuple[dict[str, Any], list[tuple[int, int]]],
    *,
    by: str,
    made: str,
    caption: str,
) -> dict[str, Any]:
    """Return the figure of a training's snapshots, one after the other.

    Args:
        workshop: over the folder of the model that was trained.
        name: of the figure.
        snapshots: the notes, with eight prompts and seeds, and each (step, samples).
        by: who drew, in a sentence about "our" one.
        made: who made the figure.
        caption: under it.
    """
    notes, taken = snapshots
    cells = []
    for step, _ in taken:
        strip = Image.open(workshop.training_file(f"snapshots/pictures-{step}.webp"))
        cells.append(contact_sheet(pieces(strip.convert("RGB"), 8), 4))
    prompts = " · ".join(notes["prompts"])
    return frames(
        [workshop.sprite(name, cells, 1)],
        cells[0].size,
        f"Eight pictures by our {by} after {{0}}. The prompts: {prompts}",
        {"by": made, "prompts": notes["prompts"], "seeds": notes["seeds"]},
        rows=len(cells),
        width=640,
        controls=[control("Training pictures so far", _counts(taken), "slider", play=True)],
        caption=caption,
        panels=(4, 2),
        labels=[notes["prompts"]],
        tap=True,
    )


def losses(workshop: Workshop) -> dict[str, Any]:
    """The curve of the loss, for little, half and much noise."""
    with workshop.training_file("losses.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if float(row["samples"] or 0) > 0]
    lines = {}
    for column, name in LINES.items():
        points = [(float(r["samples"]), float(r[column])) for r in rows if r.get(column)]
        lines[name] = thinned([p for p in points if p[1] == p[1]])  # NaN: no such level was drawn
    first, last = lines["half noise"][0][1], lines["half noise"][-1][1]
    svg = curve_drawing(lines, "training pictures (ten times more at each mark)", "loss")
    return frames(
        [workshop.drawing("losses", svg)],
        (420, 300),
        f"Curves of the loss. At half noise it falls from {first:.2f} to {last:.2f}.",
        {"by": "Measured while our model was trained"},
        width=520,
        caption="The loss falls fast at first, then ever more slowly. With little noise it stays "
        "highest: a trace of noise under a picture is hard to find." + _sittings(workshop),
    )


def _sittings(workshop: Workshop) -> str:
    path = workshop.model_folder / "training" / "sittings.json"
    sittings = json.loads(path.read_text("utf-8")) if path.exists() else []
    return "".join(
        f" After {sitting['samples']:,} pictures new things and styles came in. So it jumps up."
        for sitting in sittings
    )


def _snapshots(workshop: Workshop) -> tuple[dict[str, Any], list[tuple[int, int]]]:
    notes = json.loads(workshop.training_file("snapshots/snapshots.json").read_text("utf-8"))
    return notes, evenly(list(zip(notes["steps"], notes["samples"], strict=True)))


def evenly(taken: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return at most `MOST` snapshots, (step, samples), from the first to the last."""
    if len(taken) <= MOST:
        return taken
    return [taken[round(i * (len(taken) - 1) / (MOST - 1))] for i in range(MOST)]


def _counts(taken: list[tuple[int, int]]) -> list[str]:
    return [f"{samples:,} pictures" for _, samples in taken]


def pieces(strip: Image.Image, parts: int) -> list[Image.Image]:
    """Return equal pictures that stand side by side."""
    width = strip.width // parts
    return [strip.crop((i * width, 0, (i + 1) * width, strip.height)) for i in range(parts)]


def thinned(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return at most about `POINTS` means of neighbors, evenly spread on a logarithmic axis."""
    groups: dict[int, list[tuple[float, float]]] = {}
    first, last = points[0][0], points[-1][0]
    for x, y in points:
        along = (x / first) ** (1 / max(1e-9, _log_ratio(first, last)))
        groups.setdefault(int(_log_ratio(1, along) * POINTS), []).append((x, y))
    return [
        (sum(x for x, _ in group) / len(group), sum(y for _, y in group) / len(group))
        for group in groups.values()
    ]


def _log_ratio(low: float, high: float) -> float:
    from math import log

    return log(high / low)
