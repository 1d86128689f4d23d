"""The explainer in Chromium: no violation of accessibility, light to load, usable by keyboard."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from stimage.explainer.chapters import Figure, Question, chapters
from stimage.explainer.manifest import figures
from stimage.i18n import text
from stimage.paths import EXPLAINER_FIGURES
from tests.support.browser import DESK, check, check_every_look, visits

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not figures(), reason="python -m stimage.training.figures has not run"),
]
SHOW_ME = text("explainer.show_me")
QUESTIONS = [b for c in chapters() for b in c.blocks if isinstance(b, Question)]
WITH_FIGURES = [q for q in QUESTIONS if any(isinstance(part, Figure) for part in q.answer)]
OPEN_FIGURES = sum(isinstance(block, Figure) for c in chapters() for block in c.blocks)
MAX_FIRST_BYTES = 300_000
NARROWEST = 320  # pixels, of what must still fit
ALTS = """() => {
  const roots = [...document.querySelectorAll('*')].map((e) => e.shadowRoot).filter(Boolean);
  return roots.flatMap((root) => [...root.querySelectorAll('.figure img')].map((i) => i.alt));
}"""


@contextlib.contextmanager
def readers(chromium, address):
    """Give a function that opens the explainer as a new reader; its last question stands then."""
    with visits(chromium) as open_page:

        def open_explainer(anchor="", **settings):
            page = open_page(f"{address}/how_it_works{anchor}", **settings)
            page.get_by_role("radiogroup").nth(len(QUESTIONS) - 1).wait_for()
            page.locator("figcaption").nth(0).wait_for()
            return page

        yield open_explainer


@pytest.fixture
def read(chromium, address):
    with readers(chromium, address) as open_explainer:
        yield open_explainer


@pytest.fixture(scope="module")
def opened(chromium, address):
    """One page for the tests that leave it as they found it, or do not mind how."""
    with readers(chromium, address) as open_explainer:
        yield open_explainer()


def answer(page, questions):
    """Let each of them show its answer; wait for the last one, and for all figures."""
    for question in questions:
        group = page.get_by_role("radiogroup", name=question.ask, exact=True)
        group.get_by_text(SHOW_ME).click()
    page.get_by_text(questions[-1].answer[0].text.split(".")[0]).last.wait_for()
    expect(page.locator("figcaption")).to_have_count(len(figures()))


def sliders(page):
    return page.locator("input[type=range]")


def test_little_is_fetched_before_the_first_click(read):
    page = read(width=390)
    page.wait_for_timeout(1500)
    names = {url.split("/")[-1] for url in page.fetched if "/app/static/explainer/" in url}
    assert sum((EXPLAINER_FIGURES / name).stat().st_size for name in names) <= MAX_FIRST_BYTES


def test_axe_finds_nothing_before_and_after_each_slider_moves(read):
    page = read(width=NARROWEST)
    answer(page, QUESTIONS)
    check_every_look(page, (NARROWEST, DESK))
    for slider in sliders(page).all():
        slider.press("End")
    check_every_look(page, (NARROWEST, DESK))
    assert [alt for alt in page.evaluate(ALTS) if len(alt) < 15] == []


def test_a_slider_works_by_keyboard_and_its_words_follow(read):
    page = read()
    answer(page, WITH_FIGURES)
    slider = page.get_by_role("slider", name="Noise level")
    slider.focus()
    picture = page.get_by_role("img", name="Training picture 1 with noise")
    before = picture.get_attribute("alt")
    page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "1 of 20")
    expect(picture).to_have_attribute("alt", re.compile("level 1 of 20"))
    expect(picture).not_to_have_attribute("alt", before)


def test_a_choice_of_buttons_works_by_keyboard(opened):
    page = opened
    first = page.get_by_role("radio", name="1 of 5")
    first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="2 of 5")).to_be_checked()
    expect(page.get_by_role("img", name="Twelve training pictures, page 2 of 5")).to_have_count(1)


def test_a_tap_on_a_training_picture_shows_its_caption(read):
    page = read(width=390)
    caption = figures()["training-set"].labels[0][4]
    expect(page.get_by_text(caption)).to_have_count(0)
    page.get_by_role("img", name="Twelve training pictures").locator("..").get_by_role(
        "button", name="Picture 5"
    ).click()
    expect(page.get_by_text(caption)).to_have_count(1)
    page.get_by_role("radio", name="2 of 5").check(force=True)
    expect(page.get_by_text(caption)).to_have_count(0)


def test_a_figures_link_carries_all_it_takes_to_draw_its_picture(opened):
    page = opened
    drawn = figures()["overview"].drawn[0][0]
    link = page.get_by_role("link", name=text("figure.draw")).first
    asked = parse_qs(urlsplit(link.get_attribute("href")).query)
    assert asked["prompt"] == [drawn.prompt]
    assert [float(asked[name][0]) for name in ("seed", "steps", "guidance")] == [
        drawn.seed, drawn.steps, drawn.guidance,
    ]  # fmt: skip
    assert link.get_attribute("target") == "_blank"


def test_what_was_chosen_stays_when_a_question_is_answered(opened):
    page = opened
    page.get_by_role("radio", name="2 of 5").check(force=True)
    page.get_by_role("radiogroup").first.get_by_text(SHOW_ME).click()
    page.get_by_text(QUESTIONS[0].answer[0].text.split(".")[0]).wait_for()
    expect(page.get_by_role("radio", name="2 of 5")).to_be_checked()


def test_nothing_moves_on_its_own_for_whoever_wants_it_still(read):
    page = read(reduced_motion="reduce")
    answer(page, WITH_FIGURES)
    expect(page.get_by_role("button", name=text("figure.play"), exact=True)).to_have_count(0)
    assert page.evaluate("document.getAnimations().length") == 0


def test_a_picture_that_does_not_load_is_told_in_words(chromium, address):
    context = chromium.new_context()
    page = context.new_page()
    page.route("**/app/static/explainer/*", lambda route: route.abort())
    page.goto(f"{address}/how_it_works#training")
    pane = page.locator(".pane.missing").first
    said = re.compile(re.escape(text("figure.missing")) + ".{15,}")
    expect(pane).to_have_attribute("data-words", said, timeout=90_000)
    context.close()


@pytest.mark.parametrize("anchor", ["#seed", "#steps", "#guidance", "#negative-prompt"])
def test_the_studios_questions_lead_to_their_chapter(read, anchor):
    page = read(anchor, width=390)
    heading = page.locator(f"h2{anchor}, h3{anchor}")
    heading.wait_for()
    expect(page.locator("figcaption")).to_have_count(OPEN_FIGURES)  # the last push
    box = heading.bounding_box()
    assert -10 <= box["y"] <= 860


def test_a_chapter_leads_to_the_studio_with_its_prompt(read):
    page = read()
    head = chapters()[0].head
    page.get_by_role("link", name=text("explainer.try_it", prompt=head.prompt)).click()
    expect(page.get_by_role("textbox").first).to_have_value(head.prompt, timeout=60_000)
    expect(page).to_have_url(re.compile(f"seed={head.seed}"))


def test_the_page_for_teachers_fits_a_phone_and_its_worksheet_opens(chromium, address):
    with visits(chromium) as open_page:
        page = open_page(f"{address}/for_teachers", width=390)
        link = page.get_by_role("link", name="Worksheet", exact=True)
        link.wait_for()
        check(page)
        worksheet = page.request.get(f"{address}/{link.get_attribute('href')}")
        assert worksheet.headers["content-type"] == "application/pdf"
        assert worksheet.body().startswith(b"%PDF")


def test_the_printed_page_has_all_chapters(opened, tmp_path):
    file = tmp_path / "page.pdf"
    opened.pdf(path=file)
    assert Path(file).read_bytes().count(b"/Type /Page\n") >= 8


def test_the_game_counts_the_first_choice_of_each_round_beside_the_networks(opened):
    page, game = opened, figures()["forger"].game
    both = page.get_by_role("img", name="two pictures, one from the training").locator("..")
    rounds = page.get_by_role("group", name="Round")
    last = len(game.answers)
    for number, answer in enumerate(game.answers, start=1):
        rounds.get_by_role("radio", name=str(number), exact=True).check(force=True)
        wrong = number == 1
        chosen = 1 - answer if wrong else answer
        both.get_by_role("button", name=f"Picture {chosen + 1}").click()
        right = number - 1
        rival = sum(a == b for a, b in zip(game.answers[:number], game.rival, strict=False))
        score = text("figure.score", rounds=number, all=last, you=right, rival=rival)
        told = text("figure.wrong" if wrong else "figure.right")
        expect(page.get_by_text(f"{told} {score}")).to_be_visible()
        if wrong:  # a second choice shows what is right, and counts no more
            both.get_by_role("button", name=f"Picture {answer + 1}").click()
            expect(page.get_by_text(f"{text('figure.right')} {score}")).to_be_visible()
    table = page.get_by_role("table").filter(has_text=text("figure.rival"))
    expect(table.get_by_role("row")).to_have_count(last + 1)
    expect(table.get_by_role("row").nth(1).get_by_role("cell").first).to_have_text("✗")
