"""The texts for lessons: the page for teachers, and what they print."""

from __future__ import annotations

from stimage.explainer.chapters import FOLDER
from stimage.explainer.facts import fill

LESSONS = FOLDER / "lessons"
PRINTED = ("worksheet", "answers", "exit-ticket", "unplugged-diffusion", "unplugged-gan")


def lesson(name: str) -> str:
    """Return the Markdown of one text, the facts filled in."""
    return fill((LESSONS / f"{name}.md").read_text("utf-8"))


def for_teachers(chapters: str, lessons: str) -> str:
    """Return the page for teachers in Markdown.

    Args:
        chapters: the address of the page with the chapters.
        lessons: the address of the folder with what is printed, with a slash at its end.
    """
    text = lesson("for-teachers").replace("](#", f"]({chapters}#")
    return text.replace("](lessons/", f"]({lessons}")
