"""A small picture follows what a person types, in Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from stimage.config import GAN_MODEL
from stimage.i18n import text
from tests.support.browser import (
    PHONE,
    QUICK,
    box,
    check,
    finished,
    pictures,
    running_app,
    submit,
    visits,
)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def gan_address():
    with running_app(STIMAGE_MODEL=GAN_MODEL) as address:
        yield address


def live(page, prompt):
    return page.get_by_alt_text(text("live.alt", prompt=prompt), exact=True)


def switch(page):
    page.get_by_role("button", name=text("studio.settings")).click()
    page.get_by_text(text("live.switch")).click()
    page.keyboard.press("Escape")


def test_with_a_fast_model_it_follows_the_words_and_goes_when_the_picture_itself_is_there(
    chromium, gan_address
):
    with visits(chromium) as open_page:
        page = open_page(gan_address, width=PHONE)
        box(page).press_sequentially("a fox", delay=20)
        expect(live(page, "a fox")).to_be_visible()
        box(page).press_sequentially(" in the snow", delay=20)
        expect(live(page, "a fox in the snow")).to_be_visible()
        expect(live(page, "a fox")).to_have_count(0)
        expect(box(page)).to_have_value("a fox in the snow")
        check(page)
        page.get_by_role("button", name=text("studio.submit")).click()
        finished(page)
        expect(live(page, "a fox in the snow")).to_have_count(0)
        expect(pictures(page)).to_have_count(1)


def test_what_the_dice_writes_is_drawn_too(chromium, gan_address):
    with visits(chromium) as open_page:
        page = open_page(gan_address)
        page.get_by_role("button", name=text("dice.dice")).click()
        expect(box(page)).not_to_have_value("")
        expect(live(page, box(page).input_value())).to_be_visible()


def test_with_a_slower_model_nothing_is_drawn_until_a_person_switches_it_on(chromium):
    with running_app() as address, visits(chromium) as open_page:
        page = open_page(address + QUICK)
        box(page).press_sequentially("a cat", delay=20)
        submit(page, "a dog")
        finished(page)
        expect(live(page, "a cat")).to_have_count(0)
        switch(page)
        box(page).fill("")
        box(page).press_sequentially("a fox", delay=20)
        expect(live(page, "a fox")).to_be_visible()
