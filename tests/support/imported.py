"""What an import makes of a source, compared with what it should make of it."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file

from stimage.importing.convert import convert
from stimage.models.folder import WEIGHTS, ModelFolder, Record


def imported(source: Path, tmp_path: Path) -> dict[str, torch.Tensor]:
    """Convert into tmp_path / "out", and return the weights of all parts by name."""
    convert(source, tmp_path / "out", Record(), lambda *_: None)
    return weights_of(tmp_path / "out")


def weights_of(path: Path) -> dict[str, torch.Tensor]:
    folder = ModelFolder(path)
    return {
        f"{part}.{name}": tensor
        for part in WEIGHTS
        for name, tensor in load_file(folder.weights(part)).items()
    }


def assert_same(found: dict[str, torch.Tensor], wanted: dict[str, torch.Tensor]) -> None:
    assert found.keys() == wanted.keys()
    assert all(torch.equal(found[name], wanted[name]) for name in wanted)
