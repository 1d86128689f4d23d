"""What all tests share: one thread of torch, a fresh service, a small model as a folder."""

from __future__ import annotations

import functools
import json
import os
import shutil

import pytest

from benchmarks.browser import CHROMIUM, QUIET
from stimage.i18n import text
from tests.support.browser import running_app, visits

os.environ["OMP_NUM_THREADS"] = "1"  # read when torch is imported, which most tests never do
os.environ["HF_HUB_OFFLINE"] = "1"  # no test asks the network
os.environ["STIMAGE_KEEP"] = "0"  # no test touches the pictures of whoever runs it


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
    """Load each model once for all tests, as one service would."""
    from stimage.inference.loading import load_engine

    return functools.cache(load_engine)


@pytest.fixture(scope="module")
def tiny_service(tiny_folder):
    """A service that draws with the tiny model in its own thread."""
    from stimage.service.local import LocalService
    from stimage.service.runner import ThreadRunner
    from tests.support.tiny import shared_engine

    service = LocalService(ThreadRunner(lambda _: shared_engine()), str(tiny_folder))
    yield service
    service.close()


@pytest.fixture
def model_in_pages(tiny_folder):
    """The folder of the model that draws for the pages."""
    return tiny_folder


@pytest.fixture
def fresh_service(monkeypatch, model_in_pages, load_once):
    """The pages get a service of their own, over a tiny model; nothing draws after the test."""
    import streamlit as st

    from stimage.service.local import LocalService
    from stimage.service.runner import ThreadRunner
    from stimage.ui import service

    def open_service():
        return LocalService(ThreadRunner(load_once), str(model_in_pages))

    monkeypatch.setenv("STIMAGE_MODEL", str(model_in_pages))
    monkeypatch.setattr(service, "open_service", open_service)
    service.shared_service.cache_clear()
    st.cache_resource.clear()
    yield service.shared_service()
    service.shared_service().close()
    service.shared_service.cache_clear()
    st.cache_resource.clear()


@pytest.fixture(scope="session")
def overheard(tmp_path_factory):
    """The file that names each other host the app under test connects to or looks up."""
    return tmp_path_factory.mktemp("overheard") / "hosts"


@pytest.fixture(scope="session")
def address(slow_folder, overheard):
    """The app over a model that takes some seconds for a picture; it trusts a proxy here."""
    settings = {"STIMAGE_MODEL": str(slow_folder), "STIMAGE_PROXIES": "127.0.0.1,::1"}
    with running_app(**settings, OVERHEARD=str(overheard)) as address:
        yield address


@pytest.fixture(scope="session")
def chromium():
    playwright = pytest.importorskip("playwright.sync_api")
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("Chromium is missing; on Debian: sudo apt install chromium-headless-shell")
    playwright.expect.set_options(timeout=60_000)  # a fresh server answers slowly on two cores
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium, address):
    """Open the studio as a new visitor; returns the page."""
    with visits(chromium) as open_page:

        def open_studio(path="/", **settings):
            page = open_page(address + path, **settings)
            page.get_by_role("button", name=text("studio.submit")).wait_for()
            return page

        yield open_studio
