"""List the facts of the explainer that are to be checked again: python -m tools.facts_due [DAYS].

The exit code is 1 if some are due within DAYS (30 by default), for a scheduled job.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date, timedelta

from stimage.explainer.facts import Fact, facts


def due(by: date, among: Mapping[str, Fact]) -> dict[str, Fact]:
    """Return the facts whose day to be checked again is not after `by`."""
    return {
        key: fact
        for key, fact in among.items()
        if fact.recheck_after is not None and fact.recheck_after <= by
    }


def main(arguments: list[str]) -> int:
    """Print what is due."""
    days = int(arguments[0]) if arguments else 30
    found = due(date.today() + timedelta(days=days), facts())
    for key, fact in found.items():
        print(f"{key}: {fact.text} ({fact.source}), check by {fact.recheck_after}")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
