"""The figures that `python -m stimage.training.figures` made, as its manifest lists them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec

from stimage import paths
from stimage.i18n import own_words, text

MANIFEST = "manifest.json"
WORDS = (
    "missing", "back", "on", "play", "stop", "draw", "picture", "seed_word",
    "right", "wrong", "round", "you", "rival",
)  # fmt: skip
SCORE = ("rounds", "all", "you", "rival")  # what the script fills in


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


class Drawn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to ask the studio for to get a picture of a figure, by its short names."""

    prompt: str
    seed: int
    steps: int
    guidance: float


class Game(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Find one panel of each frame, against a network. Lists are by frame; panels count from 0.

    Attributes:
        rounds: what a round is called in the table at the end.
        answers: the panel to find.
        rival: the panel that the network chose.
    """

    rounds: list[str]
    answers: list[int]
    rival: list[int]


class Figure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One figure: frames side by side in pictures, or bars, or chips.

    `cell` is (width, height) of a frame in pixels, `width` that of the figure on the page. `rows`
    is a number of rows of frames, or the rows of a table of bars. `notes` are by file and frame,
    `chips` by choice: each a piece of a prompt and its token's number.

    A frame may be divided into `panels`, so many columns and rows. `labels` says what stands in
    each panel, `drawn` how the studio draws it: both by frame, or by file where all frames of a
    file share them. With `tap` a label shows when its panel is chosen, and a `game` counts.
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
    panels: tuple[int, int] = (1, 1)
    labels: list[list[str]] = []
    tap: bool = False
    game: Game | None = None
    drawn: list[list[Drawn | None]] = []


class Manifest(msgspec.Struct, frozen=True):
    """The whole file."""

    figures: dict[str, Figure]


@cache
def figures() -> dict[str, Figure]:
    """Return each figure by its name, its words in the language in use.

    There are none, if the command has not run yet.
    """
    found = read_manifest(paths.EXPLAINER_FIGURES / MANIFEST)
    return {name: with_words(figure, own_words) for name, figure in found.items()}


def read_manifest(path: Path) -> dict[str, Figure]:
    """Return the figures that a manifest lists; none, if there is no such file.

    Raises:
        msgspec.ValidationError: naming the place that is wrong.
    """
    if not path.exists():
        return {}
    return msgspec.json.decode(path.read_bytes(), type=Manifest).figures


def with_words(figure: Figure, say: Callable[[str], str]) -> Figure:
    """Return a figure with what `say` makes of all its words, but not of prompts and tokens."""
    made = figure.made
    prompts = {made.prompt, *(made.prompts or ())}

    def said(words: str) -> str:
        return words if not words or words in prompts else say(words)

    def of_control(control: Control) -> Control:
        values = [
            [said(one) for one in value] if isinstance(value, list) else said(value)
            for value in control.values
        ]
        return msgspec.structs.replace(control, label=said(control.label), values=values)

    def of_rows(rows: int | list[Bar]) -> int | list[Bar]:
        if isinstance(rows, int):
            return rows
        return [Bar(said(row.label), row.value, said(row.text)) for row in rows]

    game = figure.game
    if game is not None:
        game = msgspec.structs.replace(game, rounds=[said(name) for name in game.rounds])
    return msgspec.structs.replace(
        figure,
        game=game,
        made=msgspec.structs.replace(made, by=said(made.by)),
        caption=said(figure.caption),
        alt=said(figure.alt),
        rows=of_rows(figure.rows),
        controls=[of_control(control) for control in figure.controls],
        notes=[[said(note) for note in row] for row in figure.notes],
        labels=[[said(label) for label in row] for row in figure.labels],
        head=[said(title) for title in figure.head],
    )


def picture_of(prompt: str, seed: int) -> Drawn | None:
    """Return how the studio draws the picture of a prompt and a seed that the page shows."""
    found = (one for figure in figures().values() for row in figure.drawn for one in row if one)
    return next((one for one in found if (one.prompt, one.seed) == (prompt, seed)), None)


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


def figure_data(name: str, figure: Figure, static: str, studio: str = "") -> dict[str, Any]:
    """Return what the script of figures takes.

    Args:
        name: of the figure.
        figure: its entry.
        static: the address of the folder of its files.
        studio: the address of the studio; without one, nothing leads there.
    """
    shown: dict[str, Any] = msgspec.to_builtins(figure)
    shown["files"] = [static + file for file in figure.files]
    words = {word: text(f"figure.{word}") for word in WORDS}
    words["score"] = text("figure.score", **{name: f"{{{name}}}" for name in SCORE})
    return shown | {"name": name, "made": made_line(figure.made), "words": words, "studio": studio}
