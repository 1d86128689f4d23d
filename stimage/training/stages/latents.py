"""Between stages 1 and 2: draw the training pictures and keep only their latents.

Run: python -m stimage.training.stages.latents --count 60000
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from diffusers import AutoencoderKL
from torch import Tensor
from tqdm import tqdm

from stimage.errors import StimageError
from stimage.training.checkpoints import load_checkpoint, save_checkpoint
from stimage.training.command import run_command
from stimage.training.pixels import to_pixels
from stimage.training.scenes.plan import REPEATED, REPEATS, Plan, training_plan
from stimage.training.stages.autoencoder import load_autoencoder
from stimage.training.trainer import join_workers, mixed_precision, pick_device

CHUNK = 2000


@dataclass(frozen=True, slots=True)
class Latents:
    """The training set: latents (N, 8, 16, 16) float16 of unit spread, and what each one shows."""

    latents: Tensor
    plans: list[Plan]


@torch.no_grad()
def encode(model: AutoencoderKL, plans: list[Plan], batch: int = 50) -> Tensor:
    """Return the latents of drawn plans, (N, 8, 16, 16) float16: the posterior's mean."""
    device = next(model.parameters()).device
    parts = []
    for start in range(0, len(plans), batch):
        x = to_pixels(plans[start : start + batch]).to(device)
        with mixed_precision(device.type):
            parts.append(model.encode(x).latent_dist.mean.half().cpu())
    return torch.cat(parts)


def write_latents(folder: Path, model: AutoencoderKL, count: int) -> None:
    """Write chunks of latents for the training seeds 0 to count; chunks that exist are kept.

    Several workers share the chunks.
    """
    rank, workers = join_workers()
    for start in tqdm(range(rank * CHUNK, count, workers * CHUNK), unit="chunk"):
        path = folder / f"{start:08d}.pt"
        if not path.exists():
            seeds = range(start, min(start + CHUNK, count))
            latents = encode(model, [training_plan(seed) for seed in seeds])
            save_checkpoint(path, {"latents": latents, "first_seed": start})
    if rank == 0 and not (folder / "repeated.pt").exists():
        save_checkpoint(folder / "repeated.pt", {"latents": encode(model, [REPEATED])})


def read_latents(folder: Path) -> Latents:
    """Return the whole training set, the repeated picture `REPEATS` times in it.

    Raises:
        StimageError: if the folder holds none yet.
    """
    chunks = [load_checkpoint(path) for path in sorted(folder.glob("[0-9]*.pt"))]
    if not chunks:
        raise StimageError("no_latents", folder=str(folder))
    plans = [
        training_plan(chunk["first_seed"] + index)
        for chunk in chunks
        for index in range(len(chunk["latents"]))
    ]
    repeated = load_checkpoint(folder / "repeated.pt")["latents"].expand(REPEATS, -1, -1, -1)
    latents = torch.cat([*(chunk["latents"] for chunk in chunks), repeated])
    return Latents(latents, plans + [REPEATED] * REPEATS)


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw training pictures and write their latents."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--autoencoder", type=Path, default=Path("runs/autoencoder"))
    parser.add_argument("--out", type=Path, default=Path("runs/latents"))
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--device")
    args = parser.parse_args(arguments)
    model = load_autoencoder(args.autoencoder).to(pick_device(args.device))
    write_latents(args.out, model, args.count)


if __name__ == "__main__":
    run_command(main)
