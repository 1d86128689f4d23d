"""Markdown that shows what a person typed."""

from __future__ import annotations

import re

_MARKS = re.compile(r"([\\`*_{}\[\]()#+\-.!:$<>|~&\"'/=^%@,;?])")


def plain(text: str) -> str:
    """Return `text` so that Markdown shows it letter by letter."""
    shown = text.encode("utf-8", "replace").decode()  # a name of a file may be no text
    return _MARKS.sub(r"\\\1", shown)
