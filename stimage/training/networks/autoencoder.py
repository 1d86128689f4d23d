"""The autoencoder: 128 x 128 pictures to 8 x 16 x 16 latents and back."""

from __future__ import annotations

import torch
from diffusers import AutoencoderKL
from torch import Tensor, nn

CHANNELS = 8  # of the latents; 4 lose too much of a glyph


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


@torch.no_grad()
def normalize_latents(model: AutoencoderKL, pixels: Tensor) -> None:
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


def decoding_half(model: AutoencoderKL) -> nn.ModuleDict:
    """Return the parts that turn latents into pictures, set to be trained."""
    half = nn.ModuleDict({"decoder": model.decoder, "post": model.post_quant_conv})
    return half.requires_grad_(requires_grad=True)
