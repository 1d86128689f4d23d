"""The project as a package: one version, told everywhere; the script it installs."""

from __future__ import annotations

import re
import tomllib
from importlib import import_module

import stimage
from stimage.paths import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_the_version_stands_once_and_leads_the_changelog():
    assert PROJECT["project"]["dynamic"][0] == "version"
    assert PROJECT["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "stimage.__version__"}
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## (\S+)", changelog, re.MULTILINE)
    assert newest
    assert newest[1] == stimage.__version__


def test_the_script_is_a_function_of_the_command_line():
    module, _, function = PROJECT["project"]["scripts"]["stimage"].partition(":")
    assert callable(getattr(import_module(module), function))


def test_the_oldest_python_is_the_same_for_all_who_ask():
    import run

    oldest = ".".join(map(str, run.OLDEST))
    assert PROJECT["project"]["requires-python"] == f">={oldest}"
    assert PROJECT["tool"]["ruff"]["target-version"] == "py" + oldest.replace(".", "")
