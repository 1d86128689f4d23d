"""The GAN's model card: models/stimage-gan/README.md, every figure read from the run's own files.

Run: python -m stimage.training.evaluation.gan_card
"""

from __future__ import annotations

import csv
import itertools
import json
import statistics
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stimage.models.folder import ModelFolder
from stimage.training.command import run_command
from stimage.training.evaluation.card import parts_table, write_card
from stimage.training.evaluation.evaluate import row_line
from stimage.training.evaluation.judge_card import section
from stimage.training.export import MODEL
from stimage.training.export_gan import GAN
from stimage.training.scenes.places import SIZE_PX

MINI_CLOSEST = ModelFolder(MODEL).training / "closest.json"  # of the same sentences
TEXT = """# Stimage GAN

A generative adversarial network that draws a picture of {size} x {size} pixels from an English
sentence in one step, trained by us on the same pictures as Stimage Mini, to stand beside it. From
sentence to pixels it took {milliseconds:.0f} ms on one thread of the machine that measured it.

## Parts

{parts}

`generator` turns 32 random numbers, z, and the states of the sentence's tokens into latents.
`discriminator` gives latents two scores: how real they look, and how well they fit a sentence.
`encoder` is needed to train further only. Text encoder, tokenizer and autoencoder are Stimage
Mini's, frozen; they lie here, too, so that new weights of Mini change nothing here. The three
networks of the GAN are kept in 8 bits with a scale for each row, and compute in float32.

## Training data

The same as Stimage Mini's: pictures that a program draws from glyphs of Noto Color Emoji.
{pictures}

## Training

The generator is no beginner: it started with the weights of Mini's U-Net at its last timestep,
where that sees pure noise and answers with the mean of all pictures that fit the sentence, blurred
wherever they differ. What it learned here is to decide, in one step. {compute}

The first {supervised:,} steps were supervised only: the encoder tells in z what the caption of a
true picture leaves open, and from z and the caption the generator is to draw that very picture.
From then on it was to please the discriminator, too, with z from a normal distribution. The
discriminator saw true pictures, drawn ones, and true pictures beside wrong captions, half of them
wrong in one word. The weight of the reconstruction fell to a half by the end. {course}

To go on from these weights:

```
python -m stimage.training.stages.latents --autoencoder models/stimage-gan/vae
python -m stimage.training.stages.gan --base models/stimage-gan --supervised 0
python -m stimage.training.export_gan --base models/stimage-gan
python -m stimage.training.evaluation.gan
python -m stimage.training.evaluation.gan_card
```

## What it can do

Each drawn picture is compared with true drawings that differ from what was asked for in one respect
alone; it is right if the closest of them shows what was asked for. That is an easy question. Four
seeds a prompt. Made by `python -m stimage.training.evaluation.gan`, as all that follows.

| question | right | 95 % interval | pictures |
|---|---|---|---|
{rows}

{closest}

How far pictures of one sentence differ from seed to seed, as a share of how far the training's
do (variance of the latents): {spread}. 0 would be a collapse onto one picture.

{judge}

## What it cannot do

It knows no word outside `words.json`, no people, no letters. What the tables say it does badly, it
does badly. It has no guidance and no negative prompt. Scores of the judge mean something for
pictures of this small world only.

## License

The weights: MIT, like the code. The font's pictures keep their own license; see `NOTICE`.
"""


def read_log(folder: Path) -> list[dict[str, str]]:
    """Return the rows of the log of losses."""
    with (ModelFolder(folder).training / "losses.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def compute(log: list[dict[str, str]]) -> str:
    """Return one sentence on samples and time."""
    samples, steps, minutes = float(log[-1]["samples"]), int(log[-1]["step"]), busy_minutes(log)
    return (
        f"It saw {samples:,.0f} samples in {steps:,} steps and about {minutes:.0f} minutes "
        "on two processor cores without a graphics card."
    )


def busy_minutes(log: list[dict[str, str]]) -> float:
    """Return how long a training took; where it was paused, as long as usual between two rows."""
    times = [float(row["seconds"]) for row in log]
    gaps = [after - before for before, after in itertools.pairwise(times)]
    usual = statistics.median(gaps) if gaps else 0.0
    return (sum(min(gap, 2 * usual) for gap in gaps) + usual) / 60


def supervised_steps(log: list[dict[str, str]]) -> int:
    """Return the last logged step that was supervised only."""
    alone = [int(row["step"]) for row in log if float(row["generator"]) == 0]
    return max(alone, default=0)


def course(log: list[dict[str, str]]) -> str:
    """Return the losses' course in figures, "" without an adversarial half."""
    both = [row for row in log if float(row["generator"])]
    if not both:
        return ""
    columns = {
        "the generator's loss": "generator",
        "the discriminator's": "discriminator",
        "its score of true minus drawn pictures": "real_minus_made",
        "of right minus wrong captions": "right_minus_wrong",
    }
    tenth = max(1, len(both) // 10)

    def mean(rows: list[dict[str, str]], name: str) -> float:
        return sum(float(row[name]) for row in rows) / len(rows)

    told = [
        f"{words} {mean(both[:tenth], name):.2f} and {mean(both[-tenth:], name):.2f}"
        for words, name in columns.items()
    ]
    return f"At the beginning of that half and at its end: {', '.join(told)}."


def closest_text(result: dict[str, Any], mini: dict[str, Any]) -> str:
    """Return the paragraph and the table of the closest true drawing, beside Mini's."""
    varied = ", ".join(f"{prompt}: {value:.2f}" for prompt, value in result["variety"].items())
    told = (
        "Fresh sentences of the dice are also compared with every picture that would be right for "
        "them. A picture is good if its worst thing reaches 20 dB PSNR against one of them (median "
        f"{result['median_db']:.1f} dB). How far the spread over drawings of the place and shifts "
        f"is from the training's, as total variation: {varied}."
    )
    lines = [
        f"| {name} | {row['good']:.2f} | {row['n']} | {of_mini(name, mini)} |"
        for name, row in sorted(result["rows"].items())
    ]
    head = "\n\n| sentences | good | number | Mini's good | number |\n|---|---|---|---|---|\n"
    return textwrap.fill(told, 100) + head + "\n".join(lines)


def of_mini(name: str, mini: dict[str, Any]) -> str:
    """Return Mini's share of good pictures in a group of sentences, and their number."""
    row = mini["rows"].get(name)
    return "not asked | 0" if row is None else f"{row['good']:.2f} | {row['n']}"


def card(folder: Path, pictures: str) -> str:
    """Return the card's text."""
    result = json.loads((ModelFolder(folder).training / "evaluation.json").read_text())
    log = read_log(folder)
    return filled(
        TEXT,
        size=SIZE_PX,
        milliseconds=result["milliseconds"],
        parts=parts_table(folder),
        pictures=pictures,
        compute=compute(log),
        supervised=supervised_steps(log),
        course=course(log),
        rows="\n".join(row_line(name, row) for name, row in result["rows"].items()),
        closest=closest_text(result["closest"], json.loads(MINI_CLOSEST.read_text())),
        spread=", ".join(f"{noun} {share:.2f}" for noun, share in result["spread"].items()),
        judge=section(ModelFolder(folder)),
    )


def filled(template: str, **facts: object) -> str:
    """Return a text with its facts filled in; paragraphs that are prose are wrapped again."""
    paragraphs = template.format(**facts).split("\n\n")
    prose = [p if p[:1] in "#|`" else textwrap.fill(p, 100) for p in paragraphs]
    return "\n\n".join(prose)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the model card."""
    write_card(card, GAN, arguments)


if __name__ == "__main__":
    run_command(main)
