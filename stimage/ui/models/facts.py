"""The line of facts on a model's card."""

from __future__ import annotations

from stimage.i18n import text
from stimage.models.catalog import Entry
from stimage.models.requirements import needed_mib


def line(entry: Entry, left_mib: int, *, here: bool, seconds: float | None) -> str:
    """Return size of the pictures, steps, memory, download and speed, as far as they are known."""
    parts = [
        text("models.size", width=entry.width, height=entry.height),
        text("models.steps", count=entry.steps),
        _memory(needed_mib(entry), left_mib),
    ]
    if not here and entry.download_mib:
        parts.append(text("models.download_size", size=amount(entry.download_mib)))
    if seconds is not None:
        parts.append(text("models.seconds_here", seconds=seconds))
    return " · ".join(parts)


def amount(mib: int) -> str:
    """Return an amount of memory in the unit one would say it in."""
    return text("models.gib", amount=mib / 1024) if mib >= 1024 else text("models.mib", amount=mib)


def _memory(mib: int, left_mib: int) -> str:
    if mib <= left_mib:
        return text("models.needs", needed=amount(mib))
    return text("models.needs_too_much", needed=amount(mib), left=amount(left_mib))
