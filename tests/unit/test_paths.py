"""A path is what the person means who types or pastes it."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stimage.config import config
from stimage.models.library import free_name
from stimage.paths import typed_path


@pytest.mark.skipif(os.name == "nt", reason="these are paths of Linux and macOS")
@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/home/me/a.safetensors", "/home/me/a.safetensors"),
        (' "/home/me/a.safetensors" ', "/home/me/a.safetensors"),
        ("\u201c/home/me/a.safetensors\u201d", "/home/me/a.safetensors"),
        ("\u202a/home/me/a.safetensors", "/home/me/a.safetensors"),  # Windows' Properties
        ("\ufeff'/home/me/a.safetensors'\u200b\n", "/home/me/a.safetensors"),
        ("\u202aC:\\Users\\me\\a.safetensors", "C:\\Users\\me\\a.safetensors"),
        ("/home/me/My\\ Models/a\\(1\\).ckpt", "/home/me/My Models/a(1).ckpt"),
        ("file:///home/me/My%20Models/a%231.ckpt", "/home/me/My Models/a#1.ckpt"),
        ("FILE://localhost/home/me/a.ckpt", "/home/me/a.ckpt"),
        ("file:/home/me/a.ckpt", "/home/me/a.ckpt"),
        ("~foo-of-no-home/a.ckpt", "~foo-of-no-home/a.ckpt"),
        ("stimage-mini", "stimage-mini"),
        ("us/tiny", "us/tiny"),
        ("", "."),
        ('""', "."),
    ],
)
def test_what_is_pasted_is_the_path_that_is_meant(typed, meant):
    assert typed_path(typed) == Path(meant)


@pytest.mark.skipif(os.name == "nt", reason="no name there may have these characters")
@pytest.mark.parametrize("name", ["a\\ b", "'quoted'", "trailing ", "file:", "\u200b"])
def test_a_file_that_is_there_is_found_whatever_its_name(tmp_path, name):
    (tmp_path / name).touch()
    assert typed_path(str(tmp_path / name)) == tmp_path / name


def test_the_settings_are_read_as_typed_paths(monkeypatch, tmp_path):
    monkeypatch.setenv("STIMAGE_MODELS", (tmp_path / "a b").as_uri())
    monkeypatch.setenv("STIMAGE_MODEL", f'"{tmp_path / "fox"}"')
    assert config().models == tmp_path / "a b"
    assert config().model == str(tmp_path / "fox")


@settings(derandomize=True, deadline=None)
@given(st.text(st.characters(), max_size=20))
def test_no_text_is_too_odd_for_a_path(text):
    assert isinstance(typed_path(text), Path)


@pytest.mark.parametrize(
    "title", ["CON", "aux.v2", "nul", "Com1", "lpt9.old", "con-", "x" * 59 + "..", "PRN."]
)
def test_a_model_is_never_called_what_no_disk_takes(monkeypatch, tmp_path, title):
    monkeypatch.setenv("STIMAGE_MODELS", str(tmp_path))
    name = free_name(title)
    assert name.partition(".")[0] not in ("con", "aux", "nul", "prn", "com1", "lpt9")
    assert not name.endswith((".", " "))
