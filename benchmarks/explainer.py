"""How plain, how light and how quick the explainer is: `python -m benchmarks.explainer`."""

from __future__ import annotations

import subprocess
import sys

import textstat

from benchmarks.table import print_table
from stimage.explainer.chapters import Chapter, chapters
from stimage.explainer.manifest import figures
from stimage.explainer.reading import read_aloud, words_of
from stimage.paths import EXPLAINER_FIGURES, ROOT

FRESH_PROCESS = """
import time
from streamlit.testing.v1 import AppTest
page = AppTest.from_file("streamlit_app.py", default_timeout=60)
started = time.perf_counter()
page.switch_page("pages/how_it_works.py").run()
first = time.perf_counter()
page.run()
print(f"{first - started:.2f} {time.perf_counter() - first:.2f}")
"""


def main() -> None:
    """Print reading grades by chapter, bytes by figure, and the seconds of the first page."""
    plain = [(chapter.anchor, _grades([chapter])) for chapter in chapters()]
    title = "Flesch-Kincaid grade, Flesch reading ease, words, words before anything is opened"
    print_table(title, [*plain, ("all", _grades(list(chapters())))])
    sizes = {
        name: sum((EXPLAINER_FIGURES / file).stat().st_size for file in figure.files)
        for name, figure in figures().items()
    }
    sizes["all, with the manifest"] = sum(
        path.stat().st_size for path in EXPLAINER_FIGURES.glob("*")
    )
    print_table("Figures, kB", [(name, f"{size / 1000:.0f}") for name, size in sizes.items()])
    first, again = subprocess.run(
        [sys.executable, "-c", FRESH_PROCESS], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    print_table("The page, s", [("in a fresh process", first), ("again", again)])


def _grades(some: list[Chapter]) -> str:
    text = "\n\n".join(read_aloud(words_of(chapter)) for chapter in some)
    opened = "\n\n".join(read_aloud(words_of(chapter, open_only=True)) for chapter in some)
    grade, ease = textstat.flesch_kincaid_grade(text), textstat.flesch_reading_ease(text)
    return f"{grade:.1f}, {ease:.0f}, {len(text.split())}, {len(opened.split())}"


if __name__ == "__main__":
    main()
