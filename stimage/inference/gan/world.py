"""Whether a picture is of the small world that a judge knows, told by two measures.

The autoencoder must be able to draw it, and around its things it must look like a ground that was
seen in training: a place, or a plain color, in some style.
"""

from __future__ import annotations

import math

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from stimage.errors import ModelError
from stimage.inference.gan.folder import Gan
from stimage.inference.gan.quantized import packed, unpacked
from stimage.models.folder import ModelFolder

GROUNDS = "grounds.safetensors"
AROUND = 0.3  # of the cells of a picture show nothing but its ground, whatever stands there


def save_grounds(folder: ModelFolder, grounds: Tensor) -> None:
    """Keep the latents of all grounds, (G, C, H, W), beside the discriminator, in 8 bits."""
    save_file(packed({"grounds": grounds}), folder.part("discriminator") / GROUNDS)


def load_grounds(folder: ModelFolder) -> Tensor:
    """Return the latents of all grounds, (G, C, H, W) float32.

    Raises:
        ModelError: "judge_missing" if they are not there, or cut off.
    """
    try:
        return unpacked(load_file(folder.part("discriminator") / GROUNDS))["grounds"]
    except (OSError, KeyError, SafetensorError) as error:
        raise ModelError("judge_missing", name=folder.name) from error


def ground_distance(latents: Tensor, grounds: Tensor) -> list[float]:
    """Return how far pictures are from the ground that fits best.

    The squared distance of a cell of unit-spread latents, a mean over channels, below which
    `AROUND` of the cells are.

    Args:
        latents: (B, C, H, W).
        grounds: (G, C, H, W).
    """
    return [
        (one - grounds).square().mean(1).flatten(1).quantile(AROUND, dim=1).min().item()
        for one in latents
    ]


@torch.no_grad()
def fidelity_db(gan: Gan, pixels: Tensor, latents: Tensor) -> list[float]:
    """Return with which PSNR pictures, (B, 3, H, W) in [-1, 1], come back from their latents."""
    gaps = ((gan.decode(latents).clamp(-1, 1) - pixels) / 2).square().mean((1, 2, 3))
    return [-10 * math.log10(max(gap, 1e-10)) for gap in gaps.tolist()]
