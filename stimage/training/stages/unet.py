"""Stage 2: the U-Net, which calculates the velocity of noisy latents, and the text encoder with it.

Run: python -m stimage.training.stages.unet --out runs/unet
To go on from the weights that ship, with their log and snapshots: first
stimage.training.stages.latents, then this, both with --autoencoder models/stimage-mini/vae; this
also with --begin models/stimage-mini and --tokenizer models/stimage-mini/tokenizer; at last
stimage.training.export with the same --autoencoder and --tokenizer.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor
from transformers import CLIPTokenizer

from stimage.training.command import run_command
from stimage.training.losses import velocity_weight
from stimage.training.networks.autoencoder import CHANNELS
from stimage.training.networks.text_encoder import MAX_TOKENS, new_text_encoder
from stimage.training.networks.unet import TextToVelocity
from stimage.training.noise_schedule import alpha_sigma, new_scheduler, random_timesteps, snr
from stimage.training.resume import take_records, take_weights
from stimage.training.scenes.captions import random_caption
from stimage.training.stages.autoencoder import load_autoencoder
from stimage.training.stages.latents import Latents, read_latents
from stimage.training.stages.snapshots import SNAPSHOT_STEPS, Snapshots
from stimage.training.tokenizer import load_tokenizer
from stimage.training.trainer import Run, mixed_precision, pick_device

BANDS = {"low": (0, 333), "mid": (333, 667), "high": (667, 1000)}  # timesteps: little to much noise


def faster_layout(model: TextToVelocity, batch: int) -> torch.memory_format:
    """Return how this machine trains the U-Net faster with its filters stored; leaves them so.

    Measured with two steps each: channels_last took 0.80 of the time on an AMD EPYC with AVX-512
    and 1.12 on an Intel Xeon with AMX.
    """
    device = next(model.parameters()).device
    x_t = torch.randn((batch, CHANNELS, 16, 16), device=device)
    t = torch.full((batch,), 500, device=device)
    tokens = torch.zeros((batch, MAX_TOKENS), dtype=torch.long, device=device)

    def seconds(layout: torch.memory_format) -> float:
        model.unet.to(memory_format=layout)
        times = []
        for _ in range(2):
            started = time.perf_counter()
            with mixed_precision(device.type):
                loss = model(x_t.contiguous(memory_format=layout), t, tokens).float().sum()
            loss.backward()
            times.append(time.perf_counter() - started)
        return min(times)

    best = min((torch.contiguous_format, torch.channels_last), key=seconds)
    model.zero_grad(set_to_none=True)
    model.unet.to(memory_format=best)
    return best


class VelocityLoss:
    """The loss of a batch drawn from the training set."""

    def __init__(
        self,
        model: TextToVelocity,
        tokenizer: CLIPTokenizer,
        data: Latents,
        batch: int,
        layout: torch.memory_format = torch.contiguous_format,
    ) -> None:
        self.layout = layout
        self.model, self.tokenizer, self.data, self.batch = model, tokenizer, data, batch
        self.scheduler = new_scheduler()
        self.device = next(model.parameters()).device

    def tokens(self, captions: list[str]) -> Tensor:
        """Return token ids, (B, 32), filled up with the end mark as the pipeline does."""
        return self.tokenizer(
            captions, padding="max_length", truncation=True, return_tensors="pt"
        ).input_ids.to(self.device)

    def __call__(self, step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        """Return the weighted velocity loss and its parts by noise level."""
        chosen = torch.randint(len(self.data.plans), (self.batch,), generator=generator)
        rng = random.Random(int(chosen[0]) + 1000 * step)
        tokens = self.tokens([random_caption(self.data.plans[i], rng) for i in chosen.tolist()])
        x_0 = self.data.latents[chosen].float().to(self.device)
        noise = torch.randn(x_0.shape, generator=generator).to(self.device)
        t = random_timesteps(self.batch, generator).to(self.device)
        x_t = self.scheduler.add_noise(x_0, noise, t)
        target = self.scheduler.get_velocity(x_0, noise, t)
        with mixed_precision(self.device.type):
            pred = self.model(x_t.contiguous(memory_format=self.layout), t, tokens)
        errors = (pred.float() - target).square().mean((1, 2, 3))  # (B,)
        loss = (velocity_weight(snr(*alpha_sigma(self.scheduler, t))) * errors).mean()
        parts = {
            f"loss_{name}": errors[(t >= low) & (t < high)].mean().item()
            for name, (low, high) in BANDS.items()
        }
        return loss, {"samples": float((step + 1) * self.batch), **parts}


def main(arguments: Sequence[str] | None = None) -> None:
    """Train the U-Net and the text encoder."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--out", type=Path, default=Path("runs/unet"))
    parser.add_argument("--autoencoder", type=Path, default=Path("runs/autoencoder"))
    parser.add_argument("--latents", type=Path, default=Path("runs/latents"))
    parser.add_argument("--tokenizer", type=Path, default=Path("runs/tokenizer"))
    parser.add_argument("--steps", type=int, default=8000)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--begin", type=Path, help="a model folder to go on from")
    parser.add_argument("--compile", action="store_true", help="start later, train faster")
    parser.add_argument("--snapshot-steps", type=int, default=20, help="of drawing a snapshot")
    parser.add_argument("--device")
    args = parser.parse_args(arguments)
    device = pick_device(args.device)
    torch.manual_seed(0)
    tokenizer = load_tokenizer(args.tokenizer)
    model = TextToVelocity(new_text_encoder(tokenizer)).to(device)
    first = 0
    if args.begin:
        take_weights(model, args.begin, tokenizer)
        first = take_records(args.begin, args.out)
    total = first + args.steps
    layout = faster_layout(model, args.batch)
    if args.compile:  # on two cores: three minutes once, then 0.87 of the time for a step
        model.compile()
    run = Run(args.out, model, total_steps=total, peak_lr=args.lr, first_step=first)
    loss_of = VelocityLoss(model, tokenizer, read_latents(args.latents), args.batch, layout)
    vae = load_autoencoder(args.autoencoder)
    snapshots = Snapshots(args.out / "snapshots", tokenizer, vae, args.snapshot_steps)

    def after_step(step: int) -> None:
        if run.rank == 0 and (step in SNAPSHOT_STEPS or step % 1000 == 0 or step == total):
            snapshots.take(step, step * args.batch * run.workers, run.ema.module.state_dict())

    if run.step == 0:
        after_step(0)
    run.train(loss_of, after_step)


if __name__ == "__main__":
    run_command(main)
