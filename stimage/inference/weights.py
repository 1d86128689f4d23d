"""The weights of one part of a model, mapped from its file where the dtype fits."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from stimage.errors import ModelError
from stimage.models.folder import modern_name, weights_file

Tensors = dict[str, torch.Tensor]


def read_state_dict(folder: Path, dtype: torch.dtype) -> Tensors:
    """Return a part's weights by today's names, floating-point ones in `dtype`.

    Raises:
        ModelError: "part_not_imported" or "part_unreadable".
    """
    return {
        modern_name(name): value.to(dtype) if value.is_floating_point() else value
        for name, value in _read_weights(folder).items()
        if not name.endswith("position_ids")
    }


def _read_weights(folder: Path) -> Tensors:
    file = weights_file(folder)
    if file is None or file.suffix != ".safetensors":
        raise ModelError("part_not_imported", part=folder.name)
    try:
        return load_file(file)
    except (SafetensorError, OSError) as error:
        raise ModelError(
            "part_unreadable", part=folder.name, file=file.name, detail=str(error)[:120]
        ) from error
