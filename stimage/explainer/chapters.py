"""Reads the chapters: Markdown with a head in TOML and six signs of its own.

    ![](noising)             a figure, alone on its line
    ## Steps {#steps}        a heading that can be linked to
    ::: question … :::       the question, options `( )` and `(x)`, a line `---`, the answer
    ::: deeper … :::         a fold; `::: source` likewise
    ::: myth A claim … :::   a fold named by its claim; after a line `---` its source
    {de:Rauschen}            a word in another language

Knows neither Streamlit nor how a figure is drawn.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

import msgspec

from stimage import paths
from stimage.explainer.facts import Fact, facts_in, fill
from stimage.i18n import LANGUAGE

FOLDER = paths.CHAPTERS / LANGUAGE

_FIGURE = re.compile(r"!\[\]\(([\w-]+)\)")
_HEADING = re.compile(r"## (.+?) \{#([\w-]+)\}")
_OPTION = re.compile(r"\(( |x)\) (.+)")
_FOREIGN = re.compile(r"\{(\w\w):([^}]+)\}")


class FoldKind(StrEnum):
    """What a fold holds; the value is its sign."""

    DEEPER = "deeper"
    SOURCE = "source"


class Station(StrEnum):
    """A place on the map of the page; a chapter says at which ones it is."""

    TRAINING = "training"
    WORDS = "words"
    NOISE = "noise"
    PIXELS = "pixels"
    WORLD = "world"


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"prompt": "try"}):
    """The head of a chapter's file; `try` and `seed` name a picture of the page to draw again.

    `experiments` are those of the page Experiments that belong to it.

    A chapter without `here` is not about the machine; one with an empty `here` is beside the map.
    """

    title: str
    short_path: bool = False
    here: tuple[Station, ...] | None = None
    prompt: str = ""
    seed: int = 0
    experiments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prose:
    """Running text in Markdown, the facts filled in."""

    text: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside a chapter with an anchor of its own."""

    title: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Figure:
    """The name of a figure of the manifest."""

    name: str


@dataclass(frozen=True, slots=True)
class Question:
    """Asked before the answer shows; `right` is the place of the right option, from 0.

    `right` is None where no answer is wrong, because the reader is asked for a guess.
    """

    ask: str
    options: tuple[str, ...]
    right: int | None
    answer: tuple[Prose | Figure, ...]


@dataclass(frozen=True, slots=True)
class Fold:
    """Text that opens on demand."""

    kind: FoldKind
    text: str


@dataclass(frozen=True, slots=True)
class Myth:
    """What one may have read, set right, and who says so."""

    claim: str
    text: str
    source: str


Block = Prose | Heading | Figure | Question | Fold | Myth


@dataclass(frozen=True, slots=True)
class Chapter:
    """One section of the page: its head, its blocks, and the facts that it tells."""

    anchor: str
    head: Head
    blocks: tuple[Block, ...]
    facts: tuple[Fact, ...]


@cache
def chapters() -> tuple[Chapter, ...]:
    """Return the chapters in the order of the page."""
    return tuple(read_chapter(path) for path in sorted(FOLDER.glob("*.md")))


def read_chapter(path: Path) -> Chapter:
    """Read one file, named like `03-noise.md`: its place and its anchor.

    Raises:
        ValueError: if a question or a fold is not as this module's docstring says.
        msgspec.ValidationError: naming the field of the head that is wrong.
        KeyError: if the text names a fact that does not exist.
    """
    _, settings, body = path.read_text("utf-8").split("+++\n", 2)
    head = msgspec.toml.decode(settings, type=Head)
    return Chapter(
        anchor=path.stem.split("-", 1)[1],
        head=head,
        blocks=tuple(_blocks(body)),
        facts=tuple(facts_in(body)),
    )


def figures_of(chapter: Chapter) -> list[str]:
    """Return the names of the figures a chapter asks for."""
    names: list[str] = []
    for block in chapter.blocks:
        inside = block.answer if isinstance(block, Question) else (block,)
        names += [part.name for part in inside if isinstance(part, Figure)]
    return names


def _blocks(body: str) -> list[Block]:
    blocks: list[Block] = []
    for i, piece in enumerate(re.split(r"^::: ?", body, flags=re.MULTILINE)):
        if i % 2 == 0:
            blocks += _open_text(piece)
            continue
        first, _, text = piece.partition("\n")
        kind, _, claim = first.strip().partition(" ")
        if kind == "question":
            blocks.append(_question(text))
        elif kind == "myth":
            right, _, source = text.partition("\n---\n")
            blocks.append(Myth(claim, _filled(right), source.strip()))
        else:
            blocks.append(Fold(FoldKind(kind), _filled(text)))
    return blocks


def _open_text(text: str) -> list[Block]:
    blocks: list[Block] = []
    for paragraph in (p.strip() for p in re.split(r"\n{2,}", text)):
        if figure := _FIGURE.fullmatch(paragraph):
            blocks.append(Figure(figure[1]))
        elif heading := _HEADING.fullmatch(paragraph):
            blocks.append(Heading(heading[1], heading[2]))
        elif paragraph and blocks and isinstance(blocks[-1], Prose):
            blocks[-1] = Prose(f"{blocks[-1].text}\n\n{_filled(paragraph)}")
        elif paragraph:
            blocks.append(Prose(_filled(paragraph)))
    return blocks


def _filled(text: str) -> str:
    return _FOREIGN.sub(r'<i lang="\1">\2</i>', fill(text.strip()))


def _question(text: str) -> Question:
    ask, _, answer = text.partition("\n---\n")
    options = _OPTION.findall(ask)
    if len(options) < 2 or not answer.strip():
        raise ValueError(f"A question needs two options and an answer: {ask[:60]!r}")
    right = [place for place, (mark, _) in enumerate(options) if mark == "x"]
    return Question(
        ask=fill(_OPTION.sub("", ask).strip()),
        options=tuple(fill(option) for _, option in options),
        right=right[0] if right else None,
        answer=tuple(b for b in _open_text(answer) if isinstance(b, Prose | Figure)),
    )
