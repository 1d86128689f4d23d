"""The studio for everyone, in Chromium: keyboard, phone, light and dark, axe-core."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from stimage.i18n import text
from tests.support.browser import PHONE, QUICK, box, check_every_look, finished, submit, visits

pytestmark = pytest.mark.browser


def test_the_keyboard_is_enough(visit):
    page = visit(QUICK)
    box(page).focus()
    page.keyboard.type("a fox in snow")
    page.keyboard.press("Tab")
    assert text("studio.submit") in page.evaluate("document.activeElement.innerText")
    page.keyboard.press("Enter")
    finished(page)


def test_axe_finds_nothing_and_nothing_is_wider_than_the_window(visit):
    page = visit("/?steps=2", width=PHONE)
    check_every_look(page)
    submit(page, "a xylophone in snow")
    finished(page)
    check_every_look(page)
    page.get_by_role("button", name=text("studio.settings")).click()
    page.get_by_label(text("studio.negative_prompt"), exact=True).wait_for()
    check_every_look(page)


@pytest.mark.parametrize("path", ["/", "/how_it_works", "/models"])
def test_no_page_asks_another_host(chromium, address, path):
    with visits(chromium) as open_page:
        page = open_page(address + path)
        page.get_by_role("heading", level=1).wait_for()
        page.wait_for_load_state("networkidle")
        hosts = {urlsplit(url).hostname for url in page.fetched if url.startswith("http")}
        assert hosts == {"localhost"}
