"""What stands under "Sources": each fact of a chapter with all that is known of it."""

from __future__ import annotations

from stimage.explainer.facts import Fact
from stimage.i18n import text


def fact_line(fact: Fact) -> str:
    """Return one fact as an item of a list in Markdown."""
    line = text(
        "explainer.fact",
        fact=fact.text,
        about=fact.about,
        source=fact.source,
        section=fact.section,
        checked=fact.checked,
    )
    if fact.recheck_after:
        line += " " + text("explainer.fact_recheck", day=fact.recheck_after)
    return line
