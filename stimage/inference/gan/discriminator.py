"""The discriminator: how real latents look, and how well they fit a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import leaky_relu

from stimage.inference.gan.blocks import (
    Block,
    CrossAttention,
    as_picture,
    as_places,
    conv3x3,
    summary,
)


class Verdict(NamedTuple):
    """Two scores of each picture without unit or bounds, (B,): more is better."""

    real: Tensor
    fit: Tensor

    @property
    def total(self) -> Tensor:
        """Return what the generator is trained to raise, (B,)."""
        return self.real + self.fit


@dataclass(frozen=True, slots=True)
class DiscriminatorConfig:
    """The sizes of a discriminator of latents with 16 x 16 cells."""

    latent_channels: int = 8
    text_width: int = 192  # of a token's state
    widths: tuple[int, int, int] = (64, 128, 192)  # at 16 x 16, 8 x 8 and 4 x 4 cells
    head_width: int = 64  # of the attention


class Branch(nn.Module):
    """From features at 8 x 8 cells to one vector a picture."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.down = conv3x3(channels_in, channels_out, stride=2)
        self.block = Block(channels_out)

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, channels_out) for x, (B, channels_in, 8, 8)."""
        return leaky_relu(self.block(self.down(leaky_relu(x, 0.2))), 0.2).mean((2, 3))


class Discriminator(nn.Module):
    """Two branches on one trunk. Only the second reads the sentence."""

    def __init__(self, config: DiscriminatorConfig) -> None:
        super().__init__()
        self.config = config
        first, second, third = config.widths
        self.conv_in = conv3x3(config.latent_channels, first)
        self.down8 = conv3x3(first, second, stride=2)
        self.places = nn.Parameter(torch.zeros(second, 8, 8))  # left and right differ
        self.block8 = Block(second)
        self.real = Branch(second, third)
        self.real_out = nn.Linear(third, 1)
        heads = max(1, second // config.head_width)
        self.attention = CrossAttention(second, config.text_width, heads)
        self.fit = Branch(second, third)
        self.sentence = nn.Linear(2 * config.text_width, third)
        self.fit_out = nn.Linear(third, 1)

    def forward(self, latents: Tensor, prompt_embeds: Tensor) -> Verdict:
        """Judge latents of unit spread, (B, C, 16, 16), beside the states of tokens, (B, T, W)."""
        return self.judge(self.features(latents), prompt_embeds)

    def features(self, latents: Tensor) -> Tensor:
        """Return what both branches see of latents, (B, C', 8, 8)."""
        latents = latents.contiguous(memory_format=torch.channels_last)
        return self.block8(self.down8(leaky_relu(self.conv_in(latents), 0.2)) + self.places)

    def judge(self, features: Tensor, prompt_embeds: Tensor) -> Verdict:
        """Judge `features`; so one picture can be judged beside several sentences."""
        real = self.real_out(self.real(features))[:, 0]
        return Verdict(real, self.fit_of(features, prompt_embeds))

    def fit_of(self, features: Tensor, prompt_embeds: Tensor) -> Tensor:
        """Return how well each picture fits its sentence, (B,).

        A projection of the picture on the sentence (arXiv 1802.05637, eq. 3), and a linear part.
        """
        read = self.attention(as_places(features), prompt_embeds)
        seen = self.fit(features + as_picture(read))
        sentence = self.sentence(summary(prompt_embeds))
        return (seen * sentence).mean(1) + self.fit_out(seen)[:, 0]
