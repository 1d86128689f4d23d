"""The words a reader meets, for counting and for measuring how plain they are."""

from __future__ import annotations

import re

from stimage.explainer.chapters import Chapter, Fold, FoldKind, Myth, Prose, Question


def words_of(chapter: Chapter, *, open_only: bool = False) -> str:
    """Return the running text a reader meets, for counting and measuring.

    With `open_only` only what stands there before anything is opened or answered.
    """
    parts: list[str] = []
    for block in chapter.blocks:
        match block:
            case Prose(text):
                parts.append(text)
            case Question(ask, options, _, answer) if not open_only:
                parts += [ask, *options, *(p.text for p in answer if isinstance(p, Prose))]
            case Fold(FoldKind.DEEPER, text) | Myth(_, text) if not open_only:
                parts.append(text)
            case _:
                pass
    return "\n\n".join(parts)


def read_aloud(markdown: str) -> str:
    """Return a text as one reads it aloud: no signs, no formulas, a table cell as a sentence."""
    text = re.sub(r"\$\$.+?\$\$", "", markdown, flags=re.DOTALL)
    text = re.sub(r"\$[^$]+\$", "it", text)
    text = re.sub(r"^\|[-|]+\|$", "", text, flags=re.MULTILINE)
    text = re.sub(r"^\|(.*)\|$", lambda row: row[1].replace("|", ".") + ".", text, flags=re.M)
    text = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", text)
    text = re.sub(r" \(<i lang.*?</i>\)", "", text)  # another language has its own measures
    return re.sub(r"[*`]|^- ", "", text, flags=re.MULTILINE)
