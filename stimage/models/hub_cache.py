"""The cache of the Hugging Face hub: which folder inside is the model that a person means."""

from __future__ import annotations

from pathlib import Path

from stimage.errors import ModelError

PREFIX = "models--"  # models--<owner>--<name>/snapshots/<revision>/


def model_in(source: Path) -> Path:
    """Return the model's folder if `source` is a repository in the cache, or `source` itself.

    Raises:
        ModelError: "no_snapshot" or "several_snapshots" if it is not clear which.
    """
    snapshots = source / "snapshots"
    if not snapshots.is_dir():
        return source
    found = sorted(folder for folder in snapshots.iterdir() if folder.is_dir())
    main = source / "refs" / "main"
    if main.is_file() and (named := snapshots / main.read_text("utf-8").strip()) in found:
        return named
    if len(found) != 1:
        code = "several_snapshots" if found else "no_snapshot"
        raise ModelError(code, name=source.name[:80])
    return found[0]


def title_of(source: Path) -> str:
    """Return what a model is called by its place: its name on the hub, or that of the file."""
    for folder in (source, *source.parents[:3]):
        if folder.name.startswith(PREFIX):
            return folder.name.rpartition("--")[2]
    return source.stem if source.is_file() else source.name
