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
from pathlib import Path

import torch
from diffusers import UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from torch import Tensor, nn
from transformers import CLIPTextModel, CLIPTokenizer

from stimage.training.losses import velocity_weight
from stimage.training.noise_schedule import (
    add_noise,
    new_scheduler,
    random_timesteps,
    shares,
    snr,
    velocity,
)
from stimage.training.resume import take_records, take_weights
from stimage.training.scenes.captions import random_caption
from stimage.training.stages.autoencoder import CHANNELS, load_autoencoder
from stimage.training.stages.latents import Latents, read_latents
from stimage.training.stages.snapshots import SNAPSHOT_STEPS, Snapshots
from stimage.training.stages.text_encoder import MAX_TOKENS, load_tokenizer, new_text_encoder
from stimage.training.trainer import Run, pick_device

BANDS = {"low": (0, 333), "mid": (333, 667), "high": (667, 1000)}  # timesteps: little to much noise


def new_unet() -> UNet2DConditionModel:
    """Return the U-Net with random weights: SD-1's parts, small, 11 M parameters.

    It turns x_t, (B, 8, 16, 16), t, (B,), and prompt_embeds, (B, 32, 192), into v, (B, 8, 16, 16).
    Attention is at 8 x 8 and 4 x 4 cells only. As in SD-1, the last layer of each residual part
    starts at zero.
    """
    unet = UNet2DConditionModel(
        sample_size=16,
        in_channels=CHANNELS,
        out_channels=CHANNELS,
        block_out_channels=(64, 128, 192),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=192,
        attention_head_dim=(1, 2, 3),
        norm_num_groups=16,
    )
    unet.set_attn_processor(AttnProcessor())  # its backward pass is 2.2 times as fast on a CPU
    for name, module in unet.named_modules():
        if name.endswith(("conv2", "proj_out", "conv_out")):
            nn.init.zeros_(module.weight)
            nn.init.zeros_(module.bias)
    return unet


class TextToVelocity(nn.Module):
    """The two networks that are trained together."""

    def __init__(self, text_encoder: CLIPTextModel) -> None:
        super().__init__()
        self.unet = new_unet()
        self.text_encoder = text_encoder

    def forward(self, x_t: Tensor, t: Tensor, tokens: Tensor) -> Tensor:
        """Return v, (B, 8, 16, 16), for x_t of the same shape, t, (B,), and tokens, (B, T)."""
        prompt_embeds = self.text_encoder(tokens).last_hidden_state
        return self.unet(x_t, t, prompt_embeds).sample


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
            with torch.autocast(device.type, torch.bfloat16):
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
        alpha, sigma = shares(self.scheduler, t)
        x_t, v = add_noise(x_0, noise, alpha, sigma), velocity(x_0, noise, alpha, sigma)
        with torch.autocast(self.device.type, torch.bfloat16):
            made = self.model(x_t.contiguous(memory_format=self.layout), t, tokens)
        errors = (made.float() - v).square().mean((1, 2, 3))  # (B,)
        loss = (velocity_weight(snr(alpha, sigma)) * errors).mean()
        parts = {
            f"loss_{name}": errors[(t >= low) & (t < high)].mean().item()
            for name, (low, high) in BANDS.items()
        }
        return loss, {"samples": float((step + 1) * self.batch), **parts}


def main() -> None:
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
    parser.add_argument("--device")
    args = parser.parse_args()
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
    snapshots = Snapshots(args.out / "snapshots", tokenizer, load_autoencoder(args.autoencoder))

    def after_step(step: int) -> None:
        if run.rank == 0 and (step in SNAPSHOT_STEPS or step % 1000 == 0 or step == total):
            snapshots.take(step, step * args.batch * run.workers, run.average.weights)

    if run.step == 0:
        after_step(0)
    run.train(loss_of, after_step)


if __name__ == "__main__":
    main()
