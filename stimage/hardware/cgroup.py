"""The limits of this process's control groups: a container's, or those of systemd.

Linux has two versions of them, v1 with a tree for each resource and v2 with one tree, and both may
be mounted. A limit holds for everything beneath it, so the smallest on the way up counts. psutil
knows none of these limits.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

SYSTEM = Path("/")  # another folder in tests
NO_LIMIT = 2**60  # bytes; v1 writes about 2**63 where there is none


def memory_left(system: Path = SYSTEM) -> int | None:
    """Return the bytes left under the tightest limit of memory, at least 0; None without a limit.

    Pages of files count as left: the kernel can drop them.
    """
    v2 = [_left(group, "memory.max", "memory.current") for group in _groups(system, "")]
    v1 = [
        _left(group, "memory.limit_in_bytes", "memory.usage_in_bytes")
        for group in _groups(system, "memory")
    ]
    left = [bytes_left for bytes_left in v2 + v1 if bytes_left is not None]
    return max(min(left), 0) if left else None


def cpu_quota(system: Path = SYSTEM) -> float | None:
    """Return how many processors the tightest quota is worth; None without a quota."""
    v2 = [_quota(_read(group / "cpu.max").split()) for group in _groups(system, "")]
    v1 = [
        _quota([_read(group / "cpu.cfs_quota_us"), _read(group / "cpu.cfs_period_us")])
        for group in _groups(system, "cpu")
    ]
    return min((quota for quota in v2 + v1 if quota is not None), default=None)


def _groups(system: Path, controller: str) -> Iterator[Path]:
    """Yield the folders of this process's group and of all above it, as far as they are mounted.

    Args:
        system: the root of the file system.
        controller: of v1, or "" for v2.
    """
    mount = system / "sys/fs/cgroup"
    for line in _read(system / "proc/self/cgroup").splitlines():
        _, controllers, path = (*line.split(":", 2), "", "")[:3]
        if controller not in controllers.split(","):
            continue
        # A container may see the host's path, which is not mounted there: its own root is.
        parts = [part for part in path.split("/") if part not in ("", "..")]
        for tree in sorted({mount / controllers, mount / controller}):
            yield from (tree.joinpath(*parts[:depth]) for depth in range(len(parts), -1, -1))


def _left(group: Path, limit: str, used: str) -> int | None:
    try:
        most, now = int(_read(group / limit)), int(_read(group / used))
        lines = _read(group / "memory.stat").splitlines()
        pages = {name: int(value) for name, value in (line.split() for line in lines)}
    except ValueError:  # not mounted, or "max"
        return None
    if most >= NO_LIMIT:
        return None
    return most - now + pages.get("inactive_file", 0) + pages.get("active_file", 0)


def _quota(words: list[str]) -> float | None:
    try:
        quota, period = (int(word) for word in words)
    except ValueError:  # not mounted, or "max"
        return None
    return quota / period if quota > 0 and period > 0 else None


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""
