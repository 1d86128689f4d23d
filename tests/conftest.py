"""What all tests share: one thread of torch, a fresh studio, a small model as a folder."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.browser import free_port, wait_for_health

ROOT = Path(__file__).resolve().parent.parent
os.environ["OMP_NUM_THREADS"] = "1"  # read when torch is imported, which most tests never do
os.environ["HF_HUB_OFFLINE"] = "1"  # no test asks the network
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory):
    """A folder with the tiny pipeline; it draws 32 x 32 pixels and knows five words."""
    from tests.support.tiny import save_tiny

    folder = save_tiny(tmp_path_factory.mktemp("models") / "tiny")
    (folder / "words.json").write_text('{"words": ["a", "fox", "cat", "in", "snow"]}')
    return folder


@pytest.fixture(scope="session")
def slow_folder(tmp_path_factory, tiny_folder):
    """The same weights, but 256 x 256 pixels: long enough to watch a drawing."""
    folder = tmp_path_factory.mktemp("models") / "slow"
    shutil.copytree(tiny_folder, folder)
    config = folder / "unet" / "config.json"
    values = json.loads(config.read_text())
    config.write_text(json.dumps(values | {"sample_size": 32}))
    return folder


@pytest.fixture(scope="session")
def load_once():
    """Load each model once for all tests, as one studio would."""
    from stimage.ui.service import load_engine

    return functools.cache(load_engine)


@pytest.fixture
def fresh_studio(monkeypatch, tiny_folder, load_once):
    """The pages get a studio of their own, over the tiny model; nothing draws after the test."""
    import streamlit as st

    from stimage.ui import service as studio

    monkeypatch.setenv("STIMAGE_MODEL", str(tiny_folder))
    monkeypatch.setattr(studio, "load_engine", load_once)
    st.cache_resource.clear()
    yield
    opened = studio.get_studio()
    for job in list(opened._jobs.values()):
        opened.cancel(job.id)
    while opened._drawing is not None:
        time.sleep(0.01)
    st.cache_resource.clear()


@pytest.fixture(scope="session")
def address(slow_folder):
    """The app as a person starts it, over a model that takes some seconds for a picture."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py"]
    command += ["--server.port", str(port), "--server.headless", "true"]
    environment = os.environ | {"STIMAGE_MODEL": str(slow_folder)}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as app:
        address = f"http://localhost:{port}"
        try:
            wait_for_health(address, app)
            yield address
        finally:
            app.terminate()


@pytest.fixture(scope="session")
def chromium():
    playwright = pytest.importorskip("playwright.sync_api")
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("Chromium is missing; on Debian and Ubuntu: sudo apt install chromium")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium, address):
    """Open the app as a new visitor; returns the page. Every visit is closed after the test."""
    from stimage.ui.studio import texts

    contexts = []

    def open_page(path="/", width=1280, **settings):
        context = chromium.new_context(viewport={"width": width, "height": 860}, **settings)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(120_000)
        page.goto(address + path)
        page.get_by_role("button", name=texts.SUBMIT).wait_for()
        return page

    yield open_page
    for context in contexts:
        for page in context.pages:
            for button in page.get_by_role("button", name=texts.CANCEL).all():
                button.click()
        context.close()
