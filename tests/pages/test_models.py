"""The models page: what it says of each model, and who may do what."""

from __future__ import annotations

import os
import shutil
import time

import pytest
from streamlit.testing.v1 import AppTest

from stimage.config import DEFAULT_MODEL
from stimage.hardware import memory
from stimage.i18n import text
from stimage.importing.export import save_checkpoint
from stimage.models import catalog, library
from stimage.models.folder import ModelFolder
from stimage.paths import ROOT
from stimage.request import Request
from stimage.service.api import ModelState
from stimage.ui.models import facts
from stimage.ui.models.actions import get_tasks
from stimage.ui.service import get_service

pytestmark = pytest.mark.usefixtures("fresh_service")


@pytest.fixture
def models(tmp_path, monkeypatch):
    folder = tmp_path / "models"
    folder.mkdir()
    monkeypatch.setenv("STIMAGE_MODELS", str(folder))
    return folder


@pytest.fixture
def other_model(models, tiny_folder):
    """A second model, as an import leaves it."""
    shutil.copytree(tiny_folder, models / "other")
    ModelFolder(models / "other").record_file.write_text('{"title": "Another *one*"}')
    return "other"


def open_page(monkeypatch, owner=True):
    monkeypatch.setenv("STIMAGE_OWNER", "1" if owner else "0")
    page = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=30)
    page.run()
    page.switch_page("pages/models.py").run()
    assert not page.exception
    return page


def labels(page):
    return [button.label for button in page.button]


def text_of(page):
    return " ".join(str(e.value) for e in (*page.markdown, *page.header))


def wait_for(page, condition, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        page.run()
        assert not page.exception
        if condition():
            return
        time.sleep(0.2)
    pytest.fail("It did not happen.")


@pytest.mark.usefixtures("models")
def test_every_model_of_the_catalog_is_shown_with_what_it_needs(monkeypatch):
    page = open_page(monkeypatch)
    shown = text_of(page).replace("\\", "")
    for entry in catalog.entries():
        assert entry.title in shown
        assert entry.license in shown
        assert facts.amount(entry.memory_mib) in shown
    assert "tiny" in page.header[0].value  # the one that draws comes first


@pytest.mark.usefixtures("models")
def test_a_model_too_large_for_the_memory_says_so(monkeypatch):
    monkeypatch.setattr(memory, "left_mib", lambda: 700)
    page = open_page(monkeypatch)
    assert "too much here: 700 MiB are left" in text_of(page).replace("\\", "")


@pytest.mark.usefixtures("other_model")
def test_a_visitor_sees_the_models_but_can_change_nothing(monkeypatch):
    page = open_page(monkeypatch, owner=False)
    assert labels(page) == []
    assert not page.text_input
    assert text("models.visitor") in [info.value for info in page.info]


def test_a_visitor_who_calls_the_actions_is_not_served(monkeypatch, other_model):
    """The buttons are not drawn for a visitor; their functions refuse all the same."""
    page = open_page(monkeypatch)
    monkeypatch.setenv("STIMAGE_OWNER", "0")
    before = get_service().status().name
    page.button(key="use-other").click().run()
    assert not page.exception
    assert get_service().status().name == before
    assert library.is_installed(other_model)


@pytest.mark.usefixtures("models")
def test_without_a_setting_nobody_unknown_is_the_owner(monkeypatch):
    monkeypatch.delenv("STIMAGE_OWNER", raising=False)
    page = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=30)
    page.run()
    page.switch_page("pages/models.py").run()
    assert labels(page) == []


def test_what_a_picture_took_here_is_said_to_every_visitor(monkeypatch):
    page = open_page(monkeypatch)
    assert "s for the last picture here" not in text_of(page)
    request = Request(prompt="a fox", num_inference_steps=1)
    [name] = get_service().submit([request], "somebody else")
    wait_for(page, lambda: get_service().snapshot(name).over)
    shown = text_of(page.run()).replace("\\", "")
    assert f"{get_service().snapshot(name).seconds:.1f} s for the last picture here" in shown


def test_another_model_draws_after_one_click(monkeypatch, other_model):
    page = open_page(monkeypatch)
    page.button(key="use-other").click().run()
    assert not page.exception
    wait_for(page, lambda: get_service().status().state == ModelState.READY)
    assert get_service().status().name == other_model
    assert r"Another \*one\*" in page.header[0].value


@pytest.mark.usefixtures("other_model")
def test_a_model_that_cannot_fit_does_not_replace_the_one_that_draws(monkeypatch):
    page = open_page(monkeypatch)
    before = get_service().status().name
    monkeypatch.setattr(memory, "left_mib", lambda: 10)
    page.button(key="use-other").click().run()
    assert not page.exception
    assert "MiB of memory and 10 MiB are left" in page.error[0].value.replace("\\", "")
    assert get_service().status().name == before


def test_an_imported_model_can_be_removed_but_not_while_it_draws(monkeypatch, other_model):
    page = open_page(monkeypatch)
    page.button(key="delete-other").click().run()
    assert not library.is_installed(other_model)
    assert "deleted" in page.toast[0].value


def test_a_broken_model_says_what_is_wrong_and_can_be_removed(monkeypatch, models, other_model):
    ModelFolder(models / other_model).record_file.write_text('{"title": 7}')
    page = open_page(monkeypatch)
    assert "model.json is damaged" in page.error[0].value.replace("\\", "")
    assert "use-other" not in [button.key for button in page.button]
    page.button(key="delete-other").click().run()
    assert not page.exception
    assert not library.is_installed(other_model)


@pytest.mark.usefixtures("models")
def test_a_checkpoint_is_imported_by_its_path(monkeypatch, tiny_folder, tmp_path):
    save_checkpoint(tiny_folder, tmp_path / "My fox.safetensors")
    page = open_page(monkeypatch)
    page.text_input(key="model_path").set_value(f'"{tmp_path / "My fox.safetensors"}"')
    page.button[-1].click().run()
    wait_for(page, lambda: not get_tasks().running)
    page.run()
    assert library.is_installed("my-fox")
    assert "use-my-fox" in [button.key for button in page.button]
    assert text(
        "models.ready", title="My fox.safetensors", button=text("models.use")
    ) in page.success[0].value.replace("\\", "")


def test_a_file_in_the_way_of_the_models_folder_is_said(monkeypatch, tiny_folder, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("STIMAGE_MODELS", str(tmp_path / "file"))
    page = open_page(monkeypatch)
    page.text_input(key="model_path").set_value(str(tiny_folder))
    page.button[-1].click().run()
    wait_for(page, lambda: not get_tasks().running)
    page.run()
    assert "a file is in the way" in page.error[0].value.replace("\\", "")


@pytest.mark.usefixtures("models")
def test_a_wrong_path_is_said_and_the_page_stays(monkeypatch, tmp_path):
    page = open_page(monkeypatch)
    for typed, says in (
        (str(tmp_path / "nothing.ckpt"), "There is no file “nothing.ckpt”"),
        ("~nobody-of-this-name/fox.ckpt", "There is no file “fox.ckpt”"),
        ((tmp_path / "a fox.ckpt").as_uri(), "There is no file “a fox.ckpt”"),
        ("https://example.org/fox.safetensors?download=true", text("models.path_is_address")),
        ("", text("models.path_empty")),
        ("\u202a“”", text("models.path_empty")),
    ):
        page.text_input(key="model_path").set_value(typed)
        page.button[-1].click().run()
        wait_for(page, lambda: not get_tasks().running)
        page.run()
        assert says in page.error[0].value.replace("\\", "")


@pytest.mark.usefixtures("models")
def test_no_file_is_taken_through_the_browser(monkeypatch):
    """Streamlit holds what is sent in memory, and the smallest model has a gigabyte."""
    assert not open_page(monkeypatch).get("file_uploader")


def test_the_page_is_drawn_without_torch():
    import subprocess
    import sys

    code = (
        "import sys\nfrom streamlit.testing.v1 import AppTest\n"
        "page = AppTest.from_file('streamlit_app.py', default_timeout=30).run()\n"
        "page.switch_page('pages/models.py').run()\n"
        "assert not page.exception, page.exception\nassert page.title\n"
        "assert not {'torch', 'diffusers', 'transformers', 'httpx'} & set(sys.modules)"
    )
    environment = os.environ | {"STIMAGE_MODEL": DEFAULT_MODEL}
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, env=environment)
