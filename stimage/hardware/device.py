"""Where a model computes: on an accelerator (CUDA, Apple's MPS, Intel's XPU) or the processors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stimage.hardware import memory

if TYPE_CHECKING:
    import torch

ROOM = 2**30  # bytes; for what a picture needs beside the weights


def best_device(*networks: Any) -> str:  # noqa: ANN401 (diffusers has no types)
    """Return the accelerator's type if there is one with room for twice the weights, else "cpu"."""
    import torch

    device = torch.accelerator.current_accelerator(check_available=True)
    if device is None:
        return "cpu"
    needed = 2 * memory.weights_bytes(*networks) + ROOM
    return device.type if _free_bytes() > needed else "cpu"


def computes(device: str, dtype: torch.dtype) -> bool:
    """Whether a device that is there also works: one small convolution is tried.

    A card that this PyTorch was not built for is found and has memory, and every operation fails.
    """
    import torch

    try:
        image = torch.ones(1, 4, 8, 8, device=device, dtype=dtype)
        answer = torch.nn.functional.conv2d(image, torch.ones(4, 4, 3, 3).to(image))
        return bool((answer.float().cpu() == 36).all())
    except Exception:  # noqa: BLE001 (each kind of device fails in its own way)
        return False


def _free_bytes() -> int:
    import torch

    try:
        return int(torch.accelerator.get_memory_info()[0])
    except (RuntimeError, NotImplementedError):  # it shares the computer's, as Apple's does
        return memory.left_mib() * 2**20
