"""Which number type this machine computes faster in: measured, never guessed.

bfloat16 is up to four times as fast as float32 on a CPU with units for it and eight times as
slow on one without; the CPU's flags do not tell reliably which it is.
"""

from __future__ import annotations

import time
from functools import cache

import torch

WIDE = 256  # channels; a narrower network spends its time between the convolutions, not in them
CLEARLY = 0.7  # bfloat16 must take at most this share of float32's time: its pictures are coarser


def compute_dtype(channels: int) -> torch.dtype:
    """Return the number type for a U-Net whose first level has this many channels.

    float32 for a small one (measured: a step of 12 million weights gains nothing in bfloat16);
    for a large one bfloat16, if one of its convolutions is clearly faster in it here.
    """
    if channels < WIDE:
        return torch.float32
    return torch.bfloat16 if _ratio() < CLEARLY else torch.float32


@cache
def _ratio() -> float:
    """Return bfloat16's time over float32's for one convolution of 320 channels, 32 x 32 cells."""
    with torch.inference_mode():
        full = _seconds(torch.float32, runs=5)
        half = _seconds(torch.bfloat16, runs=5, enough=4 * full)
    return half / full


def _seconds(dtype: torch.dtype, runs: int, enough: float = float("inf")) -> float:
    """Return the best of some runs; stop at the first that takes `enough`."""
    conv = torch.nn.Conv2d(320, 320, 3, padding=1).to(dtype)
    x = torch.randn(2, 320, 32, 32).to(dtype)
    if dtype is torch.bfloat16:
        x = x.contiguous(memory_format=torch.channels_last)
    best = float("inf")
    for _ in range(runs):
        start = time.perf_counter()
        conv(x)
        best = min(best, time.perf_counter() - start)
        if best > enough:
            break
    return best
