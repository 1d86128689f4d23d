"""The studio in Chromium: find its parts as a person does, by what is written on them."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil
import pytest

from stimage import paths
from stimage.i18n import text

QUICK = "/?steps=1&guidance=0"
TOKEN = "the-token-of-every-app-under-test"  # noqa: S105 (it opens nothing else)
AS_OWNER = f"?token={TOKEN}"
SLOW = "/?steps=50"
PHONE, DESK, HEIGHT = 390, 1280, 860  # pixels
# All that axe finds is megabytes, and takes longer to hand over than to find.
VIOLATIONS = "axe.run({resultTypes: ['violations']}).then((found) => found.violations)"


def box(page):
    return page.get_by_label(text("studio.prompt"), exact=True)


def type_prompt(page, prompt):
    box(page).fill(prompt)
    return page


def submit(page, prompt):
    type_prompt(page, prompt)
    page.get_by_role("button", name=text("studio.submit")).click()


def finished(page):
    page.get_by_role("button", name=text("studio.download")).first.wait_for()
    return pictures(page)


def pictures(page):
    return page.get_by_alt_text(text("studio.picture_of", prompt=""), exact=False)


def previews(page):
    return page.get_by_alt_text(text("studio.preview_of", prompt=""), exact=False)


def check(page):
    """Nothing that axe-core finds, nothing wider than the window, no picture without a text."""
    import axe_playwright_python

    library = Path(axe_playwright_python.__file__).parent / "axe.min.js"
    page.wait_for_function("!document.querySelector('[data-testid^=stSkeleton]')")
    page.evaluate(library.read_text(encoding="utf-8"))
    found = page.evaluate(VIOLATIONS)
    assert not [(v["id"], [node["html"] for node in v["nodes"]]) for v in found]
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.evaluate("[...document.images].every(image => image.hasAttribute('alt'))")


def check_every_look(page, widths=(PHONE, DESK)):
    """The same in light and dark, at each width, one after the other on the same page."""
    from playwright.sync_api import expect

    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        expect(page.locator(".stApp")).to_have_css("color-scheme", scheme)
        for width in widths:
            page.set_viewport_size({"width": width, "height": HEIGHT})
            check(page)


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def wait_for_health(address, app):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and app.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=5):  # noqa: S310 (our own app)
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("The app did not start.")


def uncounted(environment):
    """Without what makes a process count its lines: it would be slower, and counts elsewhere."""
    return {name: value for name, value in environment.items() if "COVERAGE" not in name}


@contextlib.contextmanager
def running_app(port=None, **environment):
    """The app as a person starts it, with these settings; gives its address."""
    port = port or free_port()
    command = [sys.executable, "-m", "tests.support.overheard", "run", "streamlit_app.py"]
    command += ["--server.port", str(port), "--server.headless", "true"]
    with subprocess.Popen(
        command,
        cwd=paths.ROOT,
        env=uncounted(os.environ) | {"STIMAGE_TOKEN": TOKEN} | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as app:
        try:
            wait_for_health(f"http://localhost:{port}", app)
            yield f"http://localhost:{port}"
        finally:
            app.terminate()


def workers(address):
    """The processes that draw for the app at this address."""
    port = address.rsplit(":", 1)[1]
    apps = [app for app in psutil.process_iter(["cmdline"]) if port in (app.info["cmdline"] or ())]
    children = [child for app in apps for child in app.children()]
    return [child for child in children if "stimage.service.worker" in child.cmdline()]


@contextlib.contextmanager
def visits(chromium):
    """Give a function that opens an address as a new visitor; every visit is closed at the end."""
    contexts = []

    def open_page(address, width=DESK, height=HEIGHT, **settings):
        viewport = {"width": width, "height": height}
        contexts.append(chromium.new_context(viewport=viewport, **settings))
        page = contexts[-1].new_page()
        page.set_default_timeout(120_000)
        page.fetched = []
        page.on("request", lambda request: page.fetched.append(request.url))
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        for page in context.pages:
            for button in page.get_by_role("button", name=text("studio.cancel")).all():
                button.click()
        context.close()
