"""Every number of the explainer, once: what it is, where it comes from, when it was checked.

The chapters name a fact as `{{key}}`; `fill` puts its text there.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache

import msgspec

from stimage import paths

PLACE = re.compile(r"\{\{(\w+)\}\}")


class Fact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One number or date.

    `value` is printed as it stands, followed by `unit`; `label` names it in a figure.
    `recheck_after` is set for what changes, as the law does: `python -m tools.facts_due` lists
    what is to be checked again.
    """

    about: str
    label: str = ""
    value: str
    unit: str = ""
    source: str
    section: str
    checked: date
    recheck_after: date | None = None

    @property
    def text(self) -> str:
        """What the reader sees, e.g. "5.85 billion"."""
        return f"{self.value} {self.unit}".strip()


@cache
def facts() -> dict[str, Fact]:
    """Return all facts by key.

    Raises:
        msgspec.ValidationError: naming the entry and the field that is wrong.
    """
    read = (paths.CHAPTERS / "facts.toml").read_bytes()
    return msgspec.toml.decode(read, type=dict[str, Fact])


def fill(words: str) -> str:
    """Return `words` with each `{{key}}` replaced by its fact.

    Raises:
        KeyError: if there is no such fact.
    """
    return PLACE.sub(lambda place: facts()[place[1]].text, words)


def facts_in(words: str) -> list[Fact]:
    """Return the facts that `words` name, each once, in order."""
    return [facts()[key] for key in dict.fromkeys(PLACE.findall(words))]
