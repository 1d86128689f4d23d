"""Where a model computes: on a graphics card, or on the processors."""

from __future__ import annotations

from typing import Any

from stimage.hardware.memory import weights_bytes

ROOM = 2**30  # bytes; for what a picture needs beside the weights


def best_device(pipeline: Any) -> str:  # noqa: ANN401 (diffusers has no types)
    """Return "cuda" if there is a graphics card with room for twice the weights, else "cpu"."""
    import torch

    if not torch.cuda.is_available():
        return "cpu"
    free, _ = torch.cuda.mem_get_info()
    return "cuda" if free > 2 * weights_bytes(pipeline) + ROOM else "cpu"
