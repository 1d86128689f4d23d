"""Reads the chapters: Markdown with a head in TOML and four signs of its own.

    ![](noising)             a figure, alone on its line
    ## Steps {#steps}        a heading that can be linked to
    ::: question … :::       the question, options `( )` and `(x)`, a line `---`, the answer
    ::: deeper … :::         a fold; `::: source` likewise

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

FOLDER = paths.CHAPTERS / "en"

_FIGURE = re.compile(r"!\[\]\(([\w-]+)\)")
_HEADING = re.compile(r"## (.+?) \{#([\w-]+)\}")
_OPTION = re.compile(r"\(( |x)\) (.+)")


class FoldKind(StrEnum):
    """What a fold holds; the value is its sign."""

    DEEPER = "deeper"
    SOURCE = "source"


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"prompt": "try"}):
    """The head of a chapter's file; `try` is the prompt to try in the studio."""

    title: str
    short_path: bool = False
    prompt: str = ""


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


Block = Prose | Heading | Figure | Question | Fold


@dataclass(frozen=True, slots=True)
class Chapter:
    """One section of the page. `short_path` is true for the five chapters of the quick tour."""

    anchor: str
    title: str
    short_path: bool
    prompt: str  # to try in the studio
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
        title=head.title,
        short_path=head.short_path,
        prompt=head.prompt,
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
        kind, _, text = piece.partition("\n")
        if kind == "question":
            blocks.append(_question(text))
        else:
            blocks.append(Fold(FoldKind(kind.strip()), fill(text.strip())))
    return blocks


def _open_text(text: str) -> list[Block]:
    blocks: list[Block] = []
    for paragraph in (p.strip() for p in re.split(r"\n{2,}", text)):
        if figure := _FIGURE.fullmatch(paragraph):
            blocks.append(Figure(figure[1]))
        elif heading := _HEADING.fullmatch(paragraph):
            blocks.append(Heading(heading[1], heading[2]))
        elif paragraph and blocks and isinstance(blocks[-1], Prose):
            blocks[-1] = Prose(f"{blocks[-1].text}\n\n{fill(paragraph)}")
        elif paragraph:
            blocks.append(Prose(fill(paragraph)))
    return blocks


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
