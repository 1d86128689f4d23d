"""The last stage: write models/stimage-mini, and the same weights as an original-layout CKPT.

Run: python -m stimage.training.export
If only the U-Net was trained further: with the --autoencoder and --tokenizer it was trained with.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import torch
from diffusers import StableDiffusionPipeline

from stimage.config import DEFAULT_MODEL
from stimage.importing.export import save_checkpoint
from stimage.inference.latent_preview import LatentToRGB, least_squares
from stimage.models.folder import ModelFolder
from stimage.training.checkpoints import ema_weights
from stimage.training.command import run_command
from stimage.training.networks.text_encoder import new_text_encoder
from stimage.training.networks.unet import TextToVelocity
from stimage.training.scenes.words import (
    CAT_COLORS,
    COLORED_NOUNS,
    COLORS,
    GLYPHS,
    PLACES,
    PLAIN,
    STYLES,
    VERBS,
)
from stimage.training.stages.autoencoder import batch
from stimage.training.stages.decoder import sharpened
from stimage.training.stages.snapshots import assemble
from stimage.training.tokenizer import captions, load_tokenizer

MODEL = Path("models") / DEFAULT_MODEL


def assemble_run(runs: Path, autoencoder: Path, tokenizer_folder: Path) -> StableDiffusionPipeline:
    """Return the averaged weights of all stages as one float32 pipeline."""
    tokenizer = load_tokenizer(tokenizer_folder)
    model = TextToVelocity(new_text_encoder(tokenizer)).eval()
    model.load_state_dict(ema_weights(runs / "unet" / "last.pt"))
    vae = sharpened(autoencoder, runs / "decoder")
    return assemble(tokenizer, vae, model.text_encoder, model.unet)


def known_words() -> dict[str, list[str]]:
    """Return the words that stand in captions: all of them, and those of each kind."""
    seen = {word for text in captions(30_000) for word in re.findall(r"[a-z]+", text.lower())}
    return {
        "words": sorted(seen),
        "nouns": list(GLYPHS),
        "verbs": list(VERBS),
        "places": list(PLACES),
        "colored": ["cat", *COLORED_NOUNS],
        "colors": sorted({*COLORS, *CAT_COLORS, *PLAIN}),
        "styles": list(STYLES),
    }


@torch.no_grad()
def fit_preview(pipeline: StableDiffusionPipeline) -> LatentToRGB:
    """Return the map from latents to colors that fits 64 training pictures best."""
    pixels = batch(64, torch.Generator().manual_seed(2), crop=False)
    latents = pipeline.vae.encode(pixels).latent_dist.mean
    return least_squares(latents, torch.nn.functional.avg_pool2d(pixels, 8), ridge=0.01)


def _let_all_parts_open_alike(file: Path) -> None:
    """Name float32 in the text encoder's config: transformers opens it in the type named there."""
    config = json.loads(file.read_text())
    file.write_text(json.dumps(config | {"dtype": "float32"}, indent=2) + "\n")


def write_model(runs: Path, pipeline: StableDiffusionPipeline, folder: Path) -> None:
    """Write the folder that the app opens, float16, and what `runs` tells of the training."""
    preview = fit_preview(pipeline)
    pipeline.to(dtype=torch.float16).save_pretrained(folder)
    model = ModelFolder(folder)
    _let_all_parts_open_alike(model.config_file("text_encoder"))
    model.words.write_text(json.dumps(known_words(), indent=1) + "\n")
    values = {"matrix": preview.matrix.tolist(), "bias": preview.bias.tolist()}
    model.preview.write_text(json.dumps(values) + "\n")
    training = model.training
    training.mkdir(exist_ok=True)
    shutil.copytree(runs / "unet" / "snapshots", training / "snapshots", dirs_exist_ok=True)
    shutil.copy(runs / "unet" / "log.csv", training / "losses.csv")
    if (runs / "unet" / "sittings.json").exists():
        shutil.copy(runs / "unet" / "sittings.json", training)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the trained parts as a model folder and as a CKPT."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    parser.add_argument("--autoencoder", type=Path, default=Path("runs/autoencoder"))
    parser.add_argument("--tokenizer", type=Path, default=Path("runs/tokenizer"))
    parser.add_argument("--out", type=Path, default=MODEL)
    parser.add_argument("--ckpt", type=Path, default=Path("runs/stimage-mini.ckpt"))
    args = parser.parse_args(arguments)
    pipeline = assemble_run(args.runs, args.autoencoder, args.tokenizer)
    write_model(args.runs, pipeline, args.out)
    save_checkpoint(args.out, args.ckpt)
    print(f"Wrote {args.out} and {args.ckpt}.")


if __name__ == "__main__":
    run_command(main)
