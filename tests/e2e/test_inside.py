"""What a person does with the model that ships: look inside a picture, send one back."""

from __future__ import annotations

import re

import pytest

from stimage.i18n import text
from tests.support.browser import check, running_app, visits

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def mini_address():
    with running_app() as address:
        yield address


@pytest.fixture
def visit_mini(chromium, mini_address):
    with visits(chromium) as open_page:
        yield lambda path, **settings: open_page(mini_address + path, **settings)


def test_inside_a_picture_on_a_phone_by_link(visit_mini):
    from playwright.sync_api import expect

    address = "/?prompt=a+red+car+in+the+city&seed=2"
    page = visit_mini(address, width=390, height=844, color_scheme="dark")
    page.get_by_role("button", name=text("studio.submit")).click()
    page.get_by_role("link", name=text("inside.open")).click()
    expect(page).to_have_url(re.compile(r"/inside\?job="))
    expect(page.get_by_role("heading", name=text("inside.tokens"))).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("Map for the word “car”"))).to_be_visible()
    page.get_by_role("slider").press("End")
    after = text("inside.now_alt", prompt="a red car in the city", step=20)
    expect(page.get_by_role("img", name=after)).to_be_visible()
    without = text("inside.without_alt", word="car")
    expect(page.get_by_role("img", name=without)).to_be_visible()
    check(page)
    page.reload()
    expect(page.get_by_role("heading", name=text("inside.tokens"))).to_be_visible()


def test_a_picture_is_sent_back_after_a_guess(visit_mini):
    from playwright.sync_api import expect

    page = visit_mini("/experiments")
    expect(page.get_by_role("heading", name=text("experiments.back.title"))).to_be_visible()
    assert page.get_by_role("slider").count() == 0
    page.get_by_text(text("experiments.back.option_2")).click()
    for caption in ("with_words", "without"):
        expect(page.get_by_role("img", name=text(f"experiments.back.{caption}"))).to_be_visible()
    page.get_by_text(text("experiments.paint.option_2")).click()
    expect(page.get_by_role("button", name=text("experiments.paint.draw"))).to_be_visible()
    check(page)
