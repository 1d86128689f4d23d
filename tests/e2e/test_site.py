"""The page without a server, opened from a folder: figures, questions, nothing from the network."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from stimage.explainer.chapters import Question, chapters
from stimage.explainer.manifest import figures
from stimage.explainer.site.__main__ import write_site
from stimage.i18n import text
from tests.support.browser import check, visits

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not figures(), reason="python -m stimage.training.figures has not run"),
]
SHOW_ME = text("explainer.show_me")
FIRST = next(b for c in chapters() for b in c.blocks if isinstance(b, Question))
OPEN_ALL = """() => {
  for (const question of document.querySelectorAll('.question'))
    [...question.querySelectorAll('input[type=radio]')].at(-1).click();
  for (const fold of document.querySelectorAll('details')) fold.open = true;
}"""
BROKEN = """() => [...document.querySelectorAll('.holder')].flatMap((holder) =>
  [...holder.shadowRoot.querySelectorAll('.pane.missing')].map((pane) => pane.dataset.words))"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    out = tmp_path_factory.mktemp("site")
    write_site(out)
    return out.as_uri()


@pytest.fixture
def read(chromium, site):
    with visits(chromium) as open_page:
        yield lambda page="index.html", **settings: open_page(f"{site}/{page}", **settings)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (320, "dark")])
def test_axe_finds_nothing_with_every_answer_and_fold_open(read, width, scheme):
    page = read(width=width, color_scheme=scheme)
    page.evaluate(OPEN_ALL)
    check(page)
    expect(page.locator("main figure")).to_have_count(len(figures()))
    assert page.evaluate(BROKEN) == []
    assert [url for url in page.fetched if not url.startswith("file:")] == []


def test_a_right_and_a_wrong_answer_are_told_apart(read):
    page = read(width=390)
    group = page.get_by_role("group", name=FIRST.ask)
    right = page.get_by_text(text("explainer.right"), exact=True).first
    group.get_by_label(FIRST.options[FIRST.right - 1]).check()
    expect(page.get_by_text(f"The answer is: {FIRST.options[FIRST.right]}.").first).to_be_visible()
    expect(right).to_be_hidden()
    group.get_by_label(FIRST.options[FIRST.right]).check()
    expect(right).to_be_visible()
    group.get_by_label(SHOW_ME).check()
    expect(right).to_be_hidden()


def test_a_figure_works_by_keyboard_and_leads_to_no_studio(read):
    page = read()
    page.get_by_role("slider", name="Step").first.press("ArrowRight")
    expect(page.get_by_role("img", name="after step 2 of 20").first).to_be_visible()
    expect(page.get_by_role("link", name=text("figure.draw"))).to_have_count(0)


def test_the_page_for_teachers_leads_to_chapters_and_back(read):
    page = read("teachers.html", width=320, color_scheme="dark")
    check(page)
    page.get_by_role("link", name="Noise in").first.click()
    expect(page).to_have_url(re.compile(r"index\.html#noise$"))
    page.get_by_role("link", name=text("nav.for_teachers")).click()
    expect(page.get_by_role("heading", name="45 minutes")).to_be_visible()
