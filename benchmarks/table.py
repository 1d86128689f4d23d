"""What every benchmark prints: the machine, and a table."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from pathlib import Path


def print_table(title: str, rows: Iterable[tuple[str, str]]) -> None:
    """Print two columns under a title that names the machine."""
    lines = list(rows)
    width = max(len(name) for name, _ in lines)
    print(f"\n{title}\n{machine()}\n")
    print(f"| {'what':<{width}} | measured |\n| {'-' * width} | -------- |")
    for name, value in lines:
        print(f"| {name:<{width}} | {value} |")


def machine() -> str:
    """Return what the numbers depend on: processor, threads, torch."""
    import torch

    file = Path("/proc/cpuinfo")
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    processor = names[0] if names else platform.processor() or platform.machine()
    return f"{processor}, {torch.get_num_threads()} threads, torch {torch.__version__}"
