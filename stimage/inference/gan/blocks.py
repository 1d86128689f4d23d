"""What the discriminator is built of."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import leaky_relu


def conv3x3(channels_in: int, channels_out: int, stride: int = 1) -> nn.Conv2d:
    """Return a convolution that keeps height and width, or divides them by `stride`."""
    return nn.Conv2d(channels_in, channels_out, 3, stride, padding=1)


def summary(prompt_embeds: Tensor) -> Tensor:
    """Return what a sentence says in all, (B, 2 W), from the states of its tokens, (B, T, W).

    The last token is the end mark, which has read the whole sentence; beside it the mean.
    """
    return torch.cat([prompt_embeds[:, -1], prompt_embeds.mean(1)], dim=1)


class Block(nn.Module):
    """A residual block without norms, which would hide from a discriminator how strong things are.

    At first it returns its input.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = conv3x3(channels, channels)
        self.conv2 = conv3x3(channels, channels)
        start_at_zero(self.conv2)

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, C, H, W) for x of the same shape."""
        return x + self.conv2(leaky_relu(self.conv1(leaky_relu(x, 0.2)), 0.2))


class CrossAttention(nn.Module):
    """Every place looks at every token of the sentence and takes what fits it.

    Plain matrix products, which can be differentiated twice, as a gradient penalty needs.
    """

    def __init__(self, channels: int, text_width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.to_q = nn.Linear(channels, channels)
        self.to_kv = nn.Linear(text_width, 2 * channels)
        self.to_out = nn.Linear(channels, channels)
        start_at_zero(self.to_out)

    def forward(self, places: Tensor, prompt_embeds: Tensor) -> Tensor:
        """Return what each of `places`, (B, N, C), takes from `prompt_embeds`, (B, T, W)."""
        k, v = self.to_kv(prompt_embeds).chunk(2, dim=2)
        return self.to_out(attend(self.to_q(places), k, v, self.heads))


def attend(q: Tensor, k: Tensor, v: Tensor, heads: int) -> Tensor:
    """Return attention in `heads` parts, (B, N, C), for q of that shape and k and v, (B, M, C)."""
    q, k, v = (x.unflatten(2, (heads, -1)).transpose(1, 2) for x in (q, k, v))
    weights = (q @ k.mT / q.shape[-1] ** 0.5).softmax(-1)  # (B, heads, N, M)
    return (weights @ v).transpose(1, 2).flatten(2)


def as_places(x: Tensor) -> Tensor:
    """Return (B, C, H, W) as places, (B, H W, C)."""
    return x.flatten(2).mT


def as_picture(places: Tensor) -> Tensor:
    """Return the places of a square, (B, N, C), as (B, C, H, W)."""
    side = round(places.shape[1] ** 0.5)
    return places.mT.unflatten(2, (side, side)).contiguous(memory_format=torch.channels_last)


def start_at_zero(layer: nn.Conv2d | nn.Linear) -> None:
    """Let a layer add nothing at first."""
    nn.init.zeros_(layer.weight)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
