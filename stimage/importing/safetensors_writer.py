"""Write weights as a .safetensors file, one tensor in memory at a time, each number checked.

safetensors' own `save_file` wants all tensors at once, in the type that is written: twice the
memory of the file, and a second pass for its SHA-256.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import torch

from stimage.errors import ModelError

DTYPES = {torch.bfloat16: "BF16", torch.float32: "F32"}  # their names in the file's header
HOLES = 3  # so many large matrices of nothing but zeros are a hole in the file, not a model
LARGE = 1024  # numbers in a matrix
ALIGNMENT = 64  # bytes; the header is padded to it


def write_safetensors(
    path: Path,
    tensors: Mapping[str, torch.Tensor],
    dtype: torch.dtype,
    advance: Callable[[int], None],
) -> str:
    """Write tensors in one dtype; return the SHA-256 of the file.

    Args:
        path: the file; its folder is made.
        tensors: by name, of any shape.
        dtype: one of `DTYPES`.
        advance: told the bytes of each tensor that was written.

    Raises:
        ModelError: "not_finite" or "zeros".
    """
    digest = hashlib.sha256()
    empty = 0
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        start = _header(tensors, dtype)
        file.write(start)
        digest.update(start)
        for name, tensor in tensors.items():
            plain = tensor.to(dtype).contiguous().reshape(-1)
            empty += plain.numel() >= LARGE and not plain.any()
            _check_numbers(name, plain, empty)
            data = plain.view(torch.uint8).numpy().data
            file.write(data)
            digest.update(data)
            advance(data.nbytes)
    return digest.hexdigest()


def _header(tensors: Mapping[str, torch.Tensor], dtype: torch.dtype) -> bytes:
    """Return the length of the table of contents, 8 bytes, and the table as padded JSON."""
    table: dict[str, object] = {"__metadata__": {"format": "pt"}}
    offset = 0
    for name, tensor in tensors.items():
        end = offset + tensor.numel() * dtype.itemsize
        shape = list(tensor.shape)
        table[name] = {"dtype": DTYPES[dtype], "shape": shape, "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(table).encode()
    text += b" " * (-len(text) % ALIGNMENT)
    return len(text).to_bytes(8, "little") + text


def _check_numbers(name: str, plain: torch.Tensor, empty: int) -> None:
    if not torch.isfinite(plain).all():
        raise ModelError("not_finite", tensor=name[:80])
    if empty >= HOLES:
        raise ModelError("zeros", tensor=name[:80])
