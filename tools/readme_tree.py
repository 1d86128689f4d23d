"""Write the tree of the README: `python -m tests.readme_tree`.

A Python file says itself what it is, in its first sentence; the other files are named here.
"""

from __future__ import annotations

import ast
import fnmatch
import subprocess
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent
WIDTH = 88  # of half a line
OTHERS = {
    ".ci/run": "what the checks of the repository call: the test line",
    ".gitignore": "what stays out of the repository",
    ".streamlit/config.toml": "theme, no menu, two settings for many visitors",
    "CHANGELOG.md": "what a user notices, newest first",
    "LICENSE": "MIT",
    "NOTICE": "whose work is in here besides",
    "README.md": "this page",
    "pyproject.toml": "settings of ruff, mypy and pytest, with reasons",
    "requirements.txt": "what the app needs; the cloud installs this",
    "requirements-dev.txt": "what the tests need besides",
    "requirements-training.txt": "what training needs besides",
    "models/README.md": "what lies here, with sizes, hashes and licences",
    "models/catalog.toml": "the models one can choose",
    "models/configs/clip/*": "CLIP's vocabulary, for checkpoints without one",
    "models/configs/sd-*": "small configuration files that a bare checkpoint lacks",
    "models/pos-tagger/*": "our small spaCy pipeline",
    "models/stimage-mini/*": "our small Stable Diffusion",
    "models/*.json": "measurements of the models",
    "static/examples/*": "the examples' pictures, drawn by our model",
    "static/explainer/*": "the explainer's figures, made by a command",
    "stimage/dice/*.cfg": "settings of the tagger's training",
    "stimage/dice/unsafe.toml": "words that have no place in a school's dice",
    "stimage/dice/vocabulary.json": "the words with all their forms, made by a command",
    "stimage/dice/words.toml": "the words, chosen by hand",
    "stimage/explainer/en/*.md": "the chapters, one file each",
    "stimage/explainer/facts.toml": "every number with its source",
    "stimage/ui/figure.css": "how a figure looks",
    "stimage/ui/figure.js": "a figure's slider and buttons",
    "tests/dice/*": "hand-marked prompts and pairs of words",
    "tests/judges/*.mjs": "the door to Harper",
}


def tree() -> str:
    """Return the tree of all tracked files, a folder's name before its files."""
    lines: list[str] = []
    shown: list[str] = []
    for path in sorted(named(), key=_folders_last):
        folders = list(PurePosixPath(path).parts[:-1])
        common = 0
        while common < min(len(shown), len(folders)) and shown[common] == folders[common]:
            common += 1
        lines += ["  " * depth + folders[depth] + "/" for depth in range(common, len(folders))]
        shown = folders
        name = "  " * len(folders) + PurePosixPath(path).name
        lines.append(f"{name:<32}  {about(path)}".rstrip())
    return "\n".join(lines) + "\n"


def named() -> set[str]:
    """Return every tracked file, or the pattern that stands for it.

    Raises:
        ValueError: if a file has neither a docstring nor a line in `OTHERS`.
    """
    answer = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {_name(path) for path in answer.stdout.splitlines() if (ROOT / path).exists()}


def about(path: str) -> str:
    """Say in half a line what a file is."""
    if path in OTHERS:
        return OTHERS[path]
    text = (ROOT / path).read_text(encoding="utf-8")
    docstring = ast.get_docstring(ast.parse(text)) or "makes this folder a package"
    return _half(" ".join(docstring.split("\n\n")[0].split()).split(". ")[0].rstrip("."))


def _half(sentence: str) -> str:
    """Leave out the last clauses of a sentence that is too long, and how to call a command."""
    sentence = sentence.split(": `")[0]
    while len(sentence) > WIDTH:
        sentence = sentence[: max(sentence.rfind(mark) for mark in (": ", "; ", ", "))]
    return sentence


def _name(path: str) -> str:
    pattern = next((p for p in OTHERS if fnmatch.fnmatchcase(path, p)), None)
    if pattern is None and not path.endswith(".py"):
        raise ValueError(f"Say in tests/readme_tree.py what {path} is.")
    return pattern or path


def _folders_last(path: str) -> list[tuple[bool, str]]:
    parts = PurePosixPath(path).parts
    return [(True, part) for part in parts[:-1]] + [(False, parts[-1])]


def main() -> None:
    """Put the tree into README.md."""
    readme = ROOT / "README.md"
    before, rest = readme.read_text(encoding="utf-8").split("```tree\n")
    after = rest.split("```", 1)[1]
    readme.write_text(f"{before}```tree\n{tree()}```{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
