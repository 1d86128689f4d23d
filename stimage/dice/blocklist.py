"""Words that have no place in a school's dice, by theme."""

from __future__ import annotations

import tomllib
from functools import cache

from stimage import paths

PATH = paths.DICE_DATA / "blocklist.toml"


def theme_of(word: str) -> str:
    """Return the theme for which a word is left out, or "" for a harmless one."""
    low = word.lower()
    whole, beginnings = _lists()
    if low in whole:
        return whole[low]
    return next((theme for start, theme in beginnings.items() if low.startswith(start)), "")


@cache
def _lists() -> tuple[dict[str, str], dict[str, str]]:
    """Return the whole words and the beginnings of words, each with its theme."""
    themes = tomllib.loads(PATH.read_text(encoding="utf-8"))["words"]
    entries = [(word, theme) for theme, text in themes.items() for word in text.split()]
    whole = {word: theme for word, theme in entries if not word.endswith("*")}
    return whole, {word[:-1]: theme for word, theme in entries if word.endswith("*")}
