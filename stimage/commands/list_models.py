"""`stimage models`: which models there are, and which of them can draw here."""

from __future__ import annotations

import argparse

from stimage.i18n import Edge, say, text
from stimage.models import catalog, library


def add_arguments(_: argparse.ArgumentParser) -> None:
    """Take nothing."""


def run(_: argparse.Namespace) -> None:
    """Print one line for each model: its name, what it is called, how it stands."""
    installed = {entry.name: entry for entry in library.installed()}
    known = {entry.name: entry for entry in catalog.entries()} | installed
    width = max(map(len, known))
    for name, entry in known.items():
        state = text("cli.model_ready" if name in installed else "cli.model_not_here")
        if entry.error is not None:
            state = say(entry.error, Edge.COMMAND_LINE)
        print(f"{name:{width}}  {entry.title}: {state}")
