"""Memory: how much this process may still take, here or in its container; giving some back."""

from __future__ import annotations

import contextlib
import ctypes
from pathlib import Path

import psutil

CGROUP = Path("/sys/fs/cgroup")


def left_mib(cgroup: Path = CGROUP) -> int:
    """Return the MiB that are left; pages of files count as free, the kernel can drop them."""
    left = int(psutil.virtual_memory().available)
    limit = _cgroup_left(cgroup)
    return min(left, left if limit is None else max(limit, 0)) // 2**20


def _cgroup_left(cgroup: Path) -> int | None:
    """Return the bytes left under a limit of cgroup v2 or v1, or None without a limit."""
    for limit, used, folder in (
        ("memory.max", "memory.current", cgroup),
        ("memory.limit_in_bytes", "memory.usage_in_bytes", cgroup / "memory"),
    ):
        try:
            most = (folder / limit).read_text().strip()
            now = int((folder / used).read_text())
            stat = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
        except (OSError, ValueError):
            continue
        if most == "max" or int(most) >= 2**60:
            return None
        return int(most) - now + int(stat.get("inactive_file", 0)) + int(stat.get("active_file", 0))
    return None


def give_back() -> None:
    """Give pages that the allocator keeps for later back to the system, where it is glibc's."""
    with contextlib.suppress(OSError, TypeError, AttributeError):  # another system's allocator
        ctypes.CDLL(None).malloc_trim(0)
