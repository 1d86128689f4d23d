"""Figures of the GAN: its training as a film, both losses, and the same prompts beside Mini's."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PIL import Image

from stimage.config import GAN_MODEL
from stimage.inference.gan.engine import GanEngine
from stimage.request import Request
from stimage.training.figures.sheet import MissingInput, Workshop, control, frames
from stimage.training.figures.snapshots import evenly, same_prompts, thinned
from stimage.training.figures.svg import curve_drawing
from stimage.training.pixels import contact_sheet

OURS = "Kept while our GAN was trained"
LINES = {"generator": "generator", "discriminator": "discriminator"}


def film(workshop: Workshop) -> dict[str, Any]:
    """The same eight prompts and random numbers, drawn by every snapshot of the generator."""
    notes = _notes(workshop)
    taken = evenly([(int(step), facts["samples"]) for step, facts in notes["taken"].items()])
    return same_prompts(
        _of_gan(workshop),
        "gan-film",
        (notes, taken),
        by="half-trained generator",
        made=OURS,
        caption="Our generator did not start from nothing. It began with the weights of our "
        "diffusion model, whose first guess is a blur. Then training made it sharp.",
    )


def losses(workshop: Workshop) -> dict[str, Any]:
    """The losses of both networks, from the first adversarial step on."""
    with _of_gan(workshop).training_file("losses.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if float(row["generator"])]
    if not rows:
        raise MissingInput("figure_input_missing", path="training/losses.csv")
    lines = {
        name: thinned([(float(row["samples"]), float(row[column])) for row in rows])
        for column, name in LINES.items()
    }
    return frames(
        [workshop.drawing("gan-losses", curve_drawing(lines, "training pictures", "loss"))],
        (420, 300),
        "Two curves that swing: the loss of the generator, and that of the discriminator.",
        {"by": "Measured while our GAN was trained"},
        width=520,
        caption="No loss falls for good. When the discriminator finds a new trick, the "
        "generator's loss jumps up, until it has learned to fool that trick, too.",
    )


def beside(workshop: Workshop) -> dict[str, Any]:
    """Eight prompts by the GAN and by diffusion, with the time each takes."""
    notes = _notes(workshop)
    prompts, seeds = notes["prompts"], notes["seeds"]
    engine = GanEngine.load(str(_of_gan(workshop).model_folder.resolve()))

    def by_gan(prompt: str, seed: int) -> Image.Image:
        return engine.generate(Request(prompt=prompt, seed=seed)).image

    def by_diffusion(prompt: str, seed: int) -> Image.Image:
        return workshop.artist.draw([prompt], [seed])[0]

    sheets, seconds = [], []
    for draw in (by_gan, by_diffusion):
        images, took = _timed(draw, prompts, seeds)
        sheets.append(contact_sheet(images, 4))
        seconds.append(took)
    times = round(seconds[1] / seconds[0])
    return frames(
        [workshop.sprite("gan-beside", sheets, 1)],
        sheets[0].size,
        f"Eight pictures by our {{0}}. The prompts: {' · '.join(prompts)}",
        {"by": "Made by our models", "prompts": prompts, "seeds": seeds},
        rows=2,
        width=640,
        controls=[control("Drawn by", ["GAN, one step", "diffusion model, 20 steps"])],
        caption=f"Both were trained on the same pictures. For one picture the GAN took "
        f"{seconds[0]:.2f} seconds, and diffusion {seconds[1]:.1f}: about {times} times as long.",
        panels=(4, 2),
        labels=[prompts],
        tap=True,
    )


def _timed(
    draw: Callable[[str, int], Image.Image], prompts: list[str], seeds: list[int]
) -> tuple[list[Image.Image], float]:
    """Return the pictures and the median seconds for one; the first one warms up."""
    draw(prompts[0], seeds[0])
    images, times = [], []
    for prompt, seed in zip(prompts, seeds, strict=True):
        started = time.perf_counter()
        images.append(draw(prompt, seed))
        times.append(time.perf_counter() - started)
    return images, sorted(times)[len(times) // 2]


def _notes(workshop: Workshop) -> dict[str, Any]:
    file = _of_gan(workshop).training_file("snapshots/snapshots.json")
    found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return found


def _of_gan(workshop: Workshop) -> Workshop:
    """Return the same workshop over the GAN's folder, which stands beside the model's."""
    return replace(workshop, model_folder=workshop.model_folder.with_name(GAN_MODEL))
