"""Turn a checkpoint, or a downloaded folder, into a folder this machine maps: the child process.

    python -m stimage.importing.worker SOURCE TARGET '{"title": "..."}'

It prints one JSON object in a line for each progress, and one at the end. `checkpoint.py` starts
it; the file it opens may be hostile, so it limits its own memory first.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import torch

from stimage.errors import ModelError
from stimage.hardware.dtype import dtype_for
from stimage.importing.architecture import CONFIGS, Kind, check_parts, kind_of, parts_of, recognise
from stimage.importing.importer import limit_memory
from stimage.importing.reader import Opened, open_weights
from stimage.importing.state_dict_keys import Parts, modern_name
from stimage.models import library
from stimage.models.catalog import RECORD, read_json
from stimage.models.tokenizer import FILES, read_tokenizer

HOLES = 3  # so many large matrices of nothing but zeros are a hole in the file, not a model
LARGE = 1024  # numbers in a matrix
CHUNK = 16 * 2**20
WEIGHTS = {
    "unet": "diffusion_pytorch_model.safetensors",
    "vae": "diffusion_pytorch_model.safetensors",
    "text_encoder": "model.safetensors",
}
DTYPES = {torch.bfloat16: "BF16", torch.float32: "F32"}
Report = Callable[[str, int, int], None]  # what is done, bytes so far, bytes in all


def convert(source: Path, target: Path, facts: Mapping[str, str], report: Report) -> None:
    """Write the model in `source` as a diffusers folder in this machine's compute type.

    Args:
        source: a checkpoint file in the original layout, or a diffusers folder.
        target: a folder that is made here.
        facts: what to note in the record: title, licence, catalog.
        report: told the progress.

    Raises:
        ModelError: for all that is wrong with the source.
    """
    is_file = source.is_file() or not source.is_dir()
    kind, parts = _read_file(source) if is_file else _read_folder(source)
    dtype = dtype_for(kind.configs["unet"])
    torch.set_num_threads(1)  # a thousand small checks: threads would only wait for each other
    origin = {"file": source.name, "kind": kind.title}
    if is_file:
        origin["bytes"] = str(source.stat().st_size)
        origin["sha256"] = _sha256(source, report)
    _write_configs(kind, target)
    read_tokenizer(target / "tokenizer", int(kind.configs["text_encoder"]["vocab_size"]))
    tensors = {part: getattr(parts, part) for part in WEIGHTS}
    total = sum(t.numel() for part in tensors.values() for t in part.values()) * dtype.itemsize
    done = 0

    def advance(size: int) -> None:
        nonlocal done
        done += size
        report("Checking and writing the weights", done, total)

    hashes = {
        f"{part}_sha256": write_safetensors(target / part / file, tensors[part], dtype, advance)
        for part, file in WEIGHTS.items()
    }
    record = {**facts, "origin": origin, "dtype": DTYPES[dtype], **hashes}
    record["imported"] = datetime.now(UTC).isoformat(timespec="seconds")
    _write_json(target / RECORD, record)


def write_safetensors(
    path: Path,
    tensors: Mapping[str, torch.Tensor],
    dtype: torch.dtype,
    advance: Callable[[int], None],
) -> str:
    """Write tensors one after the other, so that only one is in memory; return the SHA-256.

    Raises:
        ModelError: "not_finite" or "zeros".
    """
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    offset = 0
    for name, tensor in tensors.items():
        end = offset + tensor.numel() * dtype.itemsize
        shape = list(tensor.shape)
        header[name] = {"dtype": DTYPES[dtype], "shape": shape, "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 64)
    digest = hashlib.sha256()
    empty = 0
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        for piece in (len(text).to_bytes(8, "little"), text):
            file.write(piece)
            digest.update(piece)
        for name, tensor in tensors.items():
            plain = tensor.to(dtype).contiguous().reshape(-1)
            empty += plain.numel() >= LARGE and not plain.any()
            _check_numbers(name, plain, empty)
            data = plain.view(torch.uint8).numpy().data
            file.write(data)
            digest.update(data)
            advance(data.nbytes)
    return digest.hexdigest()


def _check_numbers(name: str, plain: torch.Tensor, empty: int) -> None:
    if not torch.isfinite(plain).all():
        raise ModelError(
            f"{name[:80]} holds numbers that are not finite: the pictures would be black. "
            "The file is damaged or its training went wrong; get another.",
            code="not_finite",
        )
    if empty >= HOLES:
        raise ModelError(
            f"Whole parts of the file are only zeros (such as {name[:80]}): the download left "
            "a hole. Download it again.",
            code="zeros",
        )


def _read_file(source: Path) -> tuple[Kind, Parts]:
    opened: Opened = open_weights(source)
    kind = recognise(opened, source.name)
    return kind, parts_of(opened, kind)


def _read_folder(source: Path) -> tuple[Kind, Parts]:
    kind = kind_of(source, source.name)
    if not all(kind.configs.values()):
        gone = ", ".join(f"{part}/" for part, config in kind.configs.items() if not config)
        raise ModelError(f"The folder lacks the configs of {gone}. Get it whole.", "folder")
    parts = Parts()
    for part in WEIGHTS:
        file = library.weights_file(source / part)
        if file is None:
            raise ModelError(f"The folder has no weights in {part}/. Get it whole.", "incomplete")
        tensors = getattr(parts, part)
        for name, tensor in open_weights(file).tensors.items():
            tensors[modern_name(name)] = tensor
    return kind, check_parts(parts, kind)


def _write_configs(kind: Kind, target: Path) -> None:
    for part, config in kind.configs.items():
        name = "scheduler_config.json" if part == "scheduler" else "config.json"
        _write_json(target / part / name, config)
    _write_json(target / "model_index.json", model_index(kind.configs))
    folder = target / "tokenizer"
    folder.mkdir(parents=True, exist_ok=True)
    if isinstance(kind.tokenizer, Path):
        _copy_tokenizer(kind.tokenizer, folder)
    else:
        for name, text in kind.tokenizer.items():
            if name in FILES:
                (folder / name).write_text(text, encoding="utf-8")


def model_index(configs: Mapping[str, Mapping[str, object]]) -> dict[str, object]:
    """Return the `model_index.json` that names the classes of a folder's parts for diffusers."""
    index = read_json(CONFIGS / "sd-v1" / "model_index.json")
    for part in ("vae", "scheduler"):
        if name := configs[part].get("_class_name"):
            index[part] = ["diffusers", name]
    return index


def _copy_tokenizer(source: Path, target: Path) -> None:
    """Copy the tokenizer; what is missing comes from CLIP, whose vocabulary ships."""
    origins = [source, CONFIGS / "sd-v1" / "tokenizer"]
    if not any((source / name).is_file() for name in ("vocab.json", "tokenizer.json")):
        origins.append(CONFIGS / "clip")
    for origin in origins:
        for file in (origin / name for name in FILES):
            if file.is_file() and not (target / file.name).exists():
                shutil.copyfile(file, target / file.name)


def _sha256(path: Path, report: Report) -> str:
    digest, done, size = hashlib.sha256(), 0, path.stat().st_size
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            done += len(chunk)
            report("Reading the file", done, size)
    return digest.hexdigest()


def _write_json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def _main(source: str, target: str, facts: str) -> int:
    def say(**what: object) -> None:
        os.write(1, (json.dumps(what) + "\n").encode())

    def report(stage: str, done: int, total: int) -> None:
        say(stage=stage, done=done, total=total)

    limit_memory(Path(source))
    try:
        convert(Path(source), Path(target), json.loads(facts), report)
    except ModelError as error:
        say(error=str(error), code=error.code)
        return 1
    except (MemoryError, RecursionError):
        say(error="The file wants more memory than a model needs. It is not opened.", code="memory")
        return 1
    say(ready=True)
    return 0


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:4]))
