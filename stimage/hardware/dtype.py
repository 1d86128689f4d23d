"""Which dtype this machine computes faster in: measured, never guessed.

bfloat16 is up to four times as fast as float32 on a CPU with units for it and eight times as
slow on one without; the CPU's flags do not tell reliably which it is. A small network gains
nothing anywhere, since it spends its time between the convolutions: it is not measured, so that
noise never changes its pictures.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

RUNS = 6
MIN_CHANNELS = 256  # of the first level; narrower networks compute in float32
MAX_CHANNELS, MAX_CELLS = 320, 32  # a larger block takes longer and tells the same
CLEARLY = 0.7  # bfloat16 must take at most this share of float32's time: its pictures are coarser


def compute_dtype(channels: int, cells: int = MAX_CELLS) -> torch.dtype:
    """Return the dtype for a U-Net whose first level has this many channels and cells a side.

    bfloat16 if one residual block of that size is clearly faster in it here, else float32. A
    network narrower than `MIN_CHANNELS` gets float32 without a measurement.
    """
    import torch

    if channels < MIN_CHANNELS:
        return torch.float32
    size = max(1, min(channels, MAX_CHANNELS)), max(1, min(cells, MAX_CELLS))
    return torch.bfloat16 if bfloat16_ratio(*size) < CLEARLY else torch.float32


def dtype_for(unet_config: Mapping[str, Any]) -> torch.dtype:
    """Return the dtype for a U-Net with this config."""
    channels, cells = unet_config.get("block_out_channels"), unet_config.get("sample_size")
    first = channels[0] if isinstance(channels, list | tuple) and channels else None
    return compute_dtype(
        first if isinstance(first, int) else MAX_CHANNELS,
        cells if isinstance(cells, int) else MAX_CELLS,
    )


@cache
def bfloat16_ratio(channels: int, cells: int) -> float:
    """Return bfloat16's time over float32's for one residual block, two pictures at once."""
    import torch

    with torch.inference_mode():
        full = _seconds(torch.float32, channels, cells)
        half = _seconds(torch.bfloat16, channels, cells, enough=4 * full)
    return half / full


def _seconds(dtype: torch.dtype, channels: int, cells: int, enough: float = float("inf")) -> float:
    """Return the best of some runs; stop at the first that takes `enough`."""
    import torch
    from diffusers.models.resnet import ResnetBlock2D

    block = ResnetBlock2D(
        in_channels=channels, temb_channels=4 * channels, groups=math.gcd(channels, 32)
    ).to(dtype)
    x = torch.randn(2, channels, cells, cells).to(dtype, memory_format=torch.channels_last)
    t = torch.randn(2, 4 * channels).to(dtype)
    best = float("inf")
    for _ in range(RUNS):
        start = time.perf_counter()
        block(x, t)
        best = min(best, time.perf_counter() - start)
        if best > enough:
            break
    return best
