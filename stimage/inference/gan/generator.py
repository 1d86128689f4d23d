"""The generator: random numbers and a sentence to the latents of a picture, in one step."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import group_norm, layer_norm, pixel_shuffle, silu

from stimage.inference.gan.blocks import (
    GROUPS,
    AdaptiveBlock,
    CrossAttention,
    TokenBlock,
    as_picture,
    as_places,
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
    style_width: int = 192
    depth: int = 3  # blocks at 4 x 4 cells, where a weight costs least time
    widths: tuple[int, int, int] = (256, 128, 48)  # at 4 x 4, 8 x 8 and 16 x 16 cells
    head_width: int = 64  # of the attention


class Generator(nn.Module):
    """z and a sentence become a style vector; a learned pattern grows twofold, twice, under it.

    A transformer decides at 4 x 4 cells what stands where; convolutions draw it out.
    """

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.config = config
        first, second, third = config.widths
        text, style = config.text_width, config.style_width
        self.style = nn.Sequential(
            nn.Linear(config.z_width + 2 * text, style),
            nn.SiLU(),
            nn.Linear(style, style),
            nn.SiLU(),
        )
        self.basis = nn.Parameter(torch.randn(START_CELLS**2, first))
        self.start = nn.Linear(style, first)
        heads = max(1, first // config.head_width)
        self.blocks4 = nn.ModuleList(
            TokenBlock(first, text, style, heads) for _ in range(config.depth)
        )
        self.up8 = nn.Linear(first, 4 * second)
        self.attention8 = CrossAttention(second, text, max(1, second // config.head_width))
        self.block8 = AdaptiveBlock(second, style)
        self.up16 = nn.Conv2d(second, 4 * third, 1)
        self.block16 = AdaptiveBlock(third, style)
        self.conv_out = conv3x3(third, config.latent_channels)

    def forward(self, z: Tensor, prompt_embeds: Tensor) -> Tensor:
        """Return latents of unit spread, (B, C, 16, 16).

        Args:
            z: (B, z_width), normal.
            prompt_embeds: the text encoder's last hidden state, (B, T, text_width).
        """
        style = self.style(torch.cat([z, summary(prompt_embeds)], dim=1))
        places = self.basis * (1 + self.start(style)[:, None])
        for block in self.blocks4:
            places = block(places, style, prompt_embeds)
        places = self.up8(layer_norm(places, places.shape[-1:]))
        x = pixel_shuffle(as_picture(places), 2)
        places = as_places(x)
        seen = self.attention8(layer_norm(places, places.shape[-1:]), prompt_embeds)
        x = self.block8(x + as_picture(seen), style)
        x = self.block16(pixel_shuffle(self.up16(x), 2), style)
        return self.conv_out(silu(group_norm(x, GROUPS)))
