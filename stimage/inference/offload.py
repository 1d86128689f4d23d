"""A large text encoder takes memory only while it reads a prompt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stimage.hardware import memory
from stimage.inference.weights import read_state_dict


def offload_between_uses(model: Any, folder: Path) -> None:  # noqa: ANN401 (diffusers has no types)
    """Map the weights for each use anew, so that they take no memory while pictures are drawn.

    Args:
        model: a module whose weights came from `folder`.
        folder: of that part of the model.
    """
    dtype = model.dtype
    hollow = {n: v.new_empty(()).expand(v.shape) for n, v in model.state_dict().items()}

    def take(*_: object) -> None:
        memory.give_back()  # what loading left, or the reading of another prompt
        model.load_state_dict(read_state_dict(folder, dtype), assign=True)

    def let_go(*_: object) -> None:
        model.load_state_dict(hollow, assign=True)

    model.register_forward_pre_hook(take)
    model.register_forward_hook(let_go)
    let_go()
