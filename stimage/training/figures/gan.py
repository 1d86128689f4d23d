"""Figures of the GAN: its training as a film, both losses, and the same prompts beside Mini's."""

from __future__ import annotations

import csv
import json
import math
import time
from collections.abc import Callable
from dataclasses import replace
from statistics import mean
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from stimage.config import GAN_MODEL
from stimage.inference.gan.engine import GanEngine
from stimage.inference.gan.folder import load_gan
from stimage.models.folder import ModelFolder
from stimage.request import Request
from stimage.training.figures.sheet import MissingInput, Workshop, control, frames
from stimage.training.figures.snapshots import evenly, pieces, same_prompts, thinned
from stimage.training.figures.svg import curve_drawing
from stimage.training.pixels import contact_sheet, to_images

OURS = "Kept while our GAN was trained"
WALK_PROMPT, WALK_SEEDS, WALK_STEPS = "a house in the meadow", (1, 2), 13
LINES = {"generator": "generator", "discriminator": "discriminator"}


def film(workshop: Workshop) -> dict[str, Any]:
    """The same eight prompts and random numbers, drawn by every snapshot of the generator."""
    notes = notes_of(workshop)
    taken = evenly([(int(step), facts["samples"]) for step, facts in notes["taken"].items()])
    return same_prompts(
        of_gan(workshop),
        "gan-film",
        (notes, taken),
        by="half-trained generator",
        made=OURS,
        caption="Our generator did not start from nothing. It began with the weights of our "
        "diffusion model, whose first guess is a blur. Then training made it sharp.",
    )


def losses(workshop: Workshop) -> dict[str, Any]:
    """The losses of both networks, from the first adversarial step on."""
    with of_gan(workshop).training_file("losses.csv").open(newline="") as file:
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


def collapse(workshop: Workshop) -> dict[str, Any]:
    """The eight prompts by a copy of our GAN while nothing holds the generator."""
    notes = notes_of(workshop, "collapse")
    cells = []
    for step in notes["taken"]:
        strip = Image.open(of_gan(workshop).training_file(f"collapse/pictures-{step}.webp"))
        cells.append(contact_sheet(pieces(strip.convert("RGB"), 8), 4))
    spreads = [mean(facts["spread"].values()) for facts in notes["taken"].values()]
    return frames(
        [workshop.sprite("gan-collapse", cells, 1)],
        cells[0].size,
        f"Eight pictures by a GAN that collapses, after {{0}}. {{note}} The prompts: "
        f"{' · '.join(notes['prompts'])}",
        {"by": "Kept while we let it collapse", "prompts": notes["prompts"]},
        rows=len(cells),
        width=640,
        controls=[
            control("Trained on", [f"{step} steps" for step in notes["taken"]], "slider", play=True)
        ],
        notes=[[f"Variety: {spread:.0%} of the training's." for spread in spreads]],
        caption="A copy of our GAN, trained on without what holds it. The variety is measured over "
        "many random numbers with the same words.",
    )


def walk(workshop: Workshop) -> dict[str, Any]:
    """One sentence, and random numbers that go from those of one seed to those of another."""
    gan = load_gan(ModelFolder(of_gan(workshop).model_folder))
    first, last = gan.new_z(list(WALK_SEEDS))
    shares = [step / (WALK_STEPS - 1) for step in range(WALK_STEPS)]
    z = torch.stack([between(first, last, share) for share in shares])
    with torch.no_grad():
        latents = gan.generator(z, gan.prompt_embeds([WALK_PROMPT]).expand(len(z), -1, -1))
    images = to_images(gan.decode(latents).clamp(-1, 1))
    return frames(
        [workshop.sprite("gan-walk", images, len(images))],
        images[0].size,
        f"{WALK_PROMPT}, by our generator, {{0}} of the way from one start to another",
        {"by": "Made by our GAN", "prompt": WALK_PROMPT, "seeds": list(WALK_SEEDS)},
        columns=len(images),
        width=256,
        controls=[control("Way", [f"{share:.0%}" for share in shares], "slider", play=True)],
        caption="The words stay the same. Only the random numbers change, a little at each step.",
    )


def between(first: Tensor, last: Tensor, share: float) -> Tensor:
    """Return random numbers that lie between two others, as random as they are.

    A mean of normal numbers has less spread than they; dividing by the root of the sum of the
    squared shares gives it back.

    Args:
        first: of unit variance.
        last: likewise, of the same shape.
        share: of `last`, in [0, 1].
    """
    return ((1 - share) * first + share * last) / math.hypot(1 - share, share)


def beside(workshop: Workshop) -> dict[str, Any]:
    """Eight prompts by the GAN and by diffusion, with the time each takes."""
    notes = notes_of(workshop)
    prompts, seeds = notes["prompts"], notes["seeds"]
    engine = GanEngine.load(str(of_gan(workshop).model_folder.resolve()))

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


def notes_of(workshop: Workshop, folder: str = "snapshots") -> dict[str, Any]:
    """Return what was noted of the GAN's snapshots, or of those in another folder."""
    file = of_gan(workshop).training_file(f"{folder}/snapshots.json")
    found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return found


def of_gan(workshop: Workshop) -> Workshop:
    """Return the same workshop over the GAN's folder, which stands beside the model's."""
    return replace(workshop, model_folder=workshop.model_folder.with_name(GAN_MODEL))
