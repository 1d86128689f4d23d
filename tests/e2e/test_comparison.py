"""Both models that ship draw one sentence, and one judges what they draw, in Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from stimage.config import GAN_MODEL
from stimage.i18n import text
from stimage.models import catalog
from stimage.paths import SHIPPED
from tests.support.browser import (
    DESK,
    PHONE,
    QUICK,
    check,
    check_every_look,
    finished,
    pictures,
    running_app,
    submit,
    visits,
)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def both():
    """The app with the models that ship."""
    with running_app() as address:
        yield address


def test_the_other_model_draws_the_same_sentence_beside_the_picture(chromium, both):
    with visits(chromium) as open_page:
        page = open_page(both + QUICK, width=PHONE)
        submit(page, "a fox in the snow")
        finished(page)
        compare = text("studio.compare", model=catalog.entry(GAN_MODEL).title)
        page.get_by_role("button", name=compare).click()
        for model in SHIPPED:
            alt = text("studio.compared_picture", model=model, prompt="a fox in the snow")
            expect(page.get_by_alt_text(alt)).to_be_visible()
        expect(page.get_by_role("button", name=compare)).to_have_count(0)
        check(page)


def test_the_judge_puts_two_bars_under_each_picture_and_the_best_one_first(chromium, both):
    with visits(chromium) as open_page:
        page = open_page(both + QUICK, width=PHONE)
        page.get_by_role("button", name=text("studio.settings")).click()
        page.get_by_role("slider", name=text("studio.pictures")).press("ArrowRight")
        page.keyboard.press("Escape")
        submit(page, "a fox in the snow")
        finished(page)
        expect(pictures(page)).to_have_count(2)
        page.get_by_role("button", name=text("verdict.ask_best")).click()
        expect(page.get_by_role("progressbar")).to_have_count(4)
        expect(page.get_by_text(text("verdict.real", share=0).partition(":")[0])).to_have_count(2)
        check_every_look(page, (PHONE, DESK))
