"""Turn a checkpoint, or a downloaded folder, into a model folder that this machine maps."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import torch

from stimage import paths
from stimage.errors import ModelError
from stimage.hardware.dtype import dtype_for
from stimage.importing.architecture import (
    Architecture,
    architecture_of,
    recognize,
)
from stimage.importing.checking import check_parts, parts_of
from stimage.importing.prediction import predicts_velocity, read_unet
from stimage.importing.reader import open_weights
from stimage.importing.safetensors_writer import DTYPES, write_safetensors
from stimage.importing.spellings import as_usual, unscaled
from stimage.importing.state_dict_keys import Parts
from stimage.models.folder import (
    TOKENIZER_FILES,
    WEIGHTS,
    ModelFolder,
    Origin,
    Record,
    read_json,
)
from stimage.models.hub_cache import title_of
from stimage.models.kind import check_kind
from stimage.models.tokenizer import read_tokenizer
from stimage.models.weights_files import modern_name, weights_files

CHUNK = 16 * 2**20  # bytes
OnBytes = Callable[[str, int, int], None]  # a key of the catalog, bytes so far, bytes in all


def convert(source: Path, target: Path, facts: Record, report: OnBytes) -> None:
    """Write the model in `source` as a model folder in this machine's compute dtype.

    Args:
        source: a checkpoint file in the original layout, or a diffusers folder.
        target: a folder that is made here.
        facts: what is known of the model already: title, license, catalog.
        report: told the progress.

    Raises:
        ModelError: for all that is wrong with the source.
    """
    is_file = not source.is_dir()
    architecture, parts = _read_file(source) if is_file else _read_folder(ModelFolder(source))
    dtype = dtype_for(architecture.configs["unet"])
    torch.set_num_threads(1)  # a thousand small checks: threads would only wait for each other
    origin = Origin(file=source.name if is_file else title_of(source))
    if is_file:
        size, sha256 = str(source.stat().st_size), _sha256(source, report)
        origin = msgspec.structs.replace(origin, bytes=size, sha256=sha256)
    folder = ModelFolder(target)
    _write_configs(architecture, folder)
    read_tokenizer(folder.tokenizer, len(parts.text_encoder["embeddings.token_embedding.weight"]))
    hashes = _write_weights(parts, folder, dtype, report)
    del parts  # mapped pages count under the limit of memory, and a trial maps what was written
    if architecture.if_velocity is not None and predicts_velocity(read_unet(folder)):
        architecture = architecture.if_velocity
        _write_configs(architecture, folder)
    record = msgspec.structs.replace(
        facts,
        origin=msgspec.structs.replace(origin, architecture=architecture.title),
        dtype=DTYPES[dtype],
        imported=datetime.now(UTC).isoformat(timespec="seconds"),
        **hashes,
    )
    folder.record_file.write_bytes(msgspec.json.format(msgspec.json.encode(record)) + b"\n")


def _write_weights(
    parts: Parts, folder: ModelFolder, dtype: torch.dtype, report: OnBytes
) -> dict[str, str]:
    """Write the three networks; return the SHA-256 of each file by its field in `Record`."""
    tensors = {part: getattr(parts, part) for part in WEIGHTS}
    total = sum(t.numel() for part in tensors.values() for t in part.values()) * dtype.itemsize
    done = 0

    def advance(size: int) -> None:
        nonlocal done
        done += size
        report("importing.writing_weights", done, total)

    return {
        f"{part}_sha256": write_safetensors(folder.weights(part), tensors[part], dtype, advance)
        for part in WEIGHTS
    }


def _read_file(source: Path) -> tuple[Architecture, Parts]:
    opened = as_usual(open_weights(source))
    architecture = recognize(opened)
    return architecture, parts_of(opened, architecture)


def _read_folder(source: ModelFolder) -> tuple[Architecture, Parts]:
    check_kind(source)
    source.check_configs()
    architecture = architecture_of(source, title_of(source.path))
    parts = Parts()
    for part in WEIGHTS:
        files = weights_files(source.part(part))
        if not files:
            raise ModelError("part_without_weights", part=part)
        written: dict[str, torch.Tensor] = {}
        for file in files:
            written |= open_weights(file).tensors
        getattr(parts, part).update((modern_name(n), t) for n, t in unscaled(written).items())
    return architecture, check_parts(parts, architecture)


def _write_configs(architecture: Architecture, target: ModelFolder) -> None:
    for part, config in architecture.configs.items():
        write_json(target.config_file(part), config)
    write_json(target.index, model_index(architecture.configs))
    target.tokenizer.mkdir(parents=True, exist_ok=True)
    if isinstance(architecture.tokenizer, Path):
        _copy_tokenizer(architecture.tokenizer, target.tokenizer)
    else:
        for name, text in architecture.tokenizer.items():
            if name in TOKENIZER_FILES:
                (target.tokenizer / name).write_text(text, encoding="utf-8")


def model_index(configs: Mapping[str, Mapping[str, object]]) -> dict[str, object]:
    """Return the `model_index.json` that names the classes of a folder's parts for diffusers."""
    index = read_json(ModelFolder(paths.CHECKPOINT_CONFIGS / "sd-v1").index)
    for part in ("vae", "scheduler"):
        if name := configs[part].get("_class_name"):
            index[part] = ["diffusers", name]
    return index


def _copy_tokenizer(source: Path, target: Path) -> None:
    """Copy the tokenizer; what is missing comes from CLIP, whose vocabulary ships."""
    origins = [source, ModelFolder(paths.CHECKPOINT_CONFIGS / "sd-v1").tokenizer]
    if not any((source / name).is_file() for name in ("vocab.json", "tokenizer.json")):
        origins.append(paths.CHECKPOINT_CONFIGS / "clip")
    for origin in origins:
        for file in (origin / name for name in TOKENIZER_FILES):
            if file.is_file() and not (target / file.name).exists():
                shutil.copyfile(file, target / file.name)


def _sha256(path: Path, report: OnBytes) -> str:
    digest, done, size = hashlib.sha256(), 0, path.stat().st_size
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            done += len(chunk)
            report("importing.reading_file", done, size)
    return digest.hexdigest()


def write_json(path: Path, value: object) -> None:
    """Write a JSON file for a person to read, in a folder that is made if it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
