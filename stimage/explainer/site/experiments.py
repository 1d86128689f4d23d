"""The experiments without a model: each asks its question, then shows what was drawn before."""

from __future__ import annotations

from itertools import count, takewhile

from stimage.explainer.chapters import Prose, Question
from stimage.i18n import has_sentence, text

FOLDER = "experiments/"  # beside the page


def question_of(name: str) -> Question:
    """Return an experiment as a question. No answer is wrong: the reader is asked for a guess."""
    keys = (f"experiments.{name}.option_{number}" for number in count(1))
    about = text(f"experiments.{name}.prepared")
    made = text("experiments.prepared", about=about)
    shown = f"![{about}]({FOLDER}{name}.webp)\n\n{made}\n\n{text(f'experiments.{name}.told')}"
    return Question(
        ask=text(f"experiments.{name}.ask"),
        options=tuple(text(key) for key in takewhile(has_sentence, keys)),
        right=None,
        answer=(Prose(shown),),
    )
