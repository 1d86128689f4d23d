"""Stage 1: the autoencoder, from 128 x 128 pictures to 8 x 16 x 16 latents and back.

Run: python -m stimage.training.stages.autoencoder --out runs/autoencoder
To go on from one that is finished: --begin models/stimage-mini/vae --lr 2e-3
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import Tensor

from stimage.training.losses import kl_to_unit_normal, picture_loss
from stimage.training.scenes.draw import boxes, draw
from stimage.training.scenes.plan import training_plan
from stimage.training.trainer import Run, load_checkpoint, pick_device

CROP_PX = 64
CHANNELS = 8  # of the latents; 4 lose too much of a glyph
LATENT_NOISE = 0.05  # of each channel's own spread: the decoder learns to bear small errors


def new_autoencoder() -> AutoencoderKL:
    """Return the autoencoder with random weights: SD-1's parts, small."""
    return AutoencoderKL(
        block_out_channels=(16, 32, 64, 128),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=1,
        latent_channels=CHANNELS,
        norm_num_groups=8,
        mid_block_add_attention=False,
        sample_size=128,
        scaling_factor=1.0,
    )


def batch(size: int, generator: torch.Generator, *, crop: bool) -> Tensor:
    """Return pictures, (B, 3, H, W) in [-1, 1]: whole, or 64-pixel crops that hold a thing."""
    seeds = torch.randint(2**31, (size,), generator=generator).tolist()
    pictures = [_picture(seed, crop=crop) for seed in seeds]
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).contiguous() * 2 - 1


def _picture(seed: int, *, crop: bool) -> np.ndarray:
    plan = training_plan(seed)
    pixels = draw(plan)
    if not crop:
        return pixels
    rng = np.random.default_rng(seed)
    things = boxes(plan)
    if things:
        box = things[rng.integers(len(things))]
        centre = (box.left + box.side // 2, box.top + box.side // 2)
    else:
        centre = tuple(rng.integers(32, 96, 2))
    left, top = (int(np.clip(c - 32 + 8 * rng.integers(-2, 3), 0, 64)) // 8 * 8 for c in centre)
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
    psnr = -10 * torch.log10(((made - pixels) / 2).square().mean()).item()
    return picture + 1e-4 * kl, {"picture": picture.item(), "kl": kl.item(), "psnr": psnr}


@torch.no_grad()
def normalise_latents(model: AutoencoderKL, pixels: Tensor) -> None:
    """Make every latent channel mean 0 and spread 1 over `pixels` by folding it into the weights.

    StableDiffusionPipeline knows one `scaling_factor` for all channels and no shift.
    """
    mean = model.encode(pixels).latent_dist.mean
    shift, scale = mean.mean((0, 2, 3)), mean.std((0, 2, 3))  # (C,)
    quant, post = model.quant_conv, model.post_quant_conv
    post.bias += (post.weight[:, :, 0, 0] * shift).sum(1)
    post.weight *= scale.view(1, -1, 1, 1)
    channels = len(scale)
    quant.weight[:channels] /= scale.view(-1, 1, 1, 1)
    quant.bias[:channels] = (quant.bias[:channels] - shift) / scale
    quant.bias[channels:] -= 2 * scale.log()


def load_autoencoder(folder: Path) -> AutoencoderKL:
    """Return the averaged autoencoder of a run, its latents normalised; or a finished one."""
    if (folder / "config.json").exists():
        return AutoencoderKL.from_pretrained(folder).eval().requires_grad_(requires_grad=False)
    model = new_autoencoder()
    model.load_state_dict(load_checkpoint(folder / "last.pt")["average"])
    normalise_latents(model, batch(256, torch.Generator().manual_seed(1), crop=False))
    return model.eval().requires_grad_(requires_grad=False)


def main() -> None:
    """Train the autoencoder."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--out", type=Path, default=Path("runs/autoencoder"))
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--lr", type=float, default=4e-3)
    parser.add_argument("--begin", type=Path, help="a finished autoencoder to begin with")
    parser.add_argument("--device")
    args = parser.parse_args()
    device = pick_device(args.device)
    torch.manual_seed(0)
    model = new_autoencoder().to(device)
    if args.begin:
        model.load_state_dict(load_autoencoder(args.begin).state_dict())
    run = Run(args.out, model, total_steps=args.steps, peak_lr=args.lr, average_most=0.998)

    def loss_of(step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        crop = step < 0.85 * args.steps  # whole pictures at the end: GroupNorm sees all pixels
        pixels = batch(args.batch if crop else args.batch // 4, generator, crop=crop).to(device)
        with torch.autocast(device.type, torch.bfloat16):
            return reconstruction_loss(model, pixels, generator)

    run.train(loss_of)


if __name__ == "__main__":
    main()
