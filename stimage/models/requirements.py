"""What a model needs of memory and disk, and the refusals where it is not there."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from stimage.config import config
from stimage.errors import ModelError, TooLittleMemory
from stimage.hardware import memory
from stimage.models import catalog
from stimage.models.catalog import Entry
from stimage.models.folder import ModelFolder, folder_of
from stimage.models.weights_files import weights_bytes


def estimated_memory_mib(folder: ModelFolder, width: int, height: int) -> int:
    """Return about what a model needs that nobody has measured, in MiB.

    The libraries take 300, the weights that draw must fit, and the picture's activations take
    up to 850 at 512 x 512 with the large decoder (`benchmarks/sd_class.py`).
    """
    weights = weights_bytes(folder.part(folder.drawing_part))
    return round(300 + weights / 2**20 + 850 * width * height / 512**2)


def needed_mib(entry: Entry) -> int:
    """Return what a model needs; the catalog's figures are for bfloat16, float32 takes more."""
    if not entry.source:
        return entry.memory_mib
    try:
        folder = folder_of(entry.name)
        if folder.record().dtype == "F32":
            return entry.memory_mib + weights_bytes(folder.part("unet")) // 2 // 2**20
    except ModelError:
        pass  # it is broken: the library tells
    return entry.memory_mib


def check_memory(entry: Entry, freed_mib: int = 0) -> None:
    """Refuse a model that cannot fit, before it is loaded.

    Args:
        entry: the model.
        freed_mib: what the model gives back that is in memory now.

    Raises:
        TooLittleMemory: with the numbers and the next smaller choice.
    """
    left, needed = memory.left_mib() + freed_mib, needed_mib(entry)
    if needed <= left:
        return
    facts = {"model": entry.title, "needed": needed, "left": left}
    smaller = [e for e in catalog.entries() if needed_mib(e) <= left and e.name != entry.name]
    if not smaller:
        raise TooLittleMemory("too_little_memory", **facts)
    choice = max(smaller, key=needed_mib)
    facts |= {"smaller": choice.title, "smaller_needed": needed_mib(choice)}
    raise TooLittleMemory("too_little_memory_smaller_fits", **facts)


def check_memory_to_import(needed: int) -> None:
    """Refuse an import that needs more MiB than are left.

    Raises:
        TooLittleMemory: with both numbers.
    """
    left = memory.left_mib()
    if needed > left:
        raise TooLittleMemory("too_little_memory_to_import", needed=needed, left=left)


def check_disk(size: int) -> None:
    """Refuse what needs more bytes than the disk of the models folder has left.

    Raises:
        ModelError: "disk_full" with both numbers in GB, or what `models_root` raises.
    """
    free = shutil.disk_usage(models_root()).free
    if size > free:
        raise ModelError("disk_full", needed=size / 1e9, free=free / 1e9)


def models_root() -> Path:
    """Return the folder for downloaded and imported models; it is made where it is missing.

    Raises:
        ModelError: "models_folder_is_file" or "models_folder_read_only".
    """
    root = config().models
    try:
        root.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise ModelError("models_folder_is_file", name=root.name) from error
    except OSError as error:
        raise ModelError("models_folder_read_only", name=root.name) from error
    if not os.access(root, os.W_OK):
        raise ModelError("models_folder_read_only", name=root.name)
    return root
