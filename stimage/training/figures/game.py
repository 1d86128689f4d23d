"""You are the discriminator: a training picture and a forged one side by side, and who finds it."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image

from stimage.config import GAN_MODEL
from stimage.inference.gan.folder import load_discriminator, load_gan
from stimage.inference.gan.judge import scores_of
from stimage.models.folder import ModelFolder
from stimage.training.figures.sheet import Workshop, control, frames
from stimage.training.figures.snapshots import evenly, pieces
from stimage.training.pixels import contact_sheet, to_images, to_pixels
from stimage.training.scenes.plan import PLACE_VARIANTS, Plan, Thing

TRUE = {  # prompts of the snapshots, and a true drawing of each
    "two penguins in the snow": Plan((Thing("penguin"),), count=2, place="snow"),
    "a cat sleeping on the beach": Plan((Thing("cat", "orange"),), verb="sleep", place="beach"),
    "a fox in the forest": Plan((Thing("fox"),), place="forest"),
    "three bananas on a blue background": Plan((Thing("banana"),), count=3, plain="blue"),
    "a rocket in space, pixel art": Plan((Thing("rocket"),), place="space", style="pixel art"),
    "an owl to the left of a castle at night": Plan(
        (Thing("owl"), Thing("castle")), relation="left of", place="night"
    ),
    "a red car in the city": Plan((Thing("car", "red"),), place="city"),
    "a robot dancing on a yellow background": Plan((Thing("robot"),), verb="dance", plain="yellow"),
}


def forger(workshop: Workshop) -> dict[str, Any]:
    """Round by round, a picture by a later snapshot of our generator beside a true one."""
    gan = replace(workshop, model_folder=workshop.model_folder.with_name(GAN_MODEL))
    notes = json.loads(gan.training_file("snapshots/snapshots.json").read_text("utf-8"))
    taken = evenly([(int(step), facts["samples"]) for step, facts in notes["taken"].items()])
    rng = random.Random(1)
    sheets, prompts = [], []
    for number, (step, _) in enumerate(taken):
        prompt = [*TRUE][number % len(TRUE)]
        strip = Image.open(gan.training_file(f"snapshots/pictures-{step}.webp")).convert("RGB")
        made = pieces(strip, len(notes["prompts"]))[notes["prompts"].index(prompt)]
        true = replace(TRUE[prompt], variant=number % PLACE_VARIANTS if TRUE[prompt].place else 0)
        sheets.append([to_images(to_pixels([true]))[0], made])
        prompts.append(prompt)
    answers = [rng.randrange(2) for _ in sheets]
    cells = [
        contact_sheet(both if answer == 0 else both[::-1], 2)
        for both, answer in zip(sheets, answers, strict=True)
    ]
    file = workshop.sprite("forger", cells, len(cells), quality=85)
    counts = [f"{samples:,} pictures" for _, samples in taken]
    names = [("from the training", f"by the generator, after {count}") for count in counts]
    return frames(
        [file],
        cells[0].size,
        "Round {0}: two pictures, one from the training, one by our half-trained generator",
        {"by": "Kept while our GAN was trained", "prompts": list(TRUE)},
        columns=len(cells),
        width=480,
        controls=[control("Round", [str(i) for i in range(1, len(cells) + 1)])],
        caption="Which picture is from the training? Choose one to check: only your first choice "
        "counts. Later rounds are harder. The network you play against is our discriminator, "
        "when its training was over.",
        panels=(2, 1),
        labels=[
            list(both if answer == 0 else both[::-1])
            for both, answer in zip(names, answers, strict=True)
        ],
        tap=True,
        game={
            "rounds": [f"{i}: after {count}" for i, count in enumerate(counts, start=1)],
            "answers": answers,
            "rival": _found(gan.model_folder, Image.open(workshop.out / file), prompts),
        },
    )


def _found(folder: Path, sheet: Image.Image, prompts: list[str]) -> list[int]:
    """Return which picture of each round has the higher score, as a reader sees them."""
    model = ModelFolder(folder)
    gan, discriminator = load_gan(model), load_discriminator(model)
    halves = pieces(sheet.convert("RGB"), 2 * len(prompts))
    return [
        int(scores_of(gan, discriminator, halves[2 * n : 2 * n + 2], prompt).total.argmax())
        for n, prompt in enumerate(prompts)
    ]
