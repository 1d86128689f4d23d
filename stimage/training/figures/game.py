"""You are the discriminator: a training picture and a forged one side by side, and who finds it."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image

from stimage.inference.gan.folder import load_discriminator, load_gan
from stimage.inference.gan.judge import scores_of
from stimage.models.folder import ModelFolder
from stimage.training.figures.gan import notes_of, of_gan
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
    gan, notes = of_gan(workshop), notes_of(workshop)
    taken = evenly([(int(step), facts["samples"]) for step, facts in notes["taken"].items()])
    rng = random.Random(1)
    cells, labels, prompts, answers = [], [], [], []
    for number, (step, samples) in enumerate(taken):
        prompt = [*TRUE][number % len(TRUE)]
        strip = Image.open(gan.training_file(f"snapshots/pictures-{step}.webp")).convert("RGB")
        made = pieces(strip, len(notes["prompts"]))[notes["prompts"].index(prompt)]
        true = replace(TRUE[prompt], variant=number % PLACE_VARIANTS if TRUE[prompt].place else 0)
        told = [(to_images(to_pixels([true]))[0], "from the training")]
        told.append((made, f"by the generator, after {samples:,} pictures"))
        answer = rng.randrange(2)
        both = told if answer == 0 else told[::-1]
        cells.append(contact_sheet([image for image, _ in both], 2))
        labels.append([label for _, label in both])
        prompts.append(prompt)
        answers.append(answer)
    file = workshop.sprite("forger", cells, len(cells), quality=85)
    rounds = [f"{i}: after {samples:,} pictures" for i, (_, samples) in enumerate(taken, start=1)]
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
        labels=labels,
        tap=True,
        game={
            "rounds": rounds,
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
