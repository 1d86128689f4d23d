"""What the GAN's model card tells of the judge, from training/judge.json and judge.csv."""

from __future__ import annotations

import csv
import json
from typing import Any

from stimage.models.folder import ModelFolder
from stimage.training.evaluation.judge import BAD_DB, GOOD_DB, TRIES

TEXT = """## The judge

Driving the generator, the discriminator had only learned what gives that generator away. So it was
trained on alone, with the generator as it is, for {steps:,} steps: to order pictures that both our
models drew for captions of the training by how close each comes to a true drawing, to tell which
caption of a true drawing is wrong, and, in the last steps, a true drawing from itself blurred. What
follows was measured on sentences and drawings that
it has not seen, by `python -m stimage.training.evaluation.judge`.

The area under the curve: in which share of pairs of a good picture (from {good:g} dB on) and a bad
one (below {bad:g} dB) the good one has the higher score.

| pictures by | whole score | real alone | fit alone | good | bad |
|---|---|---|---|---|---|
{areas}

A wrong caption of a true drawing gets the lower fit in {other:.1%} where it is another picture's,
and in {one_word:.1%} where it is wrong in one word.

{tries} pictures are drawn of each sentence. Good are:

| pictures by | of all | of its choice | gain, 95 % interval | any of the four | sentences |
|---|---|---|---|---|---|
{best}

Where a picture is not of its world, it says that it does not know. That is told by two measures:
whether the autoencoder can draw the picture, and whether it looks around its things like a ground
of the training. It took {known_true:.1%} of true drawings for its world, {known_ours:.1%} of
pictures by our models, and {known_other:.1%} of what programs drew that draw something else (pages
of text, polygons, curves, gradients, noise, checkers, crude faces).

To train it again:

```
python -m stimage.training.judge.drawings
python -m stimage.training.judge.train
python -m stimage.training.judge.export
python -m stimage.training.evaluation.judge
```"""


def section(folder: ModelFolder) -> str:
    """Return the card's section on the judge."""
    result = json.loads((folder.training / "judge.json").read_text())
    with (folder.training / "judge.csv").open(newline="") as file:
        steps = int([*csv.DictReader(file)][-1]["step"])
    return TEXT.format(
        steps=steps,
        good=GOOD_DB,
        bad=BAD_DB,
        areas="\n".join(_areas(name, row) for name, row in result["good_above_bad"].items()),
        other=result["wrong_found"]["another picture's"],
        one_word=result["wrong_found"]["wrong in one word"],
        known_true=result["known"]["true drawings"],
        known_ours=result["known"]["by our models"],
        known_other=result["known"]["of other worlds"],
        tries=TRIES,
        best="\n".join(_best(name, row) for name, row in result["best_of_four"].items()),
    )


def _areas(name: str, row: dict[str, Any]) -> str:
    told = ["none" if area is None else f"{area:.2f}" for area in row["auc"].values()]
    return f"| {name} | {' | '.join(told)} | {row['good']} | {row['bad']} |"


def _best(name: str, row: dict[str, Any]) -> str:
    if "gain" not in row:
        return f"| {name} | | | | | {row['n']} |"
    gain = row["gain"]
    told = f"{gain['mean']:+.2f}, {gain['low']:+.2f} to {gain['high']:+.2f}"
    return (
        f"| {name} | {row['all']:.2f} | {row['picked']:.2f} | {told} | {row['at best']:.2f} "
        f"| {row['n']} |"
    )
