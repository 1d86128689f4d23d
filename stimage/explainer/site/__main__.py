"""The command: writes the page and its figures into a folder."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path

from stimage import paths
from stimage.explainer.manifest import MANIFEST
from stimage.explainer.site.experiments import FOLDER as EXPERIMENTS
from stimage.explainer.site.page import (
    FIGURES,
    INDEX,
    LESSONS,
    TEACHERS,
    teachers_page,
    whole_page,
)
from stimage.i18n import text


def write_site(out: Path) -> None:
    """Write pages, figures and what is printed into `out`, which is made if need be."""
    folders = {
        FIGURES: paths.EXPLAINER_FIGURES,
        LESSONS: paths.LESSONS,
        EXPERIMENTS: paths.EXPERIMENTS,
    }
    for folder, source in folders.items():
        left_out = shutil.ignore_patterns(MANIFEST)
        shutil.copytree(source, out / folder, ignore=left_out, dirs_exist_ok=True)
    (out / INDEX).write_text(whole_page(), "utf-8")
    (out / TEACHERS).write_text(teachers_page(), "utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the explainer as static HTML."""
    parser = argparse.ArgumentParser(
        prog="python -m stimage.explainer.site", description=main.__doc__
    )
    parser.add_argument("out", type=Path, help="a folder")
    out = parser.parse_args(arguments).out
    write_site(out)
    print(text("site.written", folder=out))


if __name__ == "__main__":
    main()
