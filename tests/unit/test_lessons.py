"""What teachers print: as many pages as promised, and in the repository as the texts say it."""

import sys

import pytest

from stimage import paths
from stimage.explainer.lessons import LESSONS, PRINTED, for_teachers, lesson
from stimage.explainer.site.lessons import pages_of, pdf_of
from stimage.explainer.site.typeset import typst_of


@pytest.mark.parametrize("name", PRINTED)
def test_a_worksheet_has_two_pages_and_all_else_one(name):
    assert len(pages_of(name, 20)) == (2 if name == "worksheet" else 1)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere pictures are packed otherwise")
def test_what_lies_ready_to_print_is_made_from_the_texts():
    assert {file.stem for file in paths.LESSONS.iterdir()} == set(PRINTED)
    for name in PRINTED:
        made = (paths.LESSONS / f"{name}.pdf").read_bytes()
        assert made == pdf_of(name), "Run: python -m stimage.explainer.site.lessons"


def test_every_text_of_the_folder_is_printed_or_the_page_itself():
    assert {file.stem for file in LESSONS.glob("*.md")} == {*PRINTED, "for-teachers"}


def test_signs_become_lines_pages_and_columns_to_write_into(tmp_path):
    text = "# A\n\n[lines 2]\n\n[page]\n\n| b | c |\n|---|---|\n| d |  |\n"
    typst = typst_of(text, tmp_path, "en")
    assert "#lines(2)" in typst
    assert "#pagebreak()" in typst
    assert "columns: (auto, 1fr)" in typst


def test_what_typst_takes_for_a_sign_is_printed_as_it_stands(tmp_path):
    assert r"5 \# \$ \@" in typst_of("# A\n\n5 # $ @", tmp_path, "en")


def test_the_page_leads_to_chapters_and_to_every_text_to_print():
    page = for_teachers(chapters="there", lessons="print/")
    assert "](there#noise)" in page
    assert all(f"](print/{name}.pdf)" in page for name in PRINTED)
    assert "{{" not in lesson("worksheet") + page
