"""Open a weights file that somebody made: recognised by its content, never by its name."""

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

from stimage.errors import ModelError
from stimage.importing.pickles import (
    AGAIN,
    MAGIC,
    MAX_PICKLE,
    WANTED,
    harmless_names,
    load_pickle,
    next_pickle,
)

MAX_HEADER = 100_000_000  # bytes; safetensors' own limit
OTHER_KINDS = (
    (b"GGUF", "gguf", "This is a GGUF file, made for llama.cpp and stable-diffusion.cpp."),
    (b"\x89HDF", "hdf5", "This is an HDF5 file, made by Keras or TensorFlow."),
    (b"\x93NUMPY", "numpy", "This is a NumPy array."),
    (b"\x89PNG", "picture", "This is a picture."),
    (b"\xff\xd8\xff", "picture", "This is a picture."),
    (b"%PDF", "document", "This is a PDF document."),
    (b"\x1f\x8b", "archive", "This is a packed archive; unpack it first."),
    (b"7z\xbc\xaf", "archive", "This is a packed archive; unpack it first."),
    (b"Rar!", "archive", "This is a packed archive; unpack it first."),
    (b"\x7fELF", "program", "This is a program, not a model."),
    (b"MZ", "program", "This is a program, not a model."),
)


@dataclass(frozen=True, slots=True)
class Opened:
    """What lay in a file: tensors by name, mapped where possible, and the plain facts beside."""

    tensors: Mapping[str, torch.Tensor]
    facts: Mapping[str, Any] = field(default_factory=dict)  # untrusted: str, int, dict ...
    format: str = ""


def open_weights(path: Path) -> Opened:
    """Return the tensors of a safetensors file or of a torch file, zip or legacy.

    Raises:
        ModelError: with a sentence for a person; `code` tells the reason.
    """
    if not path.is_file():
        raise ModelError(f"There is no file “{path.name}”. Check the path.", code="missing")
    size = path.stat().st_size
    if size == 0:
        raise ModelError(f"“{path.name}” is empty. {AGAIN}", code="empty")
    with path.open("rb") as file:
        head = file.read(1024)
    if int.from_bytes(head[:8], "little") <= MAX_HEADER and head[8:9] == b"{":
        return _open_safetensors(path, size)
    if head.startswith(b"PK\x03\x04"):
        return _open_zip(path, size)
    if head[:1] == b"\x80" and len(head) > 2 and head[1] <= pickle.HIGHEST_PROTOCOL:
        return _open_legacy(path, head)
    raise _not_weights(head)


def _not_weights(head: bytes) -> ModelError:
    for magic, code, sentence in OTHER_KINDS:
        if head.startswith(magic):
            return ModelError(f"{sentence} {WANTED}", code=code)
    text = head.lstrip().lower()
    if head.startswith(b"version https://git-lfs"):
        return ModelError(
            "This is only a pointer of Git LFS, not the weights. Run “git lfs pull” in its "
            "folder, or download the file from its page.",
            code="lfs_pointer",
        )
    if text.startswith((b"<!doctype", b"<html", b"<?xml")):
        return ModelError(
            "This is a web page, not a model: the link led to a page about the file. "
            "Open the page and use its download button.",
            code="html",
        )
    if not head.strip(b"\0"):
        return ModelError(f"The file begins with nothing but zeros. {AGAIN}", code="zeros")
    if (head.isascii() and head.decode("ascii").isprintable()) or _is_text(head):
        return ModelError(f"This is a text file. {WANTED}", code="text")
    return ModelError(f"Nothing known is in this file. {WANTED}", code="unknown")


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
        raise ModelError(f"The file's table of contents is damaged. {AGAIN}", "damaged") from error
    if size < end:
        raise _truncated(size, end)
    try:
        tensors = load_file(path)
    except (SafetensorError, ValueError, TypeError, KeyError, OSError) as error:
        raise ModelError(f"The file is damaged ({str(error)[:120]}). {AGAIN}", "damaged") from error
    facts = header.get("__metadata__")
    return Opened(tensors, facts if isinstance(facts, dict) else {}, "safetensors")


def _truncated(size: int, wanted: int) -> ModelError:
    share = 100 * size / wanted
    return ModelError(
        f"The file broke off: {size:,} of {wanted:,} bytes are there ({share:.0f} %). {AGAIN}",
        code="truncated",
    )


def _open_zip(path: Path, size: int) -> Opened:
    try:
        with zipfile.ZipFile(path) as archive:
            structure = _checked_structure(archive, size)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError) as error:
        raise ModelError(
            f"The file broke off or is damaged: its last part is not there. {AGAIN}",
            code="truncated",
        ) from error
    names = harmless_names(structure)
    mapped = path.suffix != ".safetensors"  # torch goes by this one suffix: hand it the file then
    with path.open("rb") as file:
        loaded = load_pickle(path if mapped else file, names, mapped=mapped)
    return _unwrapped(loaded, "torch zip")


def _checked_structure(archive: zipfile.ZipFile, size: int) -> bytes:
    """Return the pickle of a torch zip after its members were checked, each byte of them."""
    members = archive.infolist()
    names = [member.filename for member in members]
    if any(name.endswith("model_index.json") for name in names):
        raise ModelError(
            "This is a packed folder. Unpack it, then choose the folder.", "zip_folder"
        )
    if any(name.endswith(("/constants.pkl", "/code/__torch__.py")) for name in names):
        raise ModelError(f"This is a TorchScript program, not weights. {WANTED}", "torchscript")
    pickles = [m for m in members if m.filename.count("/") <= 1 and m.filename.endswith("data.pkl")]
    if len(pickles) != 1:
        raise ModelError(f"This ZIP file holds no torch weights. {WANTED}", code="not_torch")
    packed = any(member.compress_type != zipfile.ZIP_STORED for member in members)
    claimed = sum(member.file_size for member in members)
    if (
        packed
        or claimed > size
        or pickles[0].file_size > MAX_PICKLE
        or len(set(names)) < len(names)
    ):
        raise ModelError(
            f"The file claims to hold {claimed:,} bytes in {size:,}: torch never writes such "
            "files, and this one may be made to fill the memory. It is not opened.",
            code="zip_bomb",
        )
    broken = archive.testzip()
    if broken is not None:
        raise ModelError(f"The file is damaged inside ({broken[:80]}). {AGAIN}", code="damaged")
    return archive.read(pickles[0])


def _open_legacy(path: Path, head: bytes) -> Opened:
    """Open a file of torch before 1.6: three small pickles, the object, the keys, raw storages."""
    is_torch = MAGIC in head[:32]
    with path.open("rb") as file:
        try:
            structure = b"".join(next_pickle(file) for _ in range(4 if is_torch else 1))
        except (ValueError, EOFError, IndexError) as error:
            raise ModelError(f"The file broke off. {AGAIN}", code="truncated") from error
        names = harmless_names(structure)
        file.seek(0)
        loaded = load_pickle(file, names, mapped=False)
    return _unwrapped(loaded, "torch legacy")


def _unwrapped(loaded: object, kind: str) -> Opened:
    """Return the tensors of `state_dict`, if there is one, or else of the dict itself."""
    if not isinstance(loaded, dict):
        raise ModelError(f"No weights with names are in this file. {WANTED}", code="no_weights")
    inner = loaded.get("state_dict")
    source = inner if isinstance(inner, dict) else loaded
    tensors = {
        name: tensor
        for name, tensor in source.items()
        if isinstance(name, str) and isinstance(tensor, torch.Tensor)
    }
    facts = {name: value for name, value in loaded.items() if isinstance(name, str)}
    if not tensors and "string_to_param" not in facts:
        raise ModelError(f"No weights are in this file. {WANTED}", code="no_weights")
    return Opened(tensors, facts, kind)
