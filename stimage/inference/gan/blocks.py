"""What generator and discriminator are built of."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import group_norm, layer_norm, leaky_relu, silu

GROUPS = 16  # of channels that are normalized together


def conv3x3(channels_in: int, channels_out: int, stride: int = 1) -> nn.Conv2d:
    """Return a convolution that keeps height and width, or divides them by `stride`."""
    return nn.Conv2d(channels_in, channels_out, 3, stride, padding=1)


def summary(prompt_embeds: Tensor) -> Tensor:
    """Return what a sentence says in all, (B, 2 W), from the states of its tokens, (B, T, W).

    The last token is the end mark, which has read the whole sentence; beside it the mean.
    """
    return torch.cat([prompt_embeds[:, -1], prompt_embeds.mean(1)], dim=1)


class AdaptiveNorm(nn.Module):
    """GroupNorm, then a scale and a shift of each channel that a style vector gives."""

    def __init__(self, channels: int, style_width: int) -> None:
        super().__init__()
        self.affine = nn.Linear(style_width, 2 * channels)
        nn.init.zeros_(self.affine.weight)
        nn.init.zeros_(self.affine.bias)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """Return x, (B, C, H, W), normalized and moved as `style`, (B, S), says."""
        scale, shift = self.affine(style)[..., None, None].chunk(2, dim=1)
        return torch.addcmul(shift, group_norm(x, GROUPS), 1 + scale)


class AdaptiveBlock(nn.Module):
    """A residual block whose two norms follow a style vector; at first it returns its input."""

    def __init__(self, channels: int, style_width: int) -> None:
        super().__init__()
        self.norm1 = AdaptiveNorm(channels, style_width)
        self.conv1 = conv3x3(channels, channels)
        self.norm2 = AdaptiveNorm(channels, style_width)
        self.conv2 = conv3x3(channels, channels)
        start_at_zero(self.conv2)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """Return (B, C, H, W) for x of the same shape and `style`, (B, S)."""
        h = self.conv1(silu(self.norm1(x, style)))
        return x + self.conv2(silu(self.norm2(h, style)))


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


class SelfAttention(nn.Module):
    """Every place looks at every other."""

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.to_qkv = nn.Linear(channels, 3 * channels)
        self.to_out = nn.Linear(channels, channels)
        start_at_zero(self.to_out)

    def forward(self, places: Tensor) -> Tensor:
        """Return what each of `places`, (B, N, C), takes from the others."""
        q, k, v = self.to_qkv(places).chunk(3, dim=2)
        return self.to_out(attend(q, k, v, self.heads))


class TokenBlock(nn.Module):
    """A transformer's block: places look at each other, at the sentence, and think for themselves.

    The three norms follow a style vector (DiT, arXiv 2212.09748); at first it returns its input.
    """

    def __init__(self, channels: int, text_width: int, style_width: int, heads: int) -> None:
        super().__init__()
        self.affine = nn.Linear(style_width, 6 * channels)
        self.self_attention = SelfAttention(channels, heads)
        self.cross_attention = CrossAttention(channels, text_width, heads)
        last = nn.Linear(4 * channels, channels)
        self.mlp = nn.Sequential(nn.Linear(channels, 4 * channels), nn.SiLU(), last)
        start_at_zero(self.affine)
        start_at_zero(last)

    def forward(self, places: Tensor, style: Tensor, prompt_embeds: Tensor) -> Tensor:
        """Return (B, N, C) for `places` of the same shape, (B, S) and (B, T, W)."""
        scale1, shift1, scale2, shift2, scale3, shift3 = self.affine(style)[:, None].chunk(6, 2)
        places = places + self.self_attention(moved(places, scale1, shift1))
        places = places + self.cross_attention(moved(places, scale2, shift2), prompt_embeds)
        return places + self.mlp(moved(places, scale3, shift3))


def moved(places: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    """Return `places`, (B, N, C), normalized, then scaled and shifted by (B, 1, C)."""
    return torch.addcmul(shift, layer_norm(places, places.shape[-1:]), 1 + scale)


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
