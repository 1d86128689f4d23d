"""Weights in 8 bits on the disk: half the size of float16, and no picture looks different.

A matrix or filter is kept as int8 with one scale for each of its rows; vectors as float16.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

SCALE = ".scale"  # after the name of the matrix whose rows it scales
LARGEST = 127


def packed(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return float weights as they are kept."""
    kept: dict[str, Tensor] = {}
    for name, weight in weights.items():
        if weight.ndim < 2:
            kept[name] = weight.half().contiguous()
            continue
        rows = weight.float().flatten(1)
        scale = (rows.abs().amax(1) / LARGEST).clamp(min=1e-12)
        kept[name] = (rows / scale[:, None]).round().to(torch.int8).view(weight.shape)
        kept[name + SCALE] = scale
    return kept


def unpacked(kept: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return weights in float32 as `packed` kept them."""
    weights: dict[str, Tensor] = {}
    for name, value in kept.items():
        if name.endswith(SCALE):
            continue
        weights[name] = value.float()
        if name + SCALE in kept:
            scale = kept[name + SCALE].float()
            weights[name] *= scale.view(-1, *[1] * (value.ndim - 1))
    return weights
