"""Which models there are and what each one likes: reads `models/catalog.toml`.

Knows no torch and opens no weights; a model's own folder may stand where a catalogue entry is
asked for (see `describe`), so that an imported checkpoint has an `Entry` too.
"""

from __future__ import annotations

import json
import os
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from stimage import paths
from stimage.errors import ModelError
from stimage.request import Limits

SHIPPED = "stimage-mini"
MAX_NAME = 100  # characters
RECORD = "model.json"  # what an import or a download writes beside the weights


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One model: where it comes from, what it needs, how it likes to draw.

    `memory_mib` is what a process that draws one picture with it needs at least: its anonymous
    memory at the peak plus the U-Net's weights. `download_mib` is 0 when nothing is downloaded.
    """

    name: str
    title: str
    source: str = ""  # a hub id, or "" for a folder that is already here
    mirrors: tuple[str, ...] = ()
    licence: str = "unknown"
    licence_url: str = ""
    about: str = ""
    steps: int = 20
    guidance_scale: float = 7.5
    limits: Limits = field(default=Limits())
    width: int = 512
    height: int = 512
    scheduler: str | None = None  # a name from `engine.SCHEDULERS`; None: the model's own
    memory_mib: int = 0
    download_mib: int = 0
    tiny_decoder: str | None = None  # the name of a decoder from `decoders()`
    words: Path | None = None  # the words the model has learnt, as JSON


def models_folder() -> Path:
    """Return the folder where models lie: `STIMAGE_MODELS`, or `models/` beside the package."""
    chosen = os.environ.get("STIMAGE_MODELS")
    return Path(chosen) if chosen else _home()


def entries() -> tuple[Entry, ...]:
    """Return the catalogue in its own order, smallest need of memory first."""
    return tuple(_entry(name, values) for name, values in _read_catalog()["models"].items())


def decoders() -> dict[str, dict[str, object]]:
    """Return the tiny decoders of the catalogue: name -> hub id, mirrors, licence."""
    found = _read_catalog().get("decoders", {})
    return {name: {"mirrors": [], **facts} for name, facts in found.items()}


def entry(name: str) -> Entry:
    """Return the entry of a catalogue name, its hub id or mirror, or of a model that lies here.

    Raises:
        ModelError: with code "unknown" when no model has this name.
    """
    for known in entries():
        if name in (known.name, known.source, *known.mirrors) and name:
            return known
    folder = models_folder() / name
    if _is_plain_name(name) and (folder / RECORD).is_file():
        return describe(folder)
    names = ", ".join(e.name for e in entries())
    raise ModelError(f"There is no model “{name[:80]}”. Known are: {names}.", code="unknown")


def describe(folder: Path) -> Entry:
    """Return the entry of a diffusers folder: its record, or what its configs tell.

    Raises:
        ModelError: with code "folder" when this is not a folder of a Stable Diffusion model.
    """
    record = read_json(folder / RECORD)
    if record.get("catalog"):
        return entry(str(record["catalog"]))
    unet = read_json(folder / "unet" / "config.json")
    if not unet or not (folder / "model_index.json").is_file():
        raise ModelError(
            f"“{folder.name}” is not a Stable Diffusion folder: it needs model_index.json and "
            "unet/config.json in it. Choose the folder that holds them.",
            code="folder",
        )
    size = 8 * int(str(unet.get("sample_size") or 64))
    weights = sum(file.stat().st_size for file in (folder / "unet").glob("*.safetensors"))
    return Entry(
        name=folder.name,
        title=str(record.get("title") or folder.name),
        licence=str(record.get("licence") or "unknown"),
        about=_origin(record),
        width=size,
        height=size,
        memory_mib=estimated_memory_mib(weights, size, size),
    )


def _origin(record: dict[str, object]) -> str:
    origin = record.get("origin")
    if not isinstance(origin, dict):
        return ""
    return f"Imported from {origin.get('file', 'a file')}: {origin.get('kind', 'unknown kind')}."


def estimated_memory_mib(unet_bytes: int, width: int, height: int) -> int:
    """Return about what a model needs that nobody has measured, in MiB.

    The libraries take 300, the U-Net's weights must fit, and the picture's activations take
    up to 850 at 512 x 512 with the large decoder (`benchmarks/sd_class.py`).
    """
    return round(300 + unet_bytes / 2**20 + 850 * width * height / 512**2)


def read_json(path: Path) -> dict[str, object]:
    """Return the JSON object in `path`, or {} if there is none that can be read."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _home() -> Path:
    return paths.SHIPPED_MODELS


def _is_plain_name(name: str) -> bool:
    return 0 < len(name) <= MAX_NAME and name not in (".", "..") and not set(name) & set("/\\\0:")


@cache
def _read_catalog() -> dict[str, dict[str, dict[str, object]]]:
    with (_home() / "catalog.toml").open("rb") as file:
        return tomllib.load(file)


def _entry(name: str, values: dict[str, object]) -> Entry:
    facts = dict(values)
    most = {key: facts.pop(key) for key in ("max_steps", "max_guidance_scale") if key in facts}
    words = facts.pop("words", None)
    mirrors = facts.pop("mirrors", [])
    # The file is ours and a test reads every entry: its values have the types of the fields.
    return Entry(
        name=name,
        limits=Limits(**most),  # type: ignore[arg-type]
        mirrors=tuple(mirrors),  # type: ignore[arg-type]
        words=models_folder() / name / str(words) if words else None,
        **facts,  # type: ignore[arg-type]
    )
