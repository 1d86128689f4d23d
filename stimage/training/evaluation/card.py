"""The model card: models/stimage-mini/README.md, every figure read from the run's own files.

Run: python -m stimage.training.evaluation.card
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import itertools
import json
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from stimage.models.folder import ModelFolder
from stimage.training.command import run_command
from stimage.training.evaluation.evaluate import row_line
from stimage.training.export import MODEL
from stimage.training.scenes.places import SIZE_PX
from stimage.training.scenes.plan import REPEATS
from stimage.training.scenes.words import GLYPHS, PLACES, PLAIN, STYLES, VERBS
from stimage.training.stages.latents import CHUNK

BARS = {  # what we want at least
    "single noun": 0.85, "two nouns": 0.55, "count": 0.60, "place": 0.92, "verb": 0.60,
    "relation": 0.45, "style": 0.85, "held out minus seen": -0.15,
}  # fmt: skip

TEXT = """# Stimage Mini

A small Stable Diffusion, trained from scratch by us. It draws pictures of {size} x {size} pixels
from short English sentences about a small world: {nouns} nouns, {places} places,
{plain} plain colors, {verbs} verbs, {styles} styles, counts to four, and what stands left of,
right of, above, below or on top of what. `words.json` lists every word.

It opens with `StableDiffusionPipeline.from_pretrained("models/stimage-mini")`.

## Parts
{parts}

The layout is that of Stable Diffusion 1, so `python -m stimage.training.export` writes the same
weights as a `.ckpt`, too. The text encoder was trained together with the U-Net. The noise
schedule is a cosine with no picture left at its end, and the U-Net predicts velocity.

## Training data
No photographs and nobody's drawings from the web: every picture was drawn by
`stimage/training/scenes/` from glyphs of the font Noto Color Emoji (Google; SIL Open Font License
1.1, its pictures Apache License 2.0) on places that a program draws. The model has learned the
shapes of these glyphs; that is meant. {pictures}

Three experiments are planted in the data: four cats in five are orange; one picture, a crown
flying in the desert, is there {repeats} times; a purple car is never shown. One caption in ten is
empty.

## Training
{compute}

`python -m stimage.training` runs all stages again and goes on where a run was stopped.

## What it can do
{detector} Each row: {steps} steps, guidance {guidance:g}, four seeds a prompt; "held out" are
combinations of words that no training picture shows. Made by
`python -m stimage.training.evaluation.evaluate`.

| question | right | 95 % interval | pictures | wanted |
|---|---|---|---|---|
{rows}

The detector asks easy questions: it calls a blob a dragon if the colors fit.

{closest}

The autoencoder alone reaches {psnr[mean_of_boxes]} dB PSNR, the mean over the boxes of things
({psnr[of_mean_error]} dB for their mean error: thin neon and pencil lines suffer most). The Frechet
distance of drawn pictures to real ones is {ratio} times that of the autoencoder's copies of real
ones. The distance of a drawn picture to its nearest of {pool} training pictures is, at the median,
{near} times that of a fresh real one.

The experiments: asked for "{cat}", the model drew {drawn:.0%} orange ones ({trained:.0%} of the
training cats are orange). Asked for the picture shown {repeats} times, {copies:.0%} of its drawings
were closer to that picture than to any other way to draw the caption. The purple car, never
shown, was purple in {never:.0%}; a red one red in {shown:.0%}.

## What it cannot do
Rows below what is wanted are what it can't do well enough yet; the loss was still falling when
these weights were taken.

It knows no word outside `words.json`, no people, no letters. It may draw a wrong shape, mix two
things, or forget one, as often as the table says. In pencil and neon, and where something is to
be small or big, shapes are often rough: few training pictures showed each thing that way.

## License
The weights: MIT, like the code. The font's pictures keep their own license; see `NOTICE`.
"""


def parts_table(folder: Path) -> str:
    """Return a table of the weight files: size in MB and the start of each SHA-256."""
    lines = ["| part | MB | SHA-256 |", "|---|---|---|"]
    total = 0
    for path in sorted(folder.glob("*/*.safetensors")):
        total += path.stat().st_size
        with path.open("rb") as weights:
            digest = hashlib.file_digest(weights, "sha256").hexdigest()[:16]
        lines.append(f"| {path.parent.name} | {path.stat().st_size / 1e6:.1f} | {digest} |")
    return "\n".join([*lines, f"| all | {total / 1e6:.1f} | |"])


def compute(folder: Path) -> str:
    """Return one sentence on samples and hours, read from the log of losses."""
    with (folder / "training" / "losses.csv").open(newline="") as file:
        log = list(csv.DictReader(file))
    gaps = [float(b["seconds"]) - float(a["seconds"]) for a, b in itertools.pairwise(log)]
    path = folder / "training" / "sittings.json"
    sittings = json.loads(path.read_text()) if path.exists() else []
    hours = sum(gap for gap in gaps if gap < 600) / 3600
    samples, loss = float(log[-1]["samples"]), float(log[-1]["loss"])
    return (
        f"The U-Net and the text encoder saw {samples:,.0f} samples in {int(log[-1]['step']):,} "
        f"steps and {hours:.1f} hours, {samples / hours / 3600:.0f} samples a second on two "
        f"processor cores without a graphics card; the last logged loss is {loss:.3f}."
    ) + "".join(
        f" The first {sitting['samples']:,} samples showed only {sitting['nouns']} of the nouns, "
        "and the styles were drawn otherwise."
        for sitting in sittings
    )


def rows(table: dict[str, Any]) -> str:
    """Return the rows of the table in Markdown."""
    bars = {name: f"{bar:.2f}" for name, bar in BARS.items()}
    return "\n".join(f"{row_line(name, row)} {bars.get(name, '')} |" for name, row in table.items())


def closest_text(folder: Path) -> str:
    """Return the paragraph and the table of the closest true drawing, "" where not measured."""
    path = ModelFolder(folder).training / "closest.json"
    if not path.exists():
        return ""
    result = json.loads(path.read_text())
    table = result["rows"]
    spread = ", ".join(f"{prompt}: {value:.2f}" for prompt, value in result["variety"].items())
    lines = [f"| {name} | {row['good']:.2f} | {row['n']} |" for name, row in sorted(table.items())]
    told = (
        "So fresh sentences of the dice are also compared with every picture that would be right "
        "for them. A picture is good if its worst thing reaches 20 dB PSNR against one of them "
        f"(median {result['median_db']:.1f} dB). {result['inside']:.0%} of the sentences say "
        "something that a training picture may show. How far the spread of 64 seeds is from the "
        f"training's, as total variation: {spread}. Made by "
        "`python -m stimage.training.evaluation.closest`."
    )
    head = "\n\n| sentences | good | number |\n|---|---|---|\n"
    return textwrap.fill(told, 96) + head + "\n".join(lines)


def card(folder: Path, pictures: str) -> str:
    """Return the card's text."""
    result = json.loads((folder / "training" / "evaluation.json").read_text())
    experiments = result["experiments"]
    judged = ", ".join(f"{kind} {right:.1%}" for kind, right in result["detector_right"].items())
    return TEXT.format(
        size=SIZE_PX,
        repeats=REPEATS,
        nouns=len(GLYPHS),
        places=len(PLACES),
        plain=len(PLAIN),
        verbs=len(VERBS),
        styles=len(STYLES),
        parts=parts_table(folder),
        pictures=pictures,
        compute=compute(folder),
        detector=f"The judge is a detector that read fresh drawings right in: {judged}.",
        steps=result["steps"],
        guidance=result["guidance_scale"],
        rows=rows(result["rows"]),
        closest=closest_text(folder),
        psnr=result["autoencoder_psnr_db"],
        ratio=result["frechet_ratio"],
        pool=result["nearest"]["training_pictures"],
        near=result["nearest"]["median_ratio"],
        cat=experiments["skew"]["prompt"],
        drawn=experiments["skew"]["drawn_share"],
        trained=experiments["skew"]["trained_share"],
        copies=experiments["repeat"]["copies"],
        never=experiments["unseen"]["never_shown"],
        shown=experiments["unseen"]["shown"],
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the model card."""
    write_card(card, MODEL, arguments)


def write_card(
    card_of: Callable[[Path, str], str], model: Path, arguments: Sequence[str] | None
) -> None:
    """Write the card of `model`, or of the folder that the arguments name.

    Args:
        card_of: a folder, and how many pictures it learned from -> the text.
        model: the folder.
        arguments: of the command line; None for the program's own.
    """
    parser = argparse.ArgumentParser(description="Write the model card.")
    parser.add_argument("--model", type=Path, default=model)
    parser.add_argument("--latents", type=Path, default=Path("runs/latents"))
    args = parser.parse_args(arguments)
    chunks = len(list(args.latents.glob("[0-9]*.pt")))
    pictures = f"{chunks * CHUNK:,} different ones were used." if chunks else ""
    (args.model / "README.md").write_text(card_of(args.model, pictures))
    print(f"Wrote {args.model / 'README.md'}.")


if __name__ == "__main__":
    run_command(main)
