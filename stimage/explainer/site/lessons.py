"""What a teacher prints, as PDF: worksheet, answers, exit ticket, two games without computers.

Run: python -m stimage.explainer.site.lessons
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typst

from stimage import paths
from stimage.explainer.lessons import PRINTED, lesson
from stimage.explainer.site.typeset import typst_of
from stimage.i18n import LANGUAGE


def pdf_of(name: str) -> bytes:
    """Return one of `PRINTED` as a PDF for screen readers, too: the same text, the same bytes."""
    with _source(name) as source:
        return typst.compile(source, pdf_standards="ua-1", timestamp=0, ignore_system_fonts=True)


def pages_of(name: str, ppi: float) -> list[bytes]:
    """Return one of `PRINTED` as a PNG for each page, in so many pixels an inch."""
    with _source(name) as source:
        made: Any = typst.compile(source, format="png", ppi=ppi, ignore_system_fonts=True)
    return made if isinstance(made, list) else [made]


@contextmanager
def _source(name: str) -> Iterator[Path]:
    """Give the Typst of a lesson as a file, its pictures beside it."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "lesson.typ"
        source.write_text(typst_of(lesson(name), Path(folder), LANGUAGE), "utf-8")
        yield source


def main() -> None:
    """Write all of them where app and site find them."""
    paths.LESSONS.mkdir(exist_ok=True)
    for name in PRINTED:
        (paths.LESSONS / f"{name}.pdf").write_bytes(pdf_of(name))


if __name__ == "__main__":
    main()
