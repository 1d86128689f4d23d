"""The figures that `python -m stimage.training.figures` made, as its manifest lists them."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from stimage import paths

FOLDER = paths.EXPLAINER_FIGURES
MANIFEST = "manifest.json"


@cache
def figures() -> dict[str, dict[str, Any]]:
    """Return each figure's description by its name; none, if the command has not run yet."""
    path = FOLDER / MANIFEST
    if not path.exists():
        return {}
    return dict(json.loads(path.read_text("utf-8"))["figures"])


def made_line(made: dict[str, Any]) -> str:
    """Return who made a figure and how, for the small print under it."""
    parts = [str(made["by"])]
    for key, words in (("seed", "seed {}"), ("steps", "{} steps"), ("guidance", "guidance {}")):
        if key in made:
            parts.append(words.format(made[key]))
    return " · ".join(parts)
