"""The studio in Chromium: find its parts as a person does, by what is written on them."""

from __future__ import annotations

import socket
import time
import urllib.request
from pathlib import Path

import pytest

from stimage.ui.studio import texts

QUICK = "/?steps=1&guidance=0"
SLOW = "/?steps=50"
WIDTHS = {"desk": 1280, "phone": 390}


def box(page):
    return page.get_by_label(texts.PROMPT, exact=True)


def type_prompt(page, text):
    box(page).fill(text)
    return page


def submit(page, text):
    type_prompt(page, text)
    page.get_by_role("button", name=texts.SUBMIT).click()


def finished(page):
    page.get_by_role("button", name=texts.DOWNLOAD).first.wait_for()
    return pictures(page)


def pictures(page):
    return page.get_by_alt_text(texts.picture_of(""), exact=False)


def previews(page):
    return page.get_by_alt_text(texts.preview_of(""), exact=False)


def check(page):
    """Nothing that axe-core finds, nothing wider than the window, no picture without a text."""
    import axe_playwright_python

    library = Path(axe_playwright_python.__file__).parent / "axe.min.js"
    page.wait_for_function("!document.querySelector('[data-testid=stSkeleton]')")
    page.evaluate(library.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run()")["violations"]
    assert not [(v["id"], [node["html"] for node in v["nodes"]]) for v in found]
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.evaluate("[...document.images].every(image => image.hasAttribute('alt'))")


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def wait_for_health(address, app):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and app.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("The app did not start.")
