"""Which models one can choose and what each one likes: reads `models/catalog.toml`."""

from __future__ import annotations

from functools import cache

import msgspec

from stimage import paths
from stimage.errors import Message, ModelError
from stimage.request import Guidance, Limits


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One model: where it comes from, what it needs, how it likes to draw.

    Attributes:
        name: what it is chosen by.
        about: a sentence; those of the catalog have the keys about_<name>.
        source: a hub id, or "" for a model that is not downloaded.
        mirrors: hub ids of copies, tried after `source`.
        scheduler: a name from `schedulers.SCHEDULERS`; None: the model's own.
        memory_mib: what a process that draws one picture with it needs at least: its anonymous
            memory at the peak plus the U-Net's weights.
        download_mib: 0 when nothing is downloaded.
        tiny_decoder: the name of one of `decoders()`.
        error: why the model can't draw, if it is installed and broken.
    """

    name: str
    title: str
    source: str = ""
    mirrors: tuple[str, ...] = ()
    license: str = "unknown"
    license_url: str = ""
    about: Message | None = None
    steps: int = 20
    guidance_scale: float = 7.5
    max_steps: int = Limits().max_steps
    max_guidance_scale: float = Limits().max_guidance_scale
    guidance: Guidance = Limits().guidance
    width: int = 512
    height: int = 512
    scheduler: str | None = None
    memory_mib: int = 0
    download_mib: int = 0
    tiny_decoder: str | None = None
    error: Message | None = None

    @property
    def limits(self) -> Limits:
        """What a request to this model may ask for."""
        return Limits(self.max_steps, self.max_guidance_scale, self.guidance)


class Decoder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A tiny decoder that draws in place of a model's own, and where it comes from."""

    title: str
    source: str
    mirrors: tuple[str, ...] = ()
    license: str
    download_mib: int


class _Catalog(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    models: dict[str, dict[str, object]]
    decoders: dict[str, Decoder]


def entries() -> tuple[Entry, ...]:
    """Return the catalog in its own order, smallest need of memory first."""
    return tuple(_entry(name, facts) for name, facts in _catalog().models.items())


def decoders() -> dict[str, Decoder]:
    """Return the tiny decoders of the catalog by name."""
    return _catalog().decoders


def entry(name: str) -> Entry:
    """Return the entry of a catalog name, hub id or mirror.

    Raises:
        ModelError: with code "unknown_model" when no entry has this name.
    """
    for known in entries():
        if name in (known.name, known.source, *known.mirrors) and name:
            return known
    names = ", ".join(known.name for known in entries())
    raise ModelError("unknown_model", name=name[:80], names=names)


def _entry(name: str, facts: dict[str, object]) -> Entry:
    return msgspec.convert({**facts, "name": name, "about": Message(f"about_{name}")}, Entry)


@cache
def _catalog() -> _Catalog:
    return msgspec.toml.decode(paths.CATALOG.read_bytes(), type=_Catalog)
