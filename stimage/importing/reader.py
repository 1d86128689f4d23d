"""Open a weights file that somebody made: recognized by its content, never by its name."""

from __future__ import annotations

import json
import pickle
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from stimage.errors import ModelError, is_out_of_memory
from stimage.importing.pickles import MAGIC, MAX_PICKLE, harmless_names, load_pickle, next_pickle
from stimage.models.folder import INDEX

MAX_HEADER = 100_000_000  # bytes; safetensors' own limit
OTHER_FILES = (  # how files of another kind begin, and the code for them
    (b"GGUF", "gguf"),
    (b"\x89HDF", "hdf5"),
    (b"\x93NUMPY", "numpy"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"%PDF", "document"),
    (b"\x1f\x8b", "archive"),
    (b"7z\xbc\xaf", "archive"),
    (b"Rar!", "archive"),
    (b"\x7fELF", "program"),
    (b"MZ", "program"),
    (b"version https://git-lfs", "lfs_pointer"),
)


@dataclass(frozen=True, slots=True)
class Opened:
    """What lay in a file: tensors by name, mapped where possible, and the plain facts beside."""

    tensors: Mapping[str, torch.Tensor]
    facts: Mapping[str, Any] = field(default_factory=dict)  # untrusted: str, int, dict ...


def open_weights(path: Path) -> Opened:
    """Return the tensors of a safetensors file or of a torch file, zip or legacy.

    Raises:
        ModelError: if it is something else, damaged or unsafe; its code tells which.
    """
    if not path.is_file():
        raise ModelError("missing", file=path.name)
    size = path.stat().st_size
    if size == 0:
        raise ModelError("empty", file=path.name)
    with path.open("rb") as file:
        head = file.read(1024)
    if int.from_bytes(head[:8], "little") <= MAX_HEADER and head[8:9] == b"{":
        return _open_safetensors(path, size)
    if head.startswith(b"PK\x03\x04"):
        return _open_zip(path, size)
    if head[:1] == b"\x80" and len(head) > 2 and head[1] <= pickle.HIGHEST_PROTOCOL:
        return _open_legacy(path, head)
    raise ModelError(_kind_of(head))


def _kind_of(head: bytes) -> str:
    """Return the code for a file that is no weights, from its first bytes."""
    for magic, code in OTHER_FILES:
        if head.startswith(magic):
            return code
    if head.lstrip().lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        return "html"
    if not head.strip(b"\0"):
        return "zeros_file"
    return "text_file" if _is_text(head) else "unknown_file"


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:
            return False
        text = head[: error.start].decode("utf-8")
    return all(c.isprintable() or c in "\r\n\t" for c in text)


def _open_safetensors(path: Path, size: int) -> Opened:
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        raw = file.read(length)
    if len(raw) < length:
        raise _truncated(size, length + 8)
    try:
        header = json.loads(raw)
        entries = {name: entry for name, entry in header.items() if name != "__metadata__"}
        end = 8 + length + max((entry["data_offsets"][1] for entry in entries.values()), default=0)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ModelError("damaged_header") from error
    if size < end:
        raise _truncated(size, end)
    try:
        tensors = load_file(path)
    except (SafetensorError, ValueError, TypeError, KeyError, OSError) as error:
        if is_out_of_memory(error):
            raise
        raise ModelError("damaged", reason=str(error)[:120]) from error
    facts = header.get("__metadata__")
    return Opened(tensors, facts if isinstance(facts, dict) else {})


def _truncated(size: int, expected: int) -> ModelError:
    percent = round(100 * size / expected)
    return ModelError("truncated", size=size, expected=expected, percent=percent)


def _open_zip(path: Path, size: int) -> Opened:
    try:
        with zipfile.ZipFile(path) as archive:
            structure = _checked_structure(archive, size)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError) as error:
        raise ModelError("cut_short_or_damaged") from error
    names = harmless_names(structure)
    mapped = path.suffix != ".safetensors"  # torch goes by this one suffix: hand it the file then
    with path.open("rb") as file:
        loaded = load_pickle(path if mapped else file, names, mapped=mapped)
    return _unwrapped(loaded)


def _checked_structure(archive: zipfile.ZipFile, size: int) -> bytes:
    """Return the pickle of a torch zip after its members were checked, each byte of them."""
    members = archive.infolist()
    names = [member.filename for member in members]
    if any(name.endswith(INDEX) for name in names):
        raise ModelError("zip_folder")
    if any(name.endswith(("/constants.pkl", "/code/__torch__.py")) for name in names):
        raise ModelError("torchscript")
    pickles = [m for m in members if m.filename.count("/") <= 1 and m.filename.endswith("data.pkl")]
    if len(pickles) != 1:
        raise ModelError("not_torch")
    packed = any(member.compress_type != zipfile.ZIP_STORED for member in members)
    claimed = sum(member.file_size for member in members)
    if (
        packed
        or claimed > size
        or pickles[0].file_size > MAX_PICKLE
        or len(set(names)) < len(names)
    ):
        raise ModelError("zip_bomb", claimed=claimed, size=size)
    broken = archive.testzip()
    if broken is not None:
        raise ModelError("damaged", reason=broken[:80])
    return archive.read(pickles[0])


def _open_legacy(path: Path, head: bytes) -> Opened:
    """Open a file of torch before 1.6: three small pickles, the object, the keys, raw storages."""
    is_torch = MAGIC in head[:32]
    with path.open("rb") as file:
        try:
            structure = b"".join(next_pickle(file) for _ in range(4 if is_torch else 1))
        except (ValueError, EOFError, IndexError) as error:
            raise ModelError("cut_short") from error
        names = harmless_names(structure)
        file.seek(0)
        loaded = load_pickle(file, names, mapped=False)
    return _unwrapped(loaded)


def _unwrapped(loaded: object) -> Opened:
    """Return the tensors of `state_dict`, if there is one, or else of the dict itself."""
    if not isinstance(loaded, dict):
        raise ModelError("no_named_weights")
    inner = loaded.get("state_dict")
    source = inner if isinstance(inner, dict) else loaded
    tensors = {
        name: tensor
        for name, tensor in source.items()
        if isinstance(name, str) and isinstance(tensor, torch.Tensor)
    }
    facts = {name: value for name, value in loaded.items() if isinstance(name, str)}
    if not tensors and "string_to_param" not in facts:
        raise ModelError("no_weights")
    return Opened(tensors, facts)
