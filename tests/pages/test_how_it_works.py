"""The explainer as a reader meets it: chapters, questions, figures, and no model anywhere."""

from __future__ import annotations

import subprocess
import sys

import pytest
from streamlit.testing.v1 import AppTest

from stimage import paths
from stimage.explainer import manifest
from stimage.explainer.chapters import Fold, FoldKind, Question, chapters, figures_of
from stimage.i18n import text
from stimage.paths import ROOT

SHOW_ME = text("explainer.show_me")
QUESTIONS = [b for c in chapters() for b in c.blocks if isinstance(b, Question)]
WHOLE_PAGE_WITHOUT_TORCH = """
import sys
from streamlit.testing.v1 import AppTest
page = AppTest.from_file("streamlit_app.py", default_timeout=60)
page.switch_page("pages/how_it_works.py").run()
assert not page.exception, page.exception
assert len(page.header) == {chapters}
assert not [name for name in ("torch", "diffusers", "transformers", "spacy") if name in sys.modules]
"""


@pytest.fixture
def page():
    opened = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    opened.switch_page("pages/how_it_works.py").run()
    assert not opened.exception
    return opened


def text_of(page):
    return "\n".join(block.value for block in page.markdown)


def test_a_fresh_process_shows_the_whole_page_without_torch():
    code = WHOLE_PAGE_WITHOUT_TORCH.format(chapters=len(chapters()))
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=100)


def test_every_chapter_has_its_heading_with_its_number_and_anchor(page):
    shown = [(heading.value, heading.anchor) for heading in page.header]
    assert shown == [(f"{i}. {c.head.title}", c.anchor) for i, c in enumerate(chapters(), start=1)]


def test_every_question_is_asked_and_none_is_answered_yet(page):
    assert [radio.value for radio in page.radio] == [None] * len(QUESTIONS)
    assert QUESTIONS[0].answer[0].text not in text_of(page)


def test_a_right_answer_is_told_so_and_explained(page):
    first = QUESTIONS[0]
    page.radio[0].set_value(first.options[first.right]).run()
    assert "**Right.**" in text_of(page)
    assert first.answer[0].text in text_of(page)


def test_a_wrong_answer_names_the_right_one(page):
    first = QUESTIONS[0]
    wrong = next(o for i, o in enumerate(first.options) if i != first.right)
    page.radio[0].set_value(wrong).run()
    assert f"The answer is: {first.options[first.right]}." in text_of(page)
    assert "**Right.**" not in text_of(page)


def test_a_guess_that_cannot_be_wrong_is_not_called_wrong(page):
    place = next(i for i, question in enumerate(QUESTIONS) if question.right is None)
    page.radio[place].set_value(QUESTIONS[place].options[0]).run()
    assert "Not quite" not in text_of(page)
    assert QUESTIONS[place].answer[0].text in text_of(page)


def test_whoever_does_not_know_is_shown_the_answer_and_not_blamed(page):
    for radio in page.radio:
        radio.set_value(SHOW_ME)
    page.run()
    shown = text_of(page)
    for question in QUESTIONS:
        assert question.answer[0].text in shown
    assert "Not quite" not in shown


def test_every_chapter_that_tells_something_names_its_sources(page):
    telling = list(chapters()[:-3])  # without glossary, further reading and test
    with_sources = [c for c in chapters() if any(b.kind == FoldKind.SOURCE for b in folds(c))]
    assert with_sources == telling
    assert [e.label for e in page.expander].count(text("explainer.fold.source")) == len(telling)


def folds(chapter):
    return [block for block in chapter.blocks if isinstance(block, Fold)]


def test_the_law_is_shown_with_the_day_to_check_it_again(page):
    assert "This may change: check again by" in text_of(page)


def test_without_figures_the_text_and_the_questions_are_all_there(monkeypatch):
    monkeypatch.setattr(paths, "EXPLAINER_FIGURES", ROOT / "nowhere")
    manifest.figures.cache_clear()
    try:
        opened = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
        opened.switch_page("pages/how_it_works.py").run()
        assert not opened.exception
        for radio in opened.radio:
            radio.set_value(SHOW_ME)
        opened.run()
        assert not opened.exception
        assert len(opened.radio) == len(QUESTIONS)
        assert not opened.get("bidi_component")
    finally:
        manifest.figures.cache_clear()


def test_every_figure_that_is_made_is_shown_once_all_questions_are_answered(page):
    for radio in page.radio:
        radio.set_value(SHOW_ME)
    page.run()
    asked = [name for chapter in chapters() for name in figures_of(chapter)]
    made = [name for name in asked if name in manifest.figures()]
    assert len(page.get("bidi_component")) == len(made)


def test_teachers_find_plans_help_lines_and_what_to_print():
    opened = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    opened.switch_page("pages/for_teachers.py").run()
    assert not opened.exception
    shown = text_of(opened)
    for words in (
        "45 minutes",
        "90 minutes",
        "147",
        "116 111",
        "CC BY-SA 4.0",
        "how_it_works#noise",
    ):
        assert words in shown
    for file in paths.LESSONS.iterdir():
        assert f"app/static/lessons/{file.name}" in shown
