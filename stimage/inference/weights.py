"""The weights of one part of a model, mapped from its files where the dtype fits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from accelerate import init_empty_weights
from safetensors import SafetensorError
from safetensors.torch import load_file

from stimage.errors import ModelError, is_out_of_memory
from stimage.models.folder import read_json
from stimage.models.weights_files import modern_name, weights_files

Tensors = dict[str, torch.Tensor]


def load_network(
    folder: Path,
    make: Callable[[dict[str, object]], Any],
    dtype: torch.dtype,
    unpack: Callable[[Tensors], Tensors] | None = None,
) -> Any:  # noqa: ANN401 (diffusers has no types)
    """Build a network from the config in `folder`, with its weights, mapped where the dtype fits.

    Args:
        folder: of one part of a model.
        make: gets the config, {} if there is none that can be read.
        dtype: of the weights.
        unpack: what is in the files to the weights, if that is not the same.

    Raises:
        ModelError: "weights_do_not_fit", and as `read_state_dict`.
    """
    with init_empty_weights():
        model = make(read_json(folder / "config.json"))
    weights = read_state_dict(folder, dtype)
    try:
        model.load_state_dict(unpack(weights) if unpack else weights, strict=True, assign=True)
    except RuntimeError as error:
        raise ModelError("weights_do_not_fit", part=folder.name, detail=str(error)[:200]) from error
    return model.eval().requires_grad_(requires_grad=False)


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
