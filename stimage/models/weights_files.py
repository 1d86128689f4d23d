"""Which files of a folder hold the weights of a network, and what older libraries named in them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from stimage.errors import ModelError

SHARD = re.compile(r"-\d{5}-of-(\d{5})")
RENAMED = {"query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0"}


def complete_sets(names: Iterable[str]) -> dict[str, list[str]]:
    """Return whole files and complete sets of shards, by the name that a whole file has.

    A whole file goes before shards of the same name; shards of which some are missing are none.
    """
    shards: dict[tuple[str, int], list[str]] = {}
    whole: dict[str, list[str]] = {}
    for name in sorted(names):
        if match := SHARD.search(name):
            shards.setdefault((SHARD.sub("", name), int(match[1])), []).append(name)
        else:
            whole[name] = [name]
    complete = {name: found for (name, total), found in shards.items() if len(found) == total}
    return complete | whole


def weights_files(folder: Path) -> list[Path]:
    """Return the file with a network's weights, or all its shards; [] if there are none.

    safetensors goes before a pickle, the plain name before variants.

    Raises:
        ModelError: with code "shards_missing".
    """
    names = [file.name for end in (".safetensors", ".bin") for file in folder.glob(f"*{end}")]
    found = complete_sets(names)
    if names and not found:
        raise ModelError("shards_missing", part=folder.name, have=len(names))
    plain = min(found, key=lambda n: (Path(n).suffix != ".safetensors", len(n), n), default=None)
    return [folder / name for name in found[plain]] if plain else []


def weights_bytes(folder: Path) -> int:
    """Return the size of a network's weights on the disk; 0 for what can't be found."""
    try:
        return sum(file.stat().st_size for file in weights_files(folder))
    except (ModelError, OSError):
        return 0


def modern_name(name: str) -> str:
    """Return the name that today's libraries give a weight which older ones saved.

    `text_model.` stood before the text encoder's; the autoencoder's attention had other words.
    """
    name = name.removeprefix("text_model.")
    module, _, kind = name.rpartition(".")
    head, _, last = module.rpartition(".")
    if "mid_block.attentions.0" in head and last in RENAMED:
        return f"{head}.{RENAMED[last]}.{kind}"
    return name
