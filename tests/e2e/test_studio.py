"""What a person does, in Chromium, against the running app with a small model."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from stimage.i18n import text
from stimage.request import Request
from tests.support.browser import (
    QUICK,
    SLOW,
    box,
    finished,
    pictures,
    previews,
    submit,
    type_prompt,
    workers,
)

pytestmark = pytest.mark.browser


def test_typing_and_a_click_give_the_picture_under_the_box(visit):
    page = visit(QUICK)
    submit(page, "a fox in snow")
    picture = finished(page).first
    assert picture.get_attribute("alt") == text("studio.picture_of", prompt="a fox in snow")
    assert picture.bounding_box()["y"] > box(page).bounding_box()["y"]
    assert picture.evaluate("image => image.naturalWidth") > 0


@pytest.mark.parametrize(
    "prompt",
    [
        "<img src=x onerror=alert(1)> :red[fire] $x^2$ **b** `c` [d](e) שועל בשלג \u202egnp.exe"
        " \U0001f468\u200d\U0001f469\u200d\U0001f467 %00 %2f + & # end",
        "\U0001f98a" * 300,
    ],
    ids=["signs", "emoji"],
)
def test_a_prompt_is_shown_letter_by_letter_also_by_link_and_after_a_reload(visit, prompt):
    wanted = Request(prompt=prompt).prompt
    page = visit(f"{QUICK}&{urlencode({'prompt': prompt})}")
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    expect(box(page)).to_have_value(wanted)
    page.get_by_role("button", name=text("studio.submit")).click()
    finished(page)
    page.reload()
    alt = text("studio.picture_of", prompt=wanted)
    expect(pictures(page)).to_have_attribute("alt", alt)
    submit(page, "a cat")
    expect(pictures(page)).to_have_count(2)
    shown = page.get_by_test_id("stCaptionContainer").get_by_text(wanted, exact=True)
    expect(shown).to_be_visible()
    expect(shown.locator("img, strong, code, a, .katex")).to_have_count(0)


def test_control_and_enter_give_exactly_one_picture_each_time(visit):
    page = visit(QUICK)
    for count in (1, 2, 3):
        box(page).fill(f"a cat number {count}")
        box(page).press("Control+Enter")
        page.get_by_alt_text(
            text("studio.picture_of", prompt=f"a cat number {count}")
        ).first.wait_for()
        expect(pictures(page)).to_have_count(count)


def test_a_double_click_gives_one_picture(visit):
    page = visit(QUICK)
    type_prompt(page, "a fox")
    page.get_by_role("button", name=text("studio.submit")).dblclick()
    finished(page)
    expect(pictures(page)).to_have_count(1)
    expect(page.get_by_role("button", name=text("studio.cancel"))).to_have_count(0)


def test_the_characters_are_counted(visit):
    page = visit()
    box(page).click()
    box(page).fill("a" * 10)
    expect(page.get_by_text("10/300")).to_be_visible()
    box(page).fill("a" * 400)
    assert len(box(page).input_value()) <= 300


def test_while_it_draws_there_is_a_preview_with_step_and_seconds(visit):
    page = visit(SLOW)
    submit(page, "a fox in snow")
    expect(page.get_by_text(re.compile(r"Step \d+ of 50, "))).to_be_visible()
    previews(page).wait_for()
    expect(pictures(page)).to_have_count(0)


def test_cancel_throws_the_picture_away_and_the_next_one_comes(visit):
    page = visit(SLOW)
    submit(page, "a fox in snow")
    expect(page.get_by_text(re.compile(r"Step \d+ of 50"))).to_be_visible()
    page.get_by_role("button", name=text("studio.cancel")).click()
    expect(page.get_by_text(text("studio.cancelled"))).to_be_visible()
    expect(pictures(page)).to_have_count(0)
    expect(box(page)).to_have_value("a fox in snow")
    page.get_by_role("button", name=text("studio.examples")).wait_for()


def test_a_reload_in_mid_drawing_loses_nothing(visit):
    page = visit(SLOW)
    submit(page, "a fox in snow")
    expect(page.get_by_text(re.compile(r"Step \d+ of 50"))).to_be_visible()
    page.reload()
    expect(page.get_by_text(re.compile(r"Step \d+ of 50"))).to_be_visible()
    expect(box(page)).to_have_value("a fox in snow")
    finished(page)


def test_a_page_switch_in_mid_drawing_loses_nothing(visit):
    page = visit(SLOW)
    submit(page, "a fox in snow")
    expect(page.get_by_text(re.compile(r"Step \d+ of 50"))).to_be_visible()
    links = page.locator(".st-key-navigation")
    links.get_by_role("link", name=text("nav.how_it_works")).click()
    page.get_by_role("heading", level=1).filter(has_not_text=text("studio.title")).wait_for()
    links.get_by_role("link", name=text("nav.studio")).click()
    finished(page)
    expect(box(page)).to_have_value("a fox in snow")
    assert "job=" in page.evaluate("location.search")


def test_a_worker_that_is_killed_in_mid_drawing_loses_nothing(visit, address):
    page = visit(SLOW)
    submit(page, "a fox in snow")
    expect(page.get_by_text(re.compile(r"Step \d+ of 50"))).to_be_visible()
    [worker] = workers(address)
    worker.kill()
    restarted = text("studio.restarted", status="")
    expect(page.get_by_text(restarted, exact=False)).to_be_visible()
    expect(pictures(page)).to_have_count(0)
    finished(page)


def test_a_second_visitor_waits_in_line_and_both_get_their_own_picture(visit):
    first, second = visit(SLOW), visit(QUICK)
    submit(first, "a fox in snow")
    expect(first.get_by_text(re.compile(r"Step \d+ of 50"))).to_be_visible()
    submit(second, "a cat in snow")
    expect(second.get_by_text(text("studio.before_yours", count=1))).to_be_visible()
    expect(finished(first).first).to_have_attribute(
        "alt", text("studio.picture_of", prompt="a fox in snow")
    )
    expect(finished(second).first).to_have_attribute(
        "alt", text("studio.picture_of", prompt="a cat in snow")
    )
    expect(pictures(second)).to_have_count(1)


def test_a_link_fills_box_and_settings(visit):
    page = visit("/?prompt=a+fox+in+snow&seed=42")
    expect(box(page)).to_have_value("a fox in snow")
    expect(page.get_by_text(text("studio.kept_seed", seed=42))).to_be_visible()


def test_the_link_under_a_picture_gives_the_same_picture_to_somebody_else(visit):
    page = visit("/?steps=2")
    submit(page, "a fox in snow")
    source = finished(page).first.get_attribute("src")
    page.get_by_role("button", name=text("studio.link")).click()
    link = page.locator("code").first.inner_text()
    other = visit("/?" + link.split("?", 1)[1])
    other.get_by_role("button", name=text("studio.submit")).click()
    # The name of the file is the hash of its bytes, settings included.
    assert finished(other).first.get_attribute("src").split("/")[-1] == source.split("/")[-1]


def test_an_example_fills_the_box_and_undo_takes_it_back(visit):
    page = visit()
    box(page).fill("my own words")
    card = page.locator(".st-key-examples").get_by_role("button").first
    card.click()
    page.get_by_role("button", name=text("studio.undo")).click()
    expect(box(page)).to_have_value("my own words")


def test_an_empty_box_is_answered_with_a_sentence(visit):
    page = visit()
    page.get_by_role("button", name=text("studio.submit")).click()
    expect(page.get_by_text("The box is empty")).to_be_visible()


def test_the_back_button_leaves_the_page_in_the_end(visit):
    page = visit(QUICK)
    submit(page, "a fox")
    finished(page)
    page.go_back()
    page.get_by_role("button", name=text("studio.submit")).wait_for()
    expect(box(page)).to_have_value("a fox")
