"""Both models that ship draw one sentence, in Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from stimage.config import GAN_MODEL
from stimage.i18n import text
from stimage.models import catalog
from stimage.paths import SHIPPED
from tests.support.browser import PHONE, QUICK, check, finished, running_app, submit, visits

pytestmark = pytest.mark.browser


def test_the_other_model_draws_the_same_sentence_beside_the_picture(chromium):
    with running_app() as address, visits(chromium) as open_page:
        page = open_page(address + QUICK, width=PHONE)
        submit(page, "a fox in the snow")
        finished(page)
        compare = text("studio.compare", model=catalog.entry(GAN_MODEL).title)
        page.get_by_role("button", name=compare).click()
        for model in SHIPPED:
            alt = text("studio.compared_picture", model=model, prompt="a fox in the snow")
            expect(page.get_by_alt_text(alt)).to_be_visible()
        expect(page.get_by_role("button", name=compare)).to_have_count(0)
        check(page)
