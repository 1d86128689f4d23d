"""Memory: how much this process may still take, how much weights take, giving some back."""

from __future__ import annotations

import contextlib
import ctypes
from typing import Any

import psutil

from stimage.hardware import cgroup


def left_mib() -> int:
    """Return the MiB that are left; pages of files count as free, the kernel can drop them."""
    left = int(psutil.virtual_memory().available)
    allowed = cgroup.memory_left()
    return min(left, left if allowed is None else allowed) // 2**20


def weights_bytes(*networks: Any) -> int:  # noqa: ANN401 (this room knows torch by name only)
    """Return how large the weights of networks are."""
    return sum(weight.nbytes for network in networks for weight in network.parameters())


def give_back() -> None:
    """Give pages that the allocator keeps for later back to the system, where it is glibc's."""
    with contextlib.suppress(OSError, TypeError, AttributeError):  # another system's allocator
        ctypes.CDLL(None).malloc_trim(0)
