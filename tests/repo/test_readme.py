"""What the README promises holds: the two lines, the programs one may add, the links."""

from __future__ import annotations

import re

import pytest

from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def lines_of_readme():
    return {line.strip() for line in README.splitlines()}


def test_the_readme_has_the_two_lines_for_linux_and_for_windows():
    lines = lines_of_readme()
    assert {"python3 run.py", "python3 run.py tests", "py run.py", "py run.py tests"} <= lines


def test_the_checks_of_the_repository_call_the_test_line_of_the_readme():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    commands = [
        line.strip() for line in script.splitlines() if line.strip() and not line.startswith("#")
    ]
    assert commands[-1] == "python3 run.py tests"
    optional = [line for line in commands if line.startswith("apt-get install")]
    packages = set(optional[0].split()) - {"apt-get", "install", "-q", "-y"}
    line = next(
        line for line in README.splitlines() if "apt install" in line and "chromium" in line
    )
    assert packages <= set(re.findall(r"[\w-]+", line))


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a clone: no list of files")
def test_every_relative_link_of_the_readme_leads_to_a_file():
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", README)
    assert not [link for link in links if not (ROOT / link).exists()]
