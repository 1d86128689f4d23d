"""The lessons' Markdown as Typst, from which the PDFs are made. It has signs of its own.

![](noising-0 0 5 10)   frames of a figure's file, side by side
[lines 3]               lines to write on
[page]                  a new page
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token
from PIL import Image

from stimage import paths
from stimage.explainer.manifest import figures

_MARKDOWN = MarkdownIt("commonmark").enable("table")
_STRIP = re.compile(r"!\[\]\(([\w-]+)((?: \d+)+)\)")
_LINES = re.compile(r"\[lines (\d+)\]")
_SPECIAL = re.compile(r"([\\#$*_`<>@~=\[\]])")
_MARKS = {  # what is the same for every token of a kind
    "em_open": "#emph[", "em_close": "]", "strong_open": "#strong[", "strong_close": "]",
    "paragraph_close": "\n\n", "softbreak": " ", "heading_close": "]\n", "link_close": "]",
    "bullet_list_open": "#list(", "bullet_list_close": ")\n", "ordered_list_close": ")\n",
    "list_item_open": "[", "list_item_close": "],", "thead_open": "table.header(",
    "thead_close": "),", "table_close": ")\n", "th_open": "strong[", "th_close": "],",
    "td_close": "],",
}  # fmt: skip
HEAD = """#set document(title: [{title}], author: "Stimage", date: none)
#set page(paper: "a4", margin: (x: 2cm, top: 1.6cm, bottom: 1.6cm), footer: text(8pt)[Stimage,
 CC BY-SA 4.0 #h(1fr) #context counter(page).display()])
#set text(lang: "{language}", size: 11.5pt, font: "Libertinus Serif")
#set table(stroke: 0.5pt, inset: 5pt)
#set par(leading: 0.6em)
#show heading: set block(above: 1em, below: 0.6em)
#let lines(n) = for i in range(n) [ #v(0.75cm) #line(length: 100%, stroke: 0.4pt) ]
"""


def typst_of(markdown: str, folder: Path, language: str) -> str:
    """Return a lesson's text as Typst; pictures that it shows are written into `folder`."""
    text = _STRIP.sub(lambda found: f"`strip {found[1]}{found[2]}`", markdown)
    text = _LINES.sub(r"`lines \1`", text).replace("[page]", "`page`")
    tokens = _MARKDOWN.parse(text)
    title = next(token.content for token in tokens if token.type == "inline")
    return HEAD.format(title=title, language=language) + "".join(_words(tokens, folder))


def _words(tokens: list[Token], folder: Path) -> Iterator[str]:
    for place, token in enumerate(tokens):
        if token.type == "inline":
            yield from _words(token.children or [], folder)
        elif token.type == "text":
            yield _SPECIAL.sub(r"\\\1", token.content)
        elif token.type == "code_inline":
            yield _sign(token.content, folder)
        elif token.type in _MARKS:
            yield _MARKS[token.type]
        else:
            yield _opening(tokens[place:])


def _opening(tokens: list[Token]) -> str:
    """Return how Typst opens what the first token opens, where it depends on the token."""
    token = tokens[0]
    match token.type:
        case "heading_open":
            return f"#heading(level: {token.tag[1:]})["
        case "table_open":
            return f"#table(columns: ({_columns(tokens)}),"
        case "td_open":
            return "[" if tokens[1].content else "[#v(0.8cm)"
        case "ordered_list_open":
            return f"#enum(start: {token.attrGet('start') or 1}, "
        case "link_open":
            return f'#link("{token.attrGet("href")}")['
        case _:
            return ""


def _columns(tokens: list[Token]) -> str:
    """Return the widths of a table's columns: those to write into share what is left."""
    end = next(i for i, token in enumerate(tokens) if token.type == "table_close")
    rows: list[list[str]] = []
    for place, token in enumerate(tokens[:end]):
        if token.type == "tr_open":
            rows.append([])
        elif token.type in ("th_open", "td_open"):
            rows[-1].append(tokens[place + 1].content)
    empty = [not any(cells) for cells in zip(*rows[1:], strict=True)]
    return ", ".join("1fr" if is_empty else "auto" for is_empty in empty)


def _sign(words: str, folder: Path) -> str:
    """Return what one of this module's signs stands for; other code stays code."""
    kind, *arguments = words.split()
    if kind == "lines":
        return f"#lines({arguments[0]})"
    if kind == "page":
        return "#pagebreak()"
    if kind == "strip":
        return _strip(arguments[0], [int(frame) for frame in arguments[1:]], folder)
    return f'#raw("{words}")'


def _strip(name: str, frames: list[int], folder: Path) -> str:
    figure = next(f for f in figures().values() if f"{name}.webp" in f.files)
    assert figure.cell is not None
    width, height = figure.cell
    sprite = Image.open(paths.EXPLAINER_FIGURES / f"{name}.webp").convert("RGB")
    parts = []
    for frame in frames:
        left, top = frame % figure.columns * width, frame // figure.columns * height
        file = f"{name}-{frame}.png"
        sprite.crop((left, top, left + width, top + height)).save(folder / file)
        alt = f"Frame {frame} of the figure {name}"
        parts.append(f'figure(image("{file}", width: 3cm, alt: "{alt}"), caption: [{frame}])')
    show = "#show figure.caption: it => it.body\n"
    return f"{show}#grid(columns: {len(parts)}, gutter: 0.3cm, {', '.join(parts)})"
