"""`stimage import model.ckpt`: check a checkpoint or a folder, and keep it among the models."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from stimage.i18n import text
from stimage.paths import typed_path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("path", help=text("cli.path"))


def run(given: argparse.Namespace) -> None:
    """Import a model and print the name by which it is chosen.

    Raises:
        ModelError: for what is wrong with it.
        Cancelled: when the person stopped it.
    """
    print(import_with_bar(typed_path(given.path)))


def import_with_bar(source: Path) -> str:
    """Import a model with a progress bar on standard error; return its name.

    Raises:
        ModelError: for what is wrong with it.
    """
    from tqdm import tqdm

    from stimage.importing.importer import import_model

    with tqdm(total=100, unit="%", leave=False, disable=None, file=sys.stderr) as bar:

        def report(stage: str, share: float) -> None:
            bar.set_description(text(stage), refresh=False)
            bar.update(round(100 * share) - bar.n)

        return import_model(source, on_progress=report)
