"""The pickle inside a torch file, read without running anything it asks for.

torch's restricted unpickler alone reads it, which builds tensors and plain containers. What the
original Stable Diffusion files hold besides (objects of Lightning and NumPy) becomes an `Inert`;
any other name in the pickle is a refusal, and there is no way around it.
"""

from __future__ import annotations

import io
import pickletools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import torch

from stimage.errors import ModelError, is_out_of_memory

MAX_PICKLE = 64_000_000  # bytes of structure; Stable Diffusion with EMA has one million
MAGIC = (0x1950A86A20F9469CFC6C).to_bytes(10, "little")  # torch before 1.6 wrote it first
OWN = re.compile(
    r"collections\.OrderedDict|torch\.(_utils\._rebuild_\w+|_tensor\._rebuild_from_type_v2|\w+Storage"
    r"|storage\.\w+Storage|b?float\d+|u?int\d+|bool|Size|device|Tensor|nn\.parameter\.Parameter"
    r"|serialization\._get_layout|torch_version\.TorchVersion)"
)
HARMLESS = ("pytorch_lightning.", "lightning.", "lightning_fabric.", "omegaconf.", "numpy.")
HARMLESS_NAMES = ("argparse.Namespace", "collections.defaultdict", "_codecs.encode")


class Inert:
    """Stands for an object of a foreign library in a pickle: takes everything, does nothing."""

    def __new__(cls, *_args: object, **_kwargs: object) -> Inert:  # noqa: D102 (the class says it)
        return object.__new__(cls)

    def __init__(self, *_args: object, **_kwargs: object) -> None: ...

    def __setstate__(self, _state: object) -> None: ...


def harmless_names(structure: bytes) -> list[str]:
    """Return the foreign names in a pickle that an `Inert` may stand for, found by reading alone.

    Raises:
        ModelError: "unsafe_pickle" for the first name that is neither torch's way to build
            tensors nor harmless.
    """
    harmless = []
    for name in sorted(set(_names_in(structure))):
        if name.startswith(HARMLESS) or name in HARMLESS_NAMES:
            harmless.append(name)
        elif not OWN.fullmatch(name):
            raise ModelError("unsafe_pickle", name=name[:80])
    return harmless


def _names_in(structure: bytes) -> Iterator[str]:
    strings = ["?", "?"]
    stream = io.BytesIO(structure)
    while stream.tell() < len(structure):
        try:
            for opcode, argument, _position in pickletools.genops(stream):
                if opcode.name in ("GLOBAL", "INST"):
                    yield str(argument).replace(" ", ".", 1)
                elif opcode.name == "STACK_GLOBAL":
                    yield ".".join(strings)
                elif opcode.name.startswith("EXT"):
                    yield f"copyreg extension {argument}"
                elif isinstance(argument, str):
                    strings = [strings[1], argument]
        except (ValueError, UnicodeDecodeError, IndexError):
            return  # not a whole pickle: torch will refuse it


def next_pickle(file: IO[bytes]) -> bytes:
    """Return the bytes of the next pickle in `file` without building anything.

    Raises:
        ModelError: with code "pickle_too_large".
        ValueError, EOFError, IndexError: if it is not a whole pickle.
    """
    start = file.tell()
    for _opcode, _argument, position in pickletools.genops(file):
        if (position or 0) - start > MAX_PICKLE:
            raise ModelError("pickle_too_large")
    end = file.tell()
    file.seek(start)
    return file.read(end - start)


def load_pickle(source: Path | IO[bytes], harmless: list[str], *, mapped: bool) -> Any:  # noqa: ANN401 (a pickle holds anything)
    """Return what a torch file holds, with an `Inert` for each of the `harmless` names.

    Raises:
        ModelError: "cut_short" or "unreadable_weights".
    """
    stubs = [(Inert, name) for name in harmless]
    try:
        with torch.serialization.safe_globals([Inert, *stubs]):
            return torch.load(source, map_location="cpu", weights_only=True, mmap=mapped)
    except RecursionError:
        raise
    except Exception as error:
        if is_out_of_memory(error):
            raise
        if "EOF" in str(error) or isinstance(error, EOFError):
            raise ModelError("cut_short") from error
        raise ModelError("unreadable_weights") from error
