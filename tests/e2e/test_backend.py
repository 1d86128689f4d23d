"""The same pages with a back-end behind them: the main path, and what is said while it is away."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from stimage.i18n import text
from stimage.inference.loading import load_engine
from stimage.service.local import LocalService
from stimage.service.runner import ThreadRunner
from tests.support.browser import (
    QUICK,
    SLOW,
    finished,
    free_port,
    pictures,
    previews,
    running_app,
    submit,
    visits,
)
from tests.support.serving import running_server

pytestmark = pytest.mark.browser
STEP = re.compile(r"Step \d+ of 50, ")


@pytest.fixture(scope="module")
def drawing(slow_folder):
    service = LocalService(ThreadRunner(load_engine), str(slow_folder))
    yield service
    service.close()


@pytest.fixture(scope="module")
def port():
    return free_port()


@pytest.fixture(scope="module")
def front(port, slow_folder):
    """The app, which never draws itself."""
    backend = f"http://127.0.0.1:{port}"
    with running_app(STIMAGE_BACKEND=backend, STIMAGE_MODEL=str(slow_folder)) as address:
        yield address


@pytest.fixture
def visit(chromium, front):
    with visits(chromium) as open_page:
        yield lambda path="/": open_page(front + path)


def test_a_picture_is_previewed_reloaded_cancelled_and_drawn_as_without_a_back_end(
    visit, drawing, port
):
    with running_server(drawing, port):
        first, second = visit(SLOW), visit(QUICK)
        submit(first, "a fox in snow")
        expect(first.get_by_text(STEP)).to_be_visible()
        previews(first).wait_for()
        submit(second, "a cat in snow")
        expect(second.get_by_text(text("studio.before_yours", count=1))).to_be_visible()
        first.reload()
        expect(first.get_by_text(STEP)).to_be_visible()
        expect(first.get_by_role("button", name=text("studio.cancel"))).to_be_visible()
        first.get_by_role("button", name=text("studio.cancel")).click()
        expect(first.get_by_text(text("studio.cancelled"))).to_be_visible()
        expect(pictures(first)).to_have_count(0)
        alt = text("studio.picture_of", prompt="a cat in snow")
        expect(finished(second).first).to_have_attribute("alt", alt)
        expect(second.get_by_text(drawing.status().name.rpartition("/")[2])).to_be_visible()


def test_while_the_back_end_is_away_the_page_says_so_and_goes_on_by_itself(visit, drawing, port):
    page = visit(QUICK)
    expect(page.get_by_text(text("backend_away")).first).to_be_visible()
    submit(page, "a fox")
    expect(page.get_by_text(text("backend_away")).first).to_be_visible()
    expect(pictures(page)).to_have_count(0)
    with running_server(drawing, port):
        expect(page.get_by_text(text("backend_away"))).to_have_count(0)
        submit(page, "a fox")
        finished(page)
