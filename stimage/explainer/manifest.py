"""The figures that `python -m stimage.training.figures` made, as its manifest lists them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from stimage import paths
from stimage.i18n import text

MANIFEST = "manifest.json"


class Made(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who made a figure, and with what; several values stand as text, such as "1 to 32"."""

    by: str
    model_hash: str = ""
    scheduler: str = ""
    steps: int | str | None = None
    guidance: float | str | None = None
    prompt: str = ""
    prompts: list[str] | dict[str, int] | None = None
    seed: int | None = None
    seeds: list[int] | str | None = None


class Control(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A slider or a row of buttons that moves a figure's frames.

    `values` are written beside it; lists in it belong to the values of the first control.
    """

    label: str
    kind: Literal["slider", "buttons"]
    values: list[str | list[str]]
    play: bool = False
    start: int = 0


class Bar(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of a table with bars; `value` is in [0, 1], or None for a row of words alone."""

    label: str
    value: float | None
    text: str


class Figure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One figure: frames side by side in pictures, or bars, or chips.

    `cell` is (width, height) of a frame in pixels, `width` that of the figure on the page. `rows`
    is a number of rows of frames, or the rows of a table of bars. `notes` are by file and frame,
    `chips` by choice: each a piece of a prompt and its token's number.
    """

    kind: Literal["frames", "bars", "chips"]
    made: Made
    command: str
    caption: str
    rows: int | list[Bar] = 1
    files: list[str] = []
    cell: tuple[int, int] | None = None
    columns: int = 0
    width: int = 0
    alt: str = ""
    controls: list[Control] = []
    notes: list[list[str]] = []
    head: list[str] = []
    chips: list[list[tuple[str, int]]] = []


class Manifest(msgspec.Struct, frozen=True):
    """The whole file."""

    figures: dict[str, Figure]


@cache
def figures() -> dict[str, Figure]:
    """Return each figure by its name; none, if the command has not run yet."""
    return read_manifest(paths.EXPLAINER_FIGURES / MANIFEST)


def read_manifest(path: Path) -> dict[str, Figure]:
    """Return the figures that a manifest lists; none, if there is no such file.

    Raises:
        msgspec.ValidationError: naming the place that is wrong.
    """
    if not path.exists():
        return {}
    return msgspec.json.decode(path.read_bytes(), type=Manifest).figures


def made_line(made: Made) -> str:
    """Return who made a figure and how, for the small print under it."""
    parts = [made.by]
    if made.seed is not None:
        parts.append(text("figure.seed", seed=made.seed))
    if made.steps is not None:
        parts.append(text("figure.steps", steps=made.steps))
    if made.guidance is not None:
        parts.append(text("figure.guidance", guidance=made.guidance))
    return " · ".join(parts)
