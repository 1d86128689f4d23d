"""The command: makes all figures, or those named, and the manifest.

python -m stimage.training.figures --only noising seeds
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from stimage import paths
from stimage.config import DEFAULT_MODEL
from stimage.i18n import sentence
from stimage.paths import SHIPPED_MODELS
from stimage.training.command import run_command
from stimage.training.figures import (
    data,
    drawings,
    drawn,
    fails,
    game,
    gan,
    knobs,
    measured,
    planted,
    snapshots,
    words,
)
from stimage.training.figures.artist import Artist
from stimage.training.figures.sheet import MissingInput, Workshop

MODEL = SHIPPED_MODELS / DEFAULT_MODEL
OUT = paths.EXPLAINER_FIGURES
COMMAND = "python -m stimage.training.figures --only {}"

Figure = Callable[[Workshop], dict[str, Any]]
FIGURES: dict[str, Figure] = {
    "map": drawings.map_of_parts,
    "overview": drawn.overview,
    "training-set": data.training_set,
    "word-counts": data.word_counts,
    "unseen": planted.unseen,
    "tokens": words.tokens,
    "nearest-words": words.nearest_words,
    "noising": data.noising,
    "knobs": knobs.knobs,
    "guessing": snapshots.guessing,
    "progress": snapshots.progress,
    "losses": snapshots.losses,
    "denoising": drawn.denoising,
    "steps": drawn.steps,
    "latent": data.latent,
    "attention": words.attention,
    "guidance-arrow": drawings.guidance_arrow,
    "guidance": drawn.guidance,
    "seeds": drawn.seeds,
    "gan": drawings.gan,
    "gan-film": gan.film,
    "gan-losses": gan.losses,
    "gan-collapse": gan.collapse,
    "gan-walk": gan.walk,
    "forger": game.forger,
    "gan-beside": gan.beside,
    "parts": drawings.parts,
    "limits": measured.limits,
    "fails": fails.fails,
    "skew": planted.skew,
    "cats": planted.cats,
    "repeat": planted.repeat,
    "distances": planted.distances,
    "energy": measured.energy,
    "mark": measured.mark,
}


def make(names: list[str], model: Path = MODEL, out: Path = OUT) -> list[str]:
    """Make figures, write them and their entries, and return a sentence for each not made.

    Args:
        names: of `FIGURES`.
        model: a Stable Diffusion folder with `training/` inside.
        out: where the pictures and `manifest.json` go; other figures' entries stay.
    """
    out.mkdir(parents=True, exist_ok=True)
    workshop = Workshop(Artist(model), model, out)
    manifest = out / "manifest.json"
    old = json.loads(manifest.read_text("utf-8"))["figures"] if manifest.exists() else {}
    missing = []
    for name in names:
        try:
            entry = FIGURES[name](workshop)
        except MissingInput as problem:
            missing.append(f"{name}: {sentence(problem)}")
            continue
        old[name] = entry | {"command": COMMAND.format(name)}
        print(name)
    listed = {name: old[name] for name in FIGURES if name in old}
    text = json.dumps({"figures": listed}, ensure_ascii=False, indent=1)
    manifest.write_text(text + "\n", "utf-8")
    return missing


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the figures of the explainer."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--only", nargs="+", choices=list(FIGURES), default=list(FIGURES))
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args(arguments)
    for said in make(args.only, args.model, args.out):
        print(f"Not made: {said}")
    size = sum(file.stat().st_size for file in args.out.iterdir())
    print(f"{args.out}: {size / 1e6:.2f} MB")


if __name__ == "__main__":
    run_command(main)
