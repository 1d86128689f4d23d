"""Every text of the models page, in English."""

from __future__ import annotations

from stimage.models.catalog import Entry
from stimage.models.library import needed_mib

TITLE = "Which model draws?"
INTRO = (
    "One model draws at a time. A larger one draws more of the world and needs more memory and "
    "patience."
)
VISITOR = (
    "Only the owner of this app chooses: open it on the computer that runs it, as "
    "http://localhost. On a computer of your own you can choose, download and import."
)
IN_USE = "draws now"
LOADING = "is being loaded"
FAILED = "could not be loaded"
USE = "Draw with this"
DOWNLOAD = "Download"
NOT_HERE = "Not on this computer."
REMOVE = "Remove"
REMOVE_SURE = "Delete it from the disk"
STOP = "Stop"
IMPORT = "Import a checkpoint"
IMPORT_HELP = (
    "A `.safetensors` or `.ckpt` file of Stable Diffusion 1.x or 2.x, or a folder as diffusers "
    "keeps it. It is checked once, in a process of its own, and kept in the form this computer "
    "draws fastest with. Nothing a file might want to run is run."
)
PATH = "Path of the file or folder"
PATH_EXAMPLE = "/home/me/Downloads/v1-5-pruned-emaonly.safetensors"
PATH_EMPTY = "Type the path of a file first."
IMPORT_BUTTON = "Import"
UPLOAD = "Or send a file"


def needs(mib: int, left_mib: int) -> str:
    """Return what a model needs of memory, against what is there."""
    room = "" if mib <= left_mib else f", too much here: {amount(left_mib)} are left"
    return f"needs about {amount(mib)} of memory{room}"


def facts(entry: Entry, left_mib: int, *, here: bool, seconds: float | None) -> str:
    """Return one line: size of the pictures, steps, memory, download, speed."""
    steps = "1 step" if entry.steps == 1 else f"{entry.steps} steps"
    size = f"{entry.width} \u00d7 {entry.height} pixels"
    parts = [size, steps, needs(needed_mib(entry), left_mib)]
    if not here and entry.download_mib:
        parts.append(f"download {amount(entry.download_mib)}")
    if seconds is not None:
        parts.append(f"{seconds:.1f} s for the last picture here")
    return " · ".join(parts)


def amount(mib: int) -> str:
    """Return an amount of memory in the unit one would say it in."""
    return f"{mib / 1024:.1f} GiB" if mib >= 1024 else f"{mib} MiB"


def memory_line(left_mib: int) -> str:
    """Return how much memory is left."""
    return f"{amount(left_mib)} of memory are left on the computer that draws."


def ready(title: str) -> str:
    """Say that a model has come and can draw."""
    return f"{title} is here. Press “{USE}” at its card."


def removed(title: str) -> str:
    """Say that a model is gone."""
    return f"{title} was deleted from the disk."
