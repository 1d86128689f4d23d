"""The generator: random numbers and a sentence to the latents of a picture, in one step."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import group_norm, pixel_shuffle, silu

from stimage.inference.gan.blocks import (
    GROUPS,
    AdaptiveBlock,
    CrossAttention,
    conv3x3,
    summary,
)

START_CELLS = 4  # a side, of the learned pattern that every picture grows from


@dataclass(frozen=True, slots=True)
class GeneratorConfig:
    """The sizes of a generator. Its picture has 16 x 16 cells of `latent_channels`."""

    latent_channels: int = 8
    text_width: int = 192  # of a token's state
    z_width: int = 32  # random numbers a picture
    style_width: int = 256
    widths: tuple[int, int, int] = (256, 192, 64)  # at 4 x 4, 8 x 8 and 16 x 16 cells
    head_width: int = 64  # of the attention


class Level(nn.Module):
    """Blocks at one resolution, each after a look at the sentence."""

    def __init__(self, channels: int, blocks: int, config: GeneratorConfig) -> None:
        super().__init__()
        heads = max(1, channels // config.head_width)
        self.attentions = nn.ModuleList(
            CrossAttention(channels, config.text_width, heads) for _ in range(blocks)
        )
        self.blocks = nn.ModuleList(
            AdaptiveBlock(channels, config.style_width) for _ in range(blocks)
        )

    def forward(self, x: Tensor, style: Tensor, prompt_embeds: Tensor) -> Tensor:
        """Return (B, C, H, W) for x of the same shape."""
        for attention, block in zip(self.attentions, self.blocks, strict=True):
            x = block(attention(x, prompt_embeds), style)
        return x


class Generator(nn.Module):
    """z and a sentence become a style vector; a learned pattern grows twofold, twice, under it."""

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.config = config
        first, second, third = config.widths
        self.style = nn.Sequential(
            nn.Linear(config.z_width + 2 * config.text_width, config.style_width),
            nn.SiLU(),
            nn.Linear(config.style_width, config.style_width),
            nn.SiLU(),
        )
        self.basis = nn.Parameter(torch.randn(first, START_CELLS, START_CELLS))
        self.start = nn.Linear(config.style_width, first)
        self.level4 = Level(first, 1, config)
        self.up8 = nn.Conv2d(first, 4 * second, 1)
        self.level8 = Level(second, 2, config)
        self.up16 = nn.Conv2d(second, 4 * third, 1)
        self.blocks16 = nn.ModuleList(AdaptiveBlock(third, config.style_width) for _ in range(2))
        self.conv_out = conv3x3(third, config.latent_channels)

    def forward(self, z: Tensor, prompt_embeds: Tensor) -> Tensor:
        """Return latents of unit spread, (B, C, 16, 16).

        Args:
            z: (B, z_width), normal.
            prompt_embeds: the text encoder's last hidden state, (B, T, text_width).
        """
        style = self.style(torch.cat([z, summary(prompt_embeds)], dim=1))
        x = self.basis * (1 + self.start(style)[..., None, None])
        x = x.contiguous(memory_format=torch.channels_last)
        x = self.level4(x, style, prompt_embeds)
        x = self.level8(pixel_shuffle(self.up8(x), 2), style, prompt_embeds)
        x = pixel_shuffle(self.up16(x), 2)
        for block in self.blocks16:
            x = block(x, style)
        return self.conv_out(silu(group_norm(x, GROUPS)))
