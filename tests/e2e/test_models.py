"""The models page as a person uses it, in Chromium: import by path, switch, remove; and axe."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from stimage.importing.export import save_checkpoint
from stimage.ui.models import texts
from tests.conftest import ROOT
from tests.support.browser import WIDTHS, free_port, wait_for_health

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("models-page")


@pytest.fixture(scope="module")
def address(tiny_folder, place):
    """The app over a small model, with a models folder of its own."""
    port = free_port()
    (place / "models").mkdir()
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py"]
    command += ["--server.port", str(port), "--server.headless", "true"]
    environment = os.environ | {
        "STIMAGE_MODEL": str(tiny_folder),
        "STIMAGE_MODELS": str(place / "models"),
    }
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as app:
        try:
            wait_for_health(f"http://localhost:{port}", app)
            yield f"http://localhost:{port}"
        finally:
            app.terminate()


@pytest.fixture
def visit(chromium, address):
    contexts = []

    def open_page(width=1280, **settings):
        context = chromium.new_context(viewport={"width": width, "height": 860}, **settings)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(120_000)
        page.goto(f"{address}/models")
        page.get_by_role("heading", name=texts.TITLE).wait_for()
        return page

    yield open_page
    for context in contexts:
        context.close()


def test_a_checkpoint_comes_draws_and_goes(visit, place, tiny_folder):
    save_checkpoint(tiny_folder, place / "Snow Fox.ckpt")
    page = visit()
    page.get_by_label(texts.PATH).fill(str(place / "Snow Fox.ckpt"))
    page.get_by_role("button", name=texts.IMPORT_BUTTON, exact=True).click()
    page.get_by_text(texts.ready("Snow Fox.ckpt")).wait_for()
    assert (place / "models" / "snow-fox" / "unet").is_dir()
    card = page.locator(".st-key-model-snow-fox")
    card.get_by_role("button", name=texts.USE).click()
    card.get_by_text(texts.IN_USE).wait_for()
    page.locator(".st-key-model-tiny").get_by_role("button", name=texts.USE).click()
    page.locator(".st-key-model-tiny").get_by_text(texts.IN_USE).wait_for()
    card.get_by_role("button", name=texts.REMOVE).click()
    page.get_by_role("button", name=texts.REMOVE_SURE).click()
    page.get_by_text(texts.removed("Snow Fox")).wait_for()
    assert not (place / "models" / "snow-fox").exists()


def test_what_became_of_an_import_is_said_within_sight_of_its_button(visit, place):
    page = visit()
    box = page.get_by_label(texts.PATH)
    box.fill(str(place / "not there.ckpt"))
    button = page.get_by_role("button", name=texts.IMPORT_BUTTON, exact=True)
    button.click()
    said = page.get_by_text("There is no file")
    said.wait_for()
    expect(said).to_be_in_viewport()
    expect(button).to_be_in_viewport()


def test_another_name_of_this_computer_is_not_the_owner(visit, address):
    """A page that leads a browser here under a foreign name gets no buttons."""
    page = visit()
    page.get_by_label(texts.PATH).wait_for()
    port = address.rsplit(":", 1)[1]
    page.goto(f"http://another.localhost:{port}/models")
    page.get_by_role("heading", name=texts.TITLE).wait_for()
    page.get_by_text(texts.VISITOR[:40]).wait_for()
    assert page.get_by_label(texts.PATH).count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_window(visit, width, scheme):
    import axe_playwright_python

    page = visit(width=width, color_scheme=scheme)
    page.get_by_label(texts.PATH).wait_for()
    if shots := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{shots}/models-{width}-{scheme}.png")
    library = Path(axe_playwright_python.__file__).parent / "axe.min.js"
    page.evaluate(library.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run()")["violations"]
    assert [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
