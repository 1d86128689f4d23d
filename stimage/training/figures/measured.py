"""Figures of numbers: what the model draws right, what a picture costs, what its file says."""

from __future__ import annotations

import io
import json
from typing import Any

from PIL import Image

from stimage.config import DEFAULT_MODEL
from stimage.explainer.facts import facts
from stimage.images.png_metadata import read_png, write_png
from stimage.request import Picture, Request
from stimage.training.figures.sheet import Workshop, asked, bars, counted

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
ENERGY = ("energy_text", "energy_chat", "energy_median", "energy_worst", "energy_phone")
MARKED = ("a unicorn in the city", 1)


def limits(workshop: Workshop) -> dict[str, Any]:
    """How often the model draws what was asked for, by kind of prompt."""
    found = evaluation(workshop)
    rows = [(label, found["rows"][row]) for row, label in ASKED.items() if row in found["rows"]]
    least = min(rows, key=lambda pair: pair[1]["n"])[1]
    errors = [1 - right for right in found["detector_right"].values()]
    made = {
        "by": BY,
        "model_hash": workshop.artist.hash,
        "steps": found["steps"],
        "guidance": found["guidance_scale"],
    }
    return bars(
        ["We asked for", "Right"],
        [counted(label, round(row["right"] * row["n"]), row["n"]) for label, row in rows],
        made,
        f"Few pictures, so do not rank the rows: behind {least['n']} of {least['n']} the true "
        f"share may be as low as {100 * least['low']:.0f} of 100. The network that checked is "
        f"wrong itself, in {100 * min(errors):.1f} to {100 * max(errors):.1f} of 100 cases.",
    )


def energy(_: Workshop) -> dict[str, Any]:
    """The facts on energy beside each other."""
    told = [facts()[key] for key in ENERGY]
    most = max(float(fact.value) for fact in told)
    rows = [
        {"label": fact.label, "value": round(float(fact.value) / most, 4), "text": fact.text}
        for fact in told
    ]
    by = {"by": "Luccioni et al. 2023; the chat: Google 2025, measured in another way"}
    return bars(["What", "Energy"], rows, by)


def mark(workshop: Workshop) -> dict[str, Any]:
    """What stands in the file of a picture, beside its pixels."""
    prompt, seed = MARKED
    request = Request.from_mapping(asked(prompt, seed))
    image = workshop.artist.draw([prompt], [seed])[0]
    file = write_png(Picture(image, request, 0.0, DEFAULT_MODEL, workshop.artist.hash))
    xmp = Image.open(io.BytesIO(file)).info["XML:com.adobe.xmp"]
    rows = [("source type", xmp.partition("digitalsourcetype/")[2].partition('"')[0])]
    rows += [(name.replace("_", " "), str(value)) for name, value in read_png(file).items()]
    told = [{"label": label, "value": None, "text": text} for label, text in rows]
    made = {"by": "Read from a file of our studio", "model_hash": workshop.artist.hash}
    return bars(["In the file", "It says"], told, made) | {"drawn": [[asked(prompt, seed)]]}


def evaluation(workshop: Workshop) -> dict[str, Any]:
    """Return what the evaluation of the model found."""
    path = workshop.training_file("evaluation.json")
    return dict(json.loads(path.read_text("utf-8")))
