"""One odd model on the disk takes no page down: it says what is wrong, and can be removed."""

from __future__ import annotations

import os
import shutil
import sys

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from stimage.i18n import say
from stimage.models import catalog, library
from stimage.paths import ROOT, SHIPPED
from stimage.ui.markdown import plain
from stimage.ui.models.actions import key_of
from stimage.ui.service import shared_service
from tests.support.odd_models import JSON, install

pytestmark = pytest.mark.usefixtures("fresh_service")

RECORDS = JSON | st.fixed_dictionaries({"title": st.text(), "catalog": st.text()})
CONFIGS = JSON | st.fixed_dictionaries({"sample_size": JSON | st.just(64)})
NAMES = st.binary(min_size=1, max_size=12).filter(lambda name: not set(b"/\0") & set(name))
FUZZ = settings(
    max_examples=4,
    phases=[Phase.generate],  # to make a failure small takes minutes
    derandomize=True,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
ODD = st.tuples(NAMES, RECORDS, CONFIGS)


@pytest.fixture
def models(tmp_path, monkeypatch):
    monkeypatch.setenv("STIMAGE_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("STIMAGE_OWNER", "1")
    (tmp_path / "models").mkdir()
    return tmp_path / "models"


def open_page():
    page = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=30).run()
    assert not page.exception
    page.switch_page("pages/models.py").run()
    assert not page.exception
    return page


def keys(page):
    return [button.key for button in page.button]


def use(source, monkeypatch):
    """Begin with a model, as a start with this setting does."""
    monkeypatch.setenv("STIMAGE_MODEL", str(source))
    shared_service().use_model(str(source))


@pytest.mark.skipif(sys.platform != "linux", reason="only there a name may be any bytes")
@FUZZ
@given(st.lists(ODD, min_size=3, max_size=9, unique_by=lambda odd: odd[0]))
def test_no_folder_takes_the_page_down(models, odd):
    shutil.rmtree(models)
    models.mkdir()
    for name, record, unet in [*odd, (b"good", {"title": "Good"}, None)]:
        if not name.startswith(b"."):
            install(models / os.fsdecode(name), record, unet)
    page = open_page()
    said = [error.value for error in page.error]
    assert "use-good" in keys(page)
    for entry in library.installed()[len(SHIPPED) :]:
        assert f"delete-{key_of(entry.name)}" in keys(page)
        assert entry.error is None or plain(say(entry.error)) in said


@pytest.mark.skipif(sys.platform != "linux", reason="only there a name may be any bytes")
@pytest.mark.parametrize("name", [b"fox\xff", b"a:b", b"x" * 200, b"a\\b"])
def test_a_name_that_no_model_can_be_chosen_by_is_said_and_the_folder_can_be_removed(models, name):
    folder = install(models / os.fsdecode(name)).path
    page = open_page()
    assert "Rename it" in page.error[0].value
    key = key_of(folder.name)
    assert f"use-{key}" not in keys(page)
    page.button(key=f"delete-{key}").click().run()
    assert not page.exception
    assert not folder.exists()


@pytest.mark.parametrize("installed", [True, False])
def test_a_folder_named_like_a_model_of_the_catalog_has_a_card_of_its_own(
    monkeypatch, models, tmp_path, installed
):
    own = install(tmp_path / "tiny-sd", {"title": "My own"}).path
    if installed:
        install(models / "tiny-sd", {"catalog": "tiny-sd"})
    use(own, monkeypatch)
    page = open_page()
    titles = [header.value for header in page.header]
    assert titles[0] == "My own"
    assert catalog.entry("tiny-sd").title in titles
    assert ("use-tiny-sd" if installed else "download-tiny-sd") in keys(page)
    assert str(own) not in " ".join(keys(page))


def test_a_model_in_use_that_is_gone_or_broken_is_said_at_its_card(monkeypatch, models, tmp_path):
    broken = install(models / "fox", {"title": 7}).path
    for source, says in (
        ("fox", "is damaged"),
        (broken, "is damaged"),
        (tmp_path / "gone" / "fox", "is not a Stable Diffusion folder"),
        ("no such model", "There is no model"),
        ("\udcff", "There is no model"),
    ):
        use(source, monkeypatch)
        page = open_page()
        assert says in page.error[0].value
        assert "use-stimage-mini" in keys(page)
    use("fox", monkeypatch)
    open_page().button(key="delete-fox").click().run()
    assert not broken.exists()
