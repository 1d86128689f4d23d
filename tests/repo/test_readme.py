"""What the README promises holds: the two lines, the programs one may add, the links."""

from __future__ import annotations

import re

import pytest

from stimage.paths import ROOT

LINES = 150
TREE_LINES = 45
CODE = ("pages", "stimage", "benchmarks", "tools", "tests")
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


DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "models" / "README.md"]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_relative_link_leads_to_a_file(document):
    text = document.read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    assert not [link for link in links if not (document.parent / link).exists()]


def tree_lines():
    return re.search(r"```tree\n(.*?)```", README, re.DOTALL)[1].splitlines()


def folders_of_the_tree():
    """The folders that the tree names, as paths from the root."""
    found: set[str] = set()
    above: list[str] = []
    for line in tree_lines():
        name = line.split()[0]
        depth = (len(line) - len(line.lstrip())) // 2
        above = [*above[:depth], name.strip("/")]
        if name.endswith("/"):
            found.add("/".join(above))
    return found


def folders_with_code():
    files = [file for folder in CODE for file in (ROOT / folder).rglob("*.py")]
    return {file.parent.relative_to(ROOT).as_posix() for file in files}


def test_the_tree_names_every_folder_with_code_and_no_other_python_file():
    named = folders_of_the_tree()
    assert folders_with_code() <= named
    assert all((ROOT / folder).is_dir() for folder in named)
    files = {line.split()[0] for line in tree_lines() if not line.split()[0].endswith("/")}
    assert files == {"run.py", "streamlit_app.py"}


def test_the_readme_and_its_tree_are_short():
    assert len(README.splitlines()) <= LINES
    assert len(tree_lines()) <= TREE_LINES


def test_the_readme_opens_with_pictures_that_load_quickly():
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert len(pictures) == 2
    assert README.index(pictures[1]) < README.index("python3 run.py")
    assert all((ROOT / picture).stat().st_size < 200_000 for picture in pictures)
