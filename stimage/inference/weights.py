"""The weights of one part of a model, mapped from its files where the dtype fits."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from stimage.errors import ModelError, is_out_of_memory
from stimage.models.weights_files import modern_name, weights_files

Tensors = dict[str, torch.Tensor]


def read_state_dict(folder: Path, dtype: torch.dtype) -> Tensors:
    """Return a part's weights by today's names, floating-point ones in `dtype`.

    Raises:
        ModelError: "part_not_imported", "part_unreadable" or "shards_missing".
    """
    return {
        modern_name(name): value.to(dtype) if value.is_floating_point() else value
        for name, value in _read_weights(folder).items()
        if not name.endswith("position_ids")
    }


def _read_weights(folder: Path) -> Tensors:
    files = weights_files(folder)
    if not files or files[0].suffix != ".safetensors":
        raise ModelError("part_not_imported", part=folder.name)
    tensors: Tensors = {}
    for file in files:
        try:
            tensors |= load_file(file)
        except (SafetensorError, OSError) as error:
            if is_out_of_memory(error):
                raise
            raise ModelError(
                "part_unreadable", part=folder.name, file=file.name, detail=str(error)[:120]
            ) from error
    return tensors
