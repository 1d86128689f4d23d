"""What the owner of an app may set: every `STIMAGE_*` variable, once."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from stimage import paths
from stimage.paths import typed_path

DEFAULT_MODEL, GAN_MODEL = paths.SHIPPED
IN_CLOUD = paths.ROOT.is_relative_to("/mount/src")  # where Streamlit Community Cloud puts apps


@dataclass(frozen=True, slots=True)
class Config:
    """The settings. On Streamlit Community Cloud they stand among the app's secrets."""

    model: str = DEFAULT_MODEL  # the model to begin with: a name of the catalog, or a folder
    models: Path = paths.SHIPPED_MODELS  # where downloaded and imported models are kept
    keep: Path | None = None  # the folder where pictures outlive the app; None: in memory only
    owner: bool | None = None  # whether every visitor is the owner; None: who has the token
    token: str = ""  # makes its bearer the owner; "": a new one at each start
    proxies: str = ""  # addresses or networks that are believed whom they bring
    people_per_address: int = 1  # as how many people the visitors of one address count at most
    backend: str = ""  # the address of a back-end that draws for the app; "": it draws itself
    api_key: str = ""  # what the back-end asks for; "": it serves this computer only
    cors: str = ""  # the one site whose pages may ask the back-end; "": none


def config() -> Config:
    """Return the settings of the environment as they are now; an empty variable counts as unset."""
    found = {
        name: value
        for name in Config.__slots__
        if (value := os.environ.get(f"STIMAGE_{name.upper()}", "").strip())
    }
    return Config(
        model=str(typed_path(found["model"])) if "model" in found else DEFAULT_MODEL,
        models=typed_path(found["models"]) if "models" in found else paths.SHIPPED_MODELS,
        keep=kept(found.get("keep", ""), own_computer="owner" not in found and not IN_CLOUD),
        owner=found["owner"] == "1" if "owner" in found else None,
        token=found.get("token", ""),
        proxies=found.get("proxies", ""),
        people_per_address=max(1, whole_number(found.get("people_per_address", "")) or 1),
        backend=found.get("backend", ""),
        api_key=found.get("api_key", ""),
        cors=found.get("cors", ""),
    )


def kept(setting: str, *, own_computer: bool) -> Path | None:
    """Return the folder where pictures are kept.

    Args:
        setting: "0" for none, "1" for the usual one, or another folder; "" for the default.
        own_computer: whether the app runs for whoever started it.
    """
    if setting in ("", "0", "1"):
        wanted = own_computer if not setting else setting == "1"
        return paths.KEPT_PICTURES if wanted else None
    return typed_path(setting)


def whole_number(text: str) -> int | None:
    """Return a number as a person writes it; None for anything else."""
    return int(text) if text.isdecimal() else None
