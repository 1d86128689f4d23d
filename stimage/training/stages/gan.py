"""The GAN: a generator that draws latents in one step, and a discriminator that drives it.

The generator begins with the weights of a diffusion model, which draws a blurred mean in one step.
`gan_loss` tells what the networks are trained to do.

Run: python -m stimage.training.stages.gan --out runs/gan
To go on from the weights that ship: with --base models/stimage-gan --supervised 0; to see a copy of
them collapse, with --unheld, too.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch
from torch.optim import AdamW, Optimizer
from transformers import CLIPTextModel

from stimage.config import DEFAULT_MODEL
from stimage.inference.gan.folder import Gan
from stimage.training.command import run_command
from stimage.training.networks.gan import GanNetworks, networks_of
from stimage.training.resume import take_records
from stimage.training.stages.autoencoder import load_autoencoder
from stimage.training.stages.gan_loss import GanLoss
from stimage.training.stages.gan_snapshots import EVERY, SNAPSHOT_STEPS, GanSnapshots
from stimage.training.stages.latents import read_latents
from stimage.training.tokenizer import load_tokenizer
from stimage.training.trainer import Run, pick_device


def optimizers(networks: GanNetworks) -> list[Optimizer]:
    """Return AdamW for what is supervised, and without momentum for the discriminator.

    A step of Muon costs as much as the backward pass of a batch of this size.
    """
    drawing = [*networks.generator.parameters(), *networks.encoder.parameters()]
    return [
        AdamW(drawing, betas=(0.9, 0.98), fused=True),
        AdamW(networks.discriminator.parameters(), betas=(0.0, 0.99), fused=True),
    ]


def drawing_with(base: Path, networks: GanNetworks) -> Gan:
    """Return what draws with the text encoder, tokenizer and autoencoder in the folder `base`."""
    text_encoder = CLIPTextModel.from_pretrained(base / "text_encoder").eval()
    text_encoder.requires_grad_(requires_grad=False)
    return Gan(
        networks.generator,
        text_encoder,
        load_tokenizer(base / "tokenizer"),
        load_autoencoder(base / "vae"),
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Train generator, discriminator and encoder."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--out", type=Path, default=Path("runs/gan"))
    parser.add_argument("--latents", type=Path, default=Path("runs/latents"))
    base = Path("models") / DEFAULT_MODEL
    parser.add_argument("--base", type=Path, default=base, help="a diffusion model, or a GAN")
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--supervised", type=float, default=0.4, help="share of steps before GAN")
    parser.add_argument("--batch", type=int, default=12)
    parser.add_argument("--lr", type=float, default=5e-4)
    unheld = "without reconstruction and gradient penalties: to see a GAN collapse"
    parser.add_argument("--unheld", action="store_true", help=unheld)
    parser.add_argument("--device")
    args = parser.parse_args(arguments)
    device = pick_device(args.device)
    torch.manual_seed(0)
    networks = networks_of(args.base).to(device)
    goes_on = (args.base / "generator").exists() and not args.unheld
    first = take_records(args.base, args.out) if goes_on else 0
    total = first + args.steps
    run = Run(
        args.out,
        networks,
        total_steps=total,
        peak_lr=args.lr,
        first_step=first,
        optimizers=optimizers(networks),
    )
    gan = drawing_with(args.base, networks)
    gan.text_encoder.to(device)
    loss_of = GanLoss(
        networks,
        gan,
        read_latents(args.latents),
        batch=args.batch,
        supervised_steps=first + int(args.supervised * args.steps),
        total_steps=total,
        held=not args.unheld,
    )
    averaged = networks_of(args.base)
    snapshots = GanSnapshots(args.out / "snapshots", drawing_with(args.base, averaged), averaged)

    def after_step(step: int) -> None:
        if run.rank == 0 and (step in SNAPSHOT_STEPS or step % EVERY == 0 or step == total):
            snapshots.take(step, step * args.batch * run.workers, run.ema.module.state_dict())

    if run.step == 0:
        after_step(0)
    run.train(loss_of, after_step)


if __name__ == "__main__":
    run_command(main)
