"""Where a model computes: on a graphics card or on processors, and on how many of those."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import torch

SMALL_BYTES = 100 * 2**20  # of weights
MAX_THREADS_OF_SMALL = 4


def weights_bytes(pipeline: Any) -> int:  # noqa: ANN401 (diffusers has no types)
    """Return how large the weights of a pipeline are."""
    models = (pipeline.unet, pipeline.vae, pipeline.text_encoder)
    return sum(values.nbytes for model in models for values in model.parameters())


def best_device(pipeline: Any) -> str:  # noqa: ANN401 (diffusers has no types)
    """Return "cuda" if there is a graphics card with room for twice the weights, else "cpu"."""
    if not torch.cuda.is_available():
        return "cpu"
    free, _ = torch.cuda.mem_get_info()
    return "cuda" if free > 2 * weights_bytes(pipeline) + 2**30 else "cpu"


def threads_for(pipeline: Any) -> int:  # noqa: ANN401 (diffusers has no types)
    """Return how many threads draw.

    A small network leaves one processor to the page and the browser. It gains little from a
    second one, and loses more: where both are in use, each thread waits for the other all the
    time (`python -m benchmarks.browser`).
    """
    cpus = available_cpus()
    if weights_bytes(pipeline) >= SMALL_BYTES:
        return cpus
    return max(1, min(cpus - 1, MAX_THREADS_OF_SMALL))


def available_cpus() -> int:
    """Return how many processors this process may use, a container's quota included."""
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    else:
        count = os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
        count = min(count, math.ceil(int(quota) / int(period)))
    except (OSError, ValueError):  # no such file, or "max": no quota
        pass
    return max(1, count)
