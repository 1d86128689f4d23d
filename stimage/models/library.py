"""The models that are installed here: found, listed and removed by name. No torch, no network."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import msgspec

from stimage.errors import Message, ModelError
from stimage.models import catalog
from stimage.models.catalog import Entry
from stimage.models.few_steps import habits_of
from stimage.models.folder import (
    MAX_NAME,
    ModelFolder,
    Record,
    folder_of,
    is_plain_name,
    own_models,
)
from stimage.models.kind import check_kind
from stimage.models.requirements import estimated_memory_mib
from stimage.paths import SHIPPED, typed_path

DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)")  # no file on Windows
RESERVED = {"configs", "pos-tagger", *SHIPPED}
SIZE_OF_OLD_CONFIGS = 32
DEFAULT_LATENT_SIZE = 64  # a side of the latents of a U-Net that does not tell
MAX_LATENT_SIZE = 1024


def find(source: str) -> tuple[ModelFolder, Entry]:
    """Return the folder and the entry of a catalog name, hub id, installed name or folder path.

    Raises:
        ModelError: "unknown_model", "not_installed" if it must be downloaded first,
            "shipped_model_missing", "not_imported", or what `describe` raises.
    """
    try:
        return _find(source)
    except OSError as error:  # too long a name, or no right to look
        raise ModelError("unreadable_folder", name=Path(source).name[:MAX_NAME]) from error


def _find(source: str) -> tuple[ModelFolder, Entry]:
    path = typed_path(source)
    if path.is_absolute() or (len(path.parts) > 1 and path.is_dir()):
        if path.is_file():
            raise ModelError("not_imported", file=path.name)
        return ModelFolder(path), describe(ModelFolder(path))
    folder = folder_of(source)
    if is_plain_name(source) and folder.record_file.is_file():
        return folder, describe(folder)
    entry = catalog.entry(source)
    folder = folder_of(entry.name)
    if not folder.is_complete:
        code = "shipped_model_missing" if entry.name in SHIPPED else "not_installed"
        raise ModelError(code, model=entry.title)
    return folder, describe(folder)


def describe(folder: ModelFolder) -> Entry:
    """Return the entry of a model folder: the catalog's, or what record and configs tell.

    Raises:
        ModelError: "not_a_model_folder", "broken_record", "broken_config", or what `check_kind`
            raises.
        OSError: if it may not be read.
    """
    record, unet = folder.record(), folder.unet_config
    if not folder.is_complete or not unet:
        raise ModelError("not_a_model_folder", name=folder.name[:MAX_NAME])
    if not folder.is_gan:
        check_kind(folder)
    installed_here = folder == folder_of(folder.name)
    known = {entry.name: entry for entry in catalog.entries()}
    entry = known.get(record.catalog) or known.get(folder.name if installed_here else "")
    if entry is not None:
        return msgspec.structs.replace(entry, name=folder.name) if installed_here else entry
    habits = habits_of(folder, record)
    width, height = (8 * side for side in _latent_size(folder, unet))
    return Entry(
        name=folder.name,
        title=record.title.strip()[:MAX_NAME] or folder.name,
        license=record.license,
        about=_about(record),
        steps=habits.steps,
        guidance_scale=habits.guidance_scale,
        guidance=habits.guidance,
        max_steps=habits.max_steps,
        scheduler=habits.scheduler,
        width=width,
        height=height,
        memory_mib=estimated_memory_mib(folder, width, height),
    )


def _latent_size(folder: ModelFolder, config: Mapping[str, object]) -> tuple[int, int]:
    """Return width and height of the latents; the config names a side, or height and width."""
    size = config.get("sample_size")
    if size is None or (size == SIZE_OF_OLD_CONFIGS and _is_old(config)):
        size = DEFAULT_LATENT_SIZE
    sides = size if isinstance(size, list) and len(size) == 2 else [size, size]
    height, width = (side if type(side) is int else 0 for side in sides)
    if not (1 <= height <= MAX_LATENT_SIZE and 1 <= width <= MAX_LATENT_SIZE):
        raise ModelError("broken_config", name=folder.name[:MAX_NAME], part="unet")
    return width, height


def _is_old(config: Mapping[str, object]) -> bool:
    """Whether diffusers before 0.9 wrote it, which put 32 where 64 was meant."""
    version = re.match(r"0\.(\d{1,4})(\.|$)", str(config.get("_diffusers_version")))
    return version is not None and int(version[1]) < 9


def _about(record: Record) -> Message | None:
    if record.origin is None:
        return None
    facts: dict[str, object] = {
        "file": record.origin.file,
        "architecture": record.origin.architecture,
    }
    return Message("about_imported", facts)


def installed() -> list[Entry]:
    """Return the models of this machine: those of the catalog first, then imported ones.

    One that can't draw tells why in its `error`.
    """
    known = [entry.name for entry in catalog.entries()]
    folders = [folder_of(name) for name in known if is_installed(name)]
    folders += [folder for folder in own_models() if folder.name not in known and _is_kept(folder)]
    return [_described(folder) for folder in folders]


def _is_kept(folder: ModelFolder) -> bool:
    try:
        return folder.record_file.exists()
    except OSError:
        return True  # it may not be read, and that is to be said


def _described(folder: ModelFolder) -> Entry:
    try:
        if is_plain_name(folder.name):
            return describe(folder)
        problem = Message("odd_name", {"name": folder.name})
    except ModelError as error:
        problem = error.message
    except OSError:
        problem = Message("unreadable_folder", {"name": folder.name})
    return Entry(name=folder.name, title=folder.name[:MAX_NAME], error=problem)


def is_installed(name: str) -> bool:
    """Whether a model of this name is installed; it may be broken."""
    try:
        return folder_of(name).is_complete
    except OSError:
        return False


def free_name(title: str) -> str:
    """Return a plain name for a new model that no other has."""
    plain = re.sub(r"[^a-z0-9._-]+", "-", title.lower())[:60].strip("-._") or "model"
    if DEVICES.match(plain):
        plain = f"model-{plain}"
    taken = {entry.name for entry in catalog.entries()} | set(catalog.decoders()) | RESERVED
    name, number = plain, 2
    while name in taken or folder_of(name).path.exists():
        name, number = f"{plain}-{number}", number + 1
    return name


def is_own(name: str) -> bool:
    """Whether a model came here by import or download, so that it may be removed."""
    return name not in RESERVED and name in {entry.name for entry in installed()}


def remove(name: str) -> None:
    """Delete an imported or downloaded model from the disk.

    Raises:
        ModelError: "model_kept" for what ships with Stimage, "not_removable" if there is none,
            "not_removed" if the disk does not allow it.
    """
    if name in RESERVED:
        raise ModelError("model_kept", name=name)
    if not is_own(name):
        raise ModelError("not_removable", name=name[:80])
    path = folder_of(name).path
    try:
        if path.is_symlink():
            path.unlink()
        else:
            shutil.rmtree(path)
    except OSError as error:
        raise ModelError("not_removed", name=name, reason=error.strerror or "") from error
