"""A GAN of real classes with a few thousand random weights."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import AutoencoderKL

from stimage.inference.gan.discriminator import Discriminator, DiscriminatorConfig
from stimage.inference.gan.folder import save_index, save_network
from stimage.inference.gan.generator import Generator, GeneratorConfig
from stimage.models.folder import ModelFolder
from tests.support.tiny import tiny_pipeline

TINY_GENERATOR = GeneratorConfig(
    z_width=8,
    unet={
        "sample_size": 16,
        "in_channels": 8,
        "out_channels": 8,
        "block_out_channels": (8, 16),
        "layers_per_block": 1,
        "norm_num_groups": 4,
        "attention_head_dim": 8,
        "cross_attention_dim": 16,
        "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
        "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
    },
)
TINY_DISCRIMINATOR = DiscriminatorConfig(text_width=16, widths=(8, 16, 16), head_width=8)


def save_tiny_gan(folder: Path) -> ModelFolder:
    """Write a tiny GAN that draws 128 x 128 pixels."""
    pipeline = tiny_pipeline()
    with torch.random.fork_rng():
        torch.manual_seed(0)
        save_network(Generator(TINY_GENERATOR), TINY_GENERATOR, folder / "generator")
        save_network(
            Discriminator(TINY_DISCRIMINATOR), TINY_DISCRIMINATOR, folder / "discriminator"
        )
        vae = AutoencoderKL(
            block_out_channels=(8, 8, 8, 8),
            down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4,
            latent_channels=8,
            norm_num_groups=4,
            sample_size=128,
        )
    vae.save_pretrained(folder / "vae")
    pipeline.text_encoder.save_pretrained(folder / "text_encoder")
    pipeline.tokenizer.save_pretrained(folder / "tokenizer")
    save_index(folder)
    return ModelFolder(folder)
