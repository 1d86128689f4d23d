"""The models page as a person uses it, in Chromium: import by path, switch, remove; and axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from stimage.i18n import text
from stimage.importing.export import save_checkpoint
from tests.support.browser import AS_OWNER, PHONE, check_every_look, running_app, visits

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("models-page")


@pytest.fixture(scope="module")
def address(tiny_folder, place):
    """The app over a small model, with a models folder of its own."""
    (place / "models").mkdir()
    settings = {"STIMAGE_MODEL": str(tiny_folder), "STIMAGE_MODELS": str(place / "models")}
    with running_app(**settings) as address:
        yield address


@pytest.fixture
def visit(chromium, address):
    with visits(chromium) as open_page:

        def open_models(**settings):
            page = open_page(f"{address}/models{AS_OWNER}", **settings)
            page.get_by_role("heading", name=text("models.title")).wait_for()
            return page

        yield open_models


def test_a_checkpoint_comes_draws_and_goes(visit, place, tiny_folder):
    save_checkpoint(tiny_folder, place / "Snow Fox.ckpt")
    page = visit()
    page.get_by_label(text("models.path")).fill(str(place / "Snow Fox.ckpt"))
    page.get_by_role("button", name=text("models.import_button"), exact=True).click()
    page.get_by_text(
        text("models.ready", title="Snow Fox.ckpt", button=text("models.use"))
    ).wait_for()
    assert (place / "models" / "snow-fox" / "unet").is_dir()
    card = page.locator(".st-key-model-snow-fox")
    card.get_by_role("button", name=text("models.use")).click()
    card.get_by_text(text("models.in_use")).wait_for()
    other = page.locator('[class*="st-key-model-"]').filter(
        has=page.get_by_role("heading", name="tiny", exact=True)
    )
    use = other.get_by_role("button", name=text("models.use"))
    expect(use).to_have_count(1)  # while the page is drawn anew, the cards before are still there
    use.click()
    other.get_by_text(text("models.in_use")).wait_for()
    card.get_by_role("button", name=text("models.remove")).click()
    page.get_by_role("button", name=text("models.remove_sure")).click()
    page.get_by_text(text("models.removed", title="Snow Fox")).wait_for()
    assert not (place / "models" / "snow-fox").exists()


def test_what_became_of_an_import_is_said_within_sight_of_its_button(visit, place):
    page = visit()
    box = page.get_by_label(text("models.path"))
    box.fill(str(place / "not there.ckpt"))
    button = page.get_by_role("button", name=text("models.import_button"), exact=True)
    button.click()
    said = page.get_by_text("There is no file")
    said.wait_for()
    expect(said).to_be_in_viewport()
    expect(button).to_be_in_viewport()


def test_the_token_makes_this_browser_the_owner_and_no_other(chromium, address):
    """It leaves the address at once, and outlives a reload, a switch of pages and the tab."""
    port = address.rsplit(":", 1)[1]
    with visits(chromium) as open_page:
        for host in ("127.0.0.1", "[::1]", "localhost"):
            place = f"http://{host}:{port}/models"
            page = open_page(place)
            expect(page.get_by_text(text("models.visitor")[:40])).to_be_visible()
            expect(page.get_by_label(text("models.path"))).to_have_count(0)
            page.goto(place + AS_OWNER)
            expect(page.get_by_label(text("models.path"))).to_be_visible()
            expect(page).to_have_url(place)
        page.reload()
        expect(page.get_by_label(text("models.path"))).to_be_visible()
        page.get_by_role("link", name=text("nav.studio")).click()
        page.get_by_role("link", name=text("nav.models")).click()
        expect(page.get_by_label(text("models.path"))).to_be_visible()
        tab = page.context.new_page()
        tab.goto(place)
        expect(tab.get_by_label(text("models.path"))).to_be_visible()
        assert not [url for url in page.fetched if "token=" in url][1:]


def test_axe_finds_nothing_and_nothing_is_wider_than_the_window(visit):
    page = visit(width=PHONE)
    page.get_by_label(text("models.path")).wait_for()
    check_every_look(page)
