"""On how many processors a model computes."""

from __future__ import annotations

import math
import os
from typing import Any

from stimage.hardware import cgroup
from stimage.hardware.memory import weights_bytes

SMALL_BYTES = 100 * 2**20  # of weights
MAX_THREADS_OF_SMALL = 4


def threads_for(*networks: Any) -> int:  # noqa: ANN401 (diffusers has no types)
    """Return how many threads draw with these networks.

    A small one leaves one processor to the page and the browser. It gains little from a
    second one, and loses more: where both are in use, each thread waits for the other all the
    time (`python -m benchmarks.browser`).
    """
    cpus = available_cpus()
    if weights_bytes(*networks) >= SMALL_BYTES:
        return cpus
    return max(1, min(cpus - 1, MAX_THREADS_OF_SMALL))


def available_cpus() -> int:
    """Return how many processors this process may use, a container's quota included."""
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    else:
        count = os.cpu_count() or 1
    quota = cgroup.cpu_quota()
    return count if quota is None else max(1, min(count, math.ceil(quota)))
