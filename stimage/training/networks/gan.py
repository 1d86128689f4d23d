"""The networks of the GAN that are trained together, and the encoder that only training needs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from diffusers import UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from torch import Tensor, nn
from torch.nn.functional import pixel_unshuffle, silu

from stimage.inference.gan.blocks import conv3x3, summary
from stimage.inference.gan.discriminator import Discriminator, DiscriminatorConfig
from stimage.inference.gan.folder import load_discriminator, load_generator, load_part
from stimage.inference.gan.generator import Generator, GeneratorConfig
from stimage.models.folder import ModelFolder

GROUPS = 16  # of channels that are normalized together
GAN_PARTS = ("generator", "discriminator", "encoder")


@dataclass(frozen=True, slots=True)
class EncoderConfig:
    """The sizes of an encoder of latents with 16 x 16 cells."""

    latent_channels: int = 8
    text_width: int = 192
    z_width: int = 32
    widths: tuple[int, int] = (96, 128)  # at 8 x 8 and 4 x 4 cells
    hidden: int = 256


class Encoder(nn.Module):
    """A true picture and its caption to the z that would draw it: what the caption leaves open.

    The encoder of a conditional variational autoencoder (CVAE-GAN, arXiv 1703.10155).
    """

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.config = config
        first, second = config.widths
        self.conv_in = conv3x3(4 * config.latent_channels, first)
        self.norm = nn.GroupNorm(GROUPS, first)
        self.conv8 = conv3x3(first, first)
        self.down4 = conv3x3(first, second, stride=2)
        self.head = nn.Sequential(
            nn.Linear(16 * second + 2 * config.text_width, config.hidden),
            nn.SiLU(),
            nn.Linear(config.hidden, 2 * config.z_width),
        )

    def forward(self, latents: Tensor, prompt_embeds: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log variance of z, (B, z_width) each, for (B, C, 16, 16), (B, T, W)."""
        x = self.conv_in(pixel_unshuffle(latents, 2))
        x = x + self.conv8(silu(self.norm(x)))
        x = silu(self.down4(silu(x))).flatten(1)
        mean, logvar = self.head(torch.cat([x, summary(prompt_embeds)], dim=1)).chunk(2, dim=1)
        return mean, logvar.clamp(-10, 5)


class GanNetworks(nn.Module):
    """The three networks of one training."""

    def __init__(
        self, generator: Generator, discriminator: Discriminator, encoder: Encoder
    ) -> None:
        super().__init__()
        self.generator, self.discriminator, self.encoder = generator, discriminator, encoder
        generator.unet.set_attn_processor(AttnProcessor())  # its backward pass is faster on a CPU


def networks_of(base: Path) -> GanNetworks:
    """Return the networks in the folder of a GAN, or new ones that begin with a diffusion model.

    Raises:
        ModelError: if a part is missing, cut off, or does not fit its config.
    """
    folder = ModelFolder(base)
    if not folder.part("generator").exists():
        return new_networks(UNet2DConditionModel.from_pretrained(folder.part("unet")))
    encoder = load_part(folder, "encoder", Encoder, EncoderConfig)
    networks = GanNetworks(load_generator(folder), load_discriminator(folder), encoder)
    return networks.requires_grad_(requires_grad=True)


def new_networks(unet: UNet2DConditionModel) -> GanNetworks:
    """Return the three networks; the generator begins with the weights of a diffusion model.

    At its last timestep a U-Net that predicts velocity sees no picture, and what it returns is the
    mean of all pictures that fit the sentence, with the other sign: blurred wherever they differ.
    """
    text, channels = unet.config.cross_attention_dim, unet.config.in_channels
    sizes = {name: value for name, value in unet.config.items() if not name.startswith("_")}
    generator = Generator(GeneratorConfig(unet=sizes))
    own = generator.unet
    added = own.class_embedding.state_dict(prefix="class_embedding.")
    own.load_state_dict(unet.state_dict() | added)
    with torch.no_grad():
        own.conv_out.weight.neg_()
        own.conv_out.bias.neg_()
    return GanNetworks(
        generator,
        Discriminator(DiscriminatorConfig(channels, text)),
        Encoder(EncoderConfig(channels, text)),
    )
