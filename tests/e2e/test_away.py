"""The server goes and comes back, in Chromium: the page says so and goes on."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from stimage.i18n import text
from tests.support.browser import (
    QUICK,
    box,
    finished,
    free_port,
    running_app,
    submit,
    type_prompt,
    visits,
)

pytestmark = pytest.mark.browser


def test_while_the_server_is_away_the_page_says_so_and_goes_on_by_itself(chromium, tiny_folder):
    port, model = free_port(), str(tiny_folder)
    with visits(chromium) as open_page:
        with running_app(port, STIMAGE_MODEL=model) as address:
            page = open_page(address + QUICK)
            notice = page.get_by_text(text("page.away"))
            type_prompt(page, "a fox in snow")
            expect(notice).to_be_hidden()
        expect(notice).to_be_visible()
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(page.get_by_text("streamlit run")).to_have_count(0)
        with running_app(port, STIMAGE_MODEL=model):
            expect(notice).to_be_hidden()
            page.locator("[data-test-script-state=notRunning]").wait_for()
            expect(page.locator("[data-stale=true]")).to_have_count(0)  # it has run anew
            expect(box(page)).to_have_value("a fox in snow")
            submit(page, "a cat in snow")
            finished(page)
            expect(page.get_by_role("dialog")).to_have_count(0)
