"""Stage 1b: a sharper decoder for the same latents. The encoder stays, so the U-Net stays, too.

It may run at any time, also beside the U-Net's training or long after it.
Run: python -m stimage.training.stages.decoder --out runs/decoder
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch
from diffusers import AutoencoderKL
from torch import Tensor

from stimage.training.checkpoints import ema_weights
from stimage.training.command import run_command
from stimage.training.losses import picture_loss
from stimage.training.networks.autoencoder import decoding_half
from stimage.training.pixels import psnr_db
from stimage.training.stages.autoencoder import batch, load_autoencoder
from stimage.training.trainer import Run, mixed_precision, pick_device

LATENT_NOISE = 0.08  # the latents have unit spread; the U-Net's are a little off


def sharpened(autoencoder: Path, decoder: Path) -> AutoencoderKL:
    """Return the autoencoder of a run, with the decoder trained further if there is one."""
    model = load_autoencoder(autoencoder)
    if (decoder / "last.pt").exists():
        decoding_half(model).load_state_dict(ema_weights(decoder / "last.pt"))
    return model.eval().requires_grad_(requires_grad=False)


def main(arguments: Sequence[str] | None = None) -> None:
    """Train the decoder alone."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--autoencoder", type=Path, default=Path("runs/autoencoder"))
    parser.add_argument("--out", type=Path, default=Path("runs/decoder"))
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--device")
    args = parser.parse_args(arguments)
    device = pick_device(args.device)
    model = load_autoencoder(args.autoencoder).to(device)
    half = decoding_half(model)
    run = Run(args.out, half, total_steps=args.steps, peak_lr=1e-3, ema_decay=0.998)

    def loss_of(_step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        pixels = batch(args.batch, generator, crop=False).to(device)
        with mixed_precision(device.type):
            with torch.no_grad():
                latents = model.encode(pixels).latent_dist.mean
            noise = torch.randn(latents.shape, generator=generator).to(device)
            made = model.decode(latents + LATENT_NOISE * noise).sample.float()
        psnr = psnr_db(((made - pixels) / 2).square().mean().item())
        return picture_loss(made, pixels), {"psnr": psnr}

    run.train(loss_of)


if __name__ == "__main__":
    run_command(main)
