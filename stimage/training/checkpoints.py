"""Checkpoints of a training run: written whole or not at all, and the one before is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from stimage.errors import StimageError


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Write `state` so that a kill or a full disk leaves the older file whole.

    Raises:
        StimageError: if the disk is full or the folder can't be written.
    """
    partial = path.with_suffix(".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.save(state, partial)
        if path.exists():
            path.replace(path.with_suffix(".previous.pt"))
        partial.replace(path)
    except (OSError, RuntimeError) as problem:
        partial.unlink(missing_ok=True)
        raise StimageError(
            "checkpoint_not_written", path=str(path), detail=str(problem)
        ) from problem


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Return a checkpoint of ours.

    Raises:
        StimageError: if the file is cut off or is something else.
    """
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as problem:
        detail = str(problem).partition("\n")[0]
        raise StimageError("checkpoint_unreadable", path=str(path), detail=detail) from problem


def newest_checkpoint(path: Path) -> Path | None:
    """Return `path`, or the save before it where a kill came while the two changed places."""
    return next((p for p in (path, path.with_suffix(".previous.pt")) if p.exists()), None)


def ema_weights(path: Path) -> dict[str, Tensor]:
    """Return the averaged weights of a checkpoint.

    Raises:
        StimageError: as `load_checkpoint`.
    """
    ema = load_checkpoint(path)["ema"]
    return {name.removeprefix("module."): p for name, p in ema.items() if name != "n_averaged"}
