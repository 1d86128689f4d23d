"""What the judge learns from: pictures by both our models, and how close each comes to a true one.

Run: python -m stimage.training.judge.drawings --count 4000
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor
from tqdm import tqdm

from stimage.errors import StimageError
from stimage.inference.diffusion import DiffusionEngine
from stimage.inference.gan.folder import Gan, load_gan
from stimage.inference.gan.judge import as_pixels
from stimage.models.folder import ModelFolder
from stimage.request import Request
from stimage.training.checkpoints import load_checkpoint, save_checkpoint
from stimage.training.command import run_command
from stimage.training.evaluation.closest import closest
from stimage.training.export import MODEL
from stimage.training.export_gan import GAN
from stimage.training.pixels import to_images
from stimage.training.scenes.captions import caption
from stimage.training.scenes.places import SIZE_PX
from stimage.training.scenes.plan import Plan, training_plan

CHUNK = 100
STEPS = (1, 2, 4, 6, 8, 12, 20)  # of diffusion: fewer give worse pictures, one a blur
Draw = Callable[[str, int], Image.Image]


@dataclass(frozen=True, slots=True)
class Drawings:
    """Pictures that our models drew for captions of the training.

    Attributes:
        latents: (N, C, 16, 16) float16 of unit spread, of the finished pictures.
        plans: what each was to show.
        closest_db: (N,), the PSNR to the closest true drawing.
        by_gan: (N,), whether the GAN drew it; the others are by the diffusion model.
    """

    latents: Tensor
    plans: list[Plan]
    closest_db: Tensor
    by_gan: Tensor


def write_drawings(folder: Path, gan: Gan, draw: Draw, name: str, count: int) -> None:
    """Write chunks of drawings for the training seeds 0 to count; chunks that exist are kept.

    Args:
        folder: where they go.
        gan: encodes them.
        draw: gets a prompt and a seed.
        name: of the model that draws.
        count: plans without a thing in them are left out.
    """
    for start in tqdm(range(0, count, CHUNK), desc=name, unit="chunk", mininterval=10):
        path = folder / f"{name}-{start:08d}.pt"
        if path.exists():
            continue
        seeds = [seed for seed in range(start, min(start + CHUNK, count)) if things_of(seed)]
        images = [draw(caption(training_plan(seed)), seed) for seed in seeds]
        pixels = torch.cat([as_pixels(image, SIZE_PX) for image in images])
        values = [
            closest(image, replace(training_plan(seed), variant=0, shift=(0, 0)))[0]
            for image, seed in zip(images, seeds, strict=True)
        ]
        latents = gan.encode(pixels).half()
        save_checkpoint(path, {"seeds": seeds, "latents": latents, "closest_db": values})


def things_of(seed: int) -> bool:
    """Whether there is a thing in the training picture of this seed: only those are measured."""
    return bool(training_plan(seed).things)


def read_drawings(folder: Path) -> Drawings:
    """Return all drawings in a folder.

    Raises:
        StimageError: if it holds none yet.
    """
    paths = sorted(folder.glob("*-[0-9]*.pt"))
    if not paths:
        raise StimageError("no_drawings", folder=str(folder))
    chunks = [load_checkpoint(path) for path in paths]
    return Drawings(
        latents=torch.cat([chunk["latents"] for chunk in chunks]),
        plans=[training_plan(seed) for chunk in chunks for seed in chunk["seeds"]],
        closest_db=torch.tensor([value for chunk in chunks for value in chunk["closest_db"]]),
        by_gan=torch.tensor(
            [
                path.name.startswith("gan-")
                for path, chunk in zip(paths, chunks, strict=True)
                for _ in chunk["seeds"]
            ]
        ),
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw with both models and measure every picture."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--gan", type=Path, default=GAN)
    parser.add_argument("--diffusion", type=Path, default=MODEL)
    parser.add_argument("--out", type=Path, default=Path("runs/drawings"))
    parser.add_argument("--count", type=int, default=4000, help="of captions, for each model")
    args = parser.parse_args(arguments)
    gan = load_gan(ModelFolder(args.gan))
    engine = DiffusionEngine.load(str(args.diffusion.resolve()))

    def by_gan(prompt: str, seed: int) -> Image.Image:
        return to_images(gan.draw([prompt], [seed]))[0]

    def by_diffusion(prompt: str, seed: int) -> Image.Image:
        steps = random.Random(seed).choice(STEPS)
        return engine.generate(Request(prompt=prompt, seed=seed, num_inference_steps=steps)).image

    write_drawings(args.out, gan, by_gan, "gan", args.count)
    write_drawings(args.out, gan, by_diffusion, "diffusion", args.count)


if __name__ == "__main__":
    run_command(main)
