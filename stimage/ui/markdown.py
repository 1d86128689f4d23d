"""Small parts that more than one page uses."""

from __future__ import annotations

import re

PICTURE_WIDTH = 420  # pixels on the page, of a picture on its way and of the finished one

_MARKS = re.compile(r"([\\`*_{}\[\]()#+\-.!:$<>|~&\"'/=^%@,;?])")


def plain(text: str) -> str:
    """Return `text` so that Markdown shows it letter by letter."""
    return _MARKS.sub(r"\\\1", text)
