"""The models that lie on this machine: found, listed and removed by name. No torch, no network."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from stimage.errors import ModelError, TooLittleMemory
from stimage.hardware import memory
from stimage.models import catalog
from stimage.models.catalog import SHIPPED, Entry

RESERVED = {"configs", "pos-tagger", SHIPPED}


def find(source: str) -> tuple[Path, Entry]:
    """Return the folder and the entry of a catalogue name, hub id, imported name or folder path.

    Raises:
        ModelError: "unknown", "folder", or "not_here" if it must be downloaded first.
    """
    path = Path(source).expanduser()
    if path.is_absolute() or (len(path.parts) > 1 and path.is_dir()):
        if path.is_file():
            raise ModelError(
                f"“{path.name}” is a single file. Import it once on the Models page; then choose "
                "it by its name.",
                code="not_imported",
            )
        return path, catalog.describe(path)
    entry = catalog.entry(source)
    folder = catalog.models_folder() / entry.name
    if not (folder / "model_index.json").is_file():
        if entry.name == SHIPPED:
            what = f"is missing from {folder.parent.name}/. Get the repository again, whole"
        else:
            what = "is not downloaded yet. Download it on the Models page"
        raise ModelError(f"{entry.title} {what}, or choose another model.", code="not_here")
    return folder, entry


def weights_file(folder: Path) -> Path | None:
    """Return the weights in a part's folder: safetensors before a pickle, the plain name first."""
    files = [file for end in (".safetensors", ".bin") for file in folder.glob(f"*{end}")]
    return min(files, key=lambda f: (f.suffix != ".safetensors", len(f.name), f.name), default=None)


def installed() -> list[Entry]:
    """Return the models that can draw now: those of the catalogue first, then imported ones."""
    known = [e for e in catalog.entries() if is_here(e.name)]
    names = {e.name for e in known}
    folders = sorted(catalog.models_folder().glob(f"*/{catalog.RECORD}"))
    others = [f.parent for f in folders if f.parent.name not in names and is_here(f.parent.name)]
    return known + [catalog.describe(folder) for folder in others]


def is_here(name: str) -> bool:
    """Whether a whole model of this name lies in the models folder."""
    return (catalog.models_folder() / name / "model_index.json").is_file()


def free_name(title: str) -> str:
    """Return a plain name for a new model that no other has."""
    plain = re.sub(r"[^a-z0-9._-]+", "-", title.lower()).strip("-._")[:60] or "model"
    taken = {entry.name for entry in catalog.entries()} | set(catalog.decoders()) | RESERVED
    name, number = plain, 2
    while name in taken or (catalog.models_folder() / name).exists():
        name, number = f"{plain}-{number}", number + 1
    return name


def is_own(name: str) -> bool:
    """Whether a model came here by import or download, so that it may be removed."""
    return name not in RESERVED and name in {entry.name for entry in installed()}


def remove(name: str) -> None:
    """Delete an imported or downloaded model from the disk.

    Raises:
        ModelError: with code "kept" for what ships with Stimage, "unknown" otherwise.
    """
    if name in RESERVED:
        raise ModelError(f"{name} belongs to Stimage and stays.", code="kept")
    if not is_own(name):
        raise ModelError(f"There is no model “{name[:80]}” to remove.", code="unknown")
    shutil.rmtree(catalog.models_folder() / name)


def needed_mib(entry: Entry) -> int:
    """Return what a model needs; the catalogue's figures are for bfloat16, float32 takes more."""
    folder = catalog.models_folder() / entry.name
    file = weights_file(folder / "unet") if entry.source else None
    if file is None or catalog.read_json(folder / catalog.RECORD).get("dtype") != "F32":
        return entry.memory_mib
    return entry.memory_mib + file.stat().st_size // 2 // 2**20


def check_memory(entry: Entry, freed_mib: int = 0) -> None:
    """Refuse a model that cannot fit, before it is loaded.

    Args:
        entry: the model.
        freed_mib: what the model gives back that is in memory now.

    Raises:
        TooLittleMemory: with the numbers and the next smaller choice.
    """
    left, needed = memory.left_mib() + freed_mib, needed_mib(entry)
    smaller = [e for e in catalog.entries() if needed_mib(e) <= left and e.name != entry.name]
    way_out = "Close other programs and try again."
    if smaller:
        choice = max(smaller, key=needed_mib)
        way_out = f"Choose {choice.title} ({needed_mib(choice):,} MiB), or close other programs."
    if needed > left:
        raise _too_little(entry.title, needed, left, way_out)


def check_memory_left(mib: int, what: str) -> None:
    """Refuse what needs more memory than is left.

    Raises:
        TooLittleMemory: with both numbers.
    """
    left = memory.left_mib()
    if mib > left:
        raise _too_little(what, mib, left, "Close other programs and try again.")


def _too_little(what: str, mib: int, left: int, way_out: str) -> TooLittleMemory:
    return TooLittleMemory(
        f"{what} needs about {mib:,} MiB of memory and {left:,} MiB are left here. {way_out}"
    )


def check_disk(size: int) -> None:
    """Refuse what needs more bytes than the disk of the models folder has left.

    Raises:
        ModelError: with code "disk" and both numbers.
    """
    folder = catalog.models_folder()
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if size > free:
        raise ModelError(
            f"{size / 1e9:.1f} GB are needed on the disk and {free / 1e9:.1f} GB are free. "
            "Remove a model that is no longer used.",
            code="disk",
        )
