"""Stage 1: the autoencoder, from 128 x 128 pictures to 8 x 16 x 16 latents and back.

Run: python -m stimage.training.stages.autoencoder --out runs/autoencoder
To go on from one that is finished: --begin models/stimage-mini/vae --lr 2e-3
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import Tensor

from stimage.training.checkpoints import ema_weights
from stimage.training.command import run_command
from stimage.training.losses import kl_to_unit_normal, picture_loss
from stimage.training.networks.autoencoder import new_autoencoder, normalize_latents
from stimage.training.pixels import psnr_db, stacked
from stimage.training.scenes.draw import Pixels, boxes, draw
from stimage.training.scenes.plan import training_plan
from stimage.training.trainer import Run, mixed_precision, pick_device

CROP_PX = 64
FINISHED = "vae"  # a folder in the run's own
LATENT_NOISE = 0.05  # of each channel's own spread: the decoder learns to bear small errors


def batch(size: int, generator: torch.Generator, *, crop: bool) -> Tensor:
    """Return pictures, (B, 3, H, W) in [-1, 1]: whole, or 64-pixel crops that hold a thing."""
    seeds = torch.randint(2**31, (size,), generator=generator).tolist()
    pictures = [_picture(seed, crop=crop) for seed in seeds]
    return stacked(pictures)


def _picture(seed: int, *, crop: bool) -> Pixels:
    plan = training_plan(seed)
    pixels = draw(plan)
    if not crop:
        return pixels
    rng = np.random.default_rng(seed)
    things = boxes(plan)
    if things:
        box = things[rng.integers(len(things))]
        center = (box.left + box.side // 2, box.top + box.side // 2)
    else:
        center = tuple(rng.integers(32, 96, 2))
    left, top = (int(np.clip(c - 32 + 8 * rng.integers(-2, 3), 0, 64)) // 8 * 8 for c in center)
    return pixels[top : top + CROP_PX, left : left + CROP_PX]


def reconstruction_loss(
    model: AutoencoderKL, pixels: Tensor, generator: torch.Generator
) -> tuple[Tensor, dict[str, float]]:
    """Return the loss of one batch, (B, 3, H, W) in [-1, 1], and its parts."""
    posterior = model.encode(pixels).latent_dist
    noise = torch.randn(posterior.mean.shape, generator=generator).to(pixels.device)
    spread = posterior.mean.detach().float().std((0, 2, 3), keepdim=True)
    latents = posterior.mean + noise * (posterior.std + LATENT_NOISE * spread)
    made = model.decode(latents).sample.float()
    picture = picture_loss(made, pixels)
    kl = kl_to_unit_normal(posterior.mean.float(), posterior.logvar.float())
    psnr = psnr_db(((made - pixels) / 2).square().mean().item())
    return picture + 1e-4 * kl, {"picture": picture.item(), "kl": kl.item(), "psnr": psnr}


def load_autoencoder(folder: Path) -> AutoencoderKL:
    """Return the autoencoder that a run has finished, or one in a folder of its own."""
    finished = folder if (folder / "config.json").exists() else folder / FINISHED
    return AutoencoderKL.from_pretrained(finished).eval().requires_grad_(requires_grad=False)


def write_finished(folder: Path, pictures: int) -> None:
    """Write the averaged autoencoder of a run, its latents normalized over so many pictures."""
    model = new_autoencoder().eval()
    model.load_state_dict(ema_weights(folder / "last.pt"))
    normalize_latents(model, batch(pictures, torch.Generator().manual_seed(1), crop=False))
    model.save_pretrained(folder / FINISHED)


def main(arguments: Sequence[str] | None = None) -> None:
    """Train the autoencoder."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--out", type=Path, default=Path("runs/autoencoder"))
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--lr", type=float, default=4e-3)
    parser.add_argument("--normalize-on", type=int, default=256, help="so many pictures")
    parser.add_argument("--begin", type=Path, help="a finished autoencoder to begin with")
    parser.add_argument("--device")
    args = parser.parse_args(arguments)
    device = pick_device(args.device)
    torch.manual_seed(0)
    model = new_autoencoder().to(device)
    if args.begin:
        model.load_state_dict(load_autoencoder(args.begin).state_dict())
    run = Run(args.out, model, total_steps=args.steps, peak_lr=args.lr, ema_decay=0.998)

    def loss_of(step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        crop = step < 0.85 * args.steps  # whole pictures at the end: GroupNorm sees all pixels
        pixels = batch(args.batch if crop else args.batch // 4, generator, crop=crop).to(device)
        with mixed_precision(device.type):
            return reconstruction_loss(model, pixels, generator)

    run.train(loss_of)
    if run.rank == 0:
        write_finished(args.out, args.normalize_on)


if __name__ == "__main__":
    run_command(main)
