"""The studio page in a test without a browser: open it, submit, wait, read."""

from __future__ import annotations

import time

from streamlit.testing.v1 import AppTest

from stimage.paths import ROOT


def open_page(**address):
    """A new visitor opens the studio, with these query parameters."""
    page = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=30)
    for name, value in address.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def submit(page, prompt="a fox in snow", **settings):
    """Type, set, press Submit."""
    page.text_area(key="prompt").set_value(prompt)
    for name, value in settings.items():
        widget = page.slider if name in ("steps", "guidance", "pictures") else page.number_input
        widget(key=name).set_value(value)
    page.button(key="submit").click().run()
    assert not page.exception
    return page


def wait(page):
    """Wait until all is drawn, as a page does that looks again and again."""
    deadline = time.monotonic() + 60
    while any(not job.over for job in jobs_of(page)):
        assert time.monotonic() < deadline, "the drawing did not end"
        time.sleep(0.05)
    page.run()
    page.run()  # a fragment asked for a whole run
    assert not page.exception
    return page


def jobs_of(page):
    """The jobs this visit knows, the newest batch first."""
    return page.session_state.visit.jobs()


def captions(page):
    """The small texts, as a person reads them."""
    return [caption.value.replace("\\", "") for caption in page.caption]
