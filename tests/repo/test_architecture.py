"""What import-linter can't say: what loads when a page opens. Read from the source with `ast`.

The layers themselves are the contracts in `pyproject.toml`; `lint-imports` checks them.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from stimage.paths import ROOT

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
HEAVY = {"torch", "diffusers", "transformers", "accelerate", "spacy", "stimage.training"}
MAY_BE_HEAVY = ("inference", "importing", "training")
ENTRIES = [ROOT / "streamlit_app.py", *sorted((ROOT / "pages").glob("*.py"))]


def of_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def imports_at_top(path: Path) -> set[str]:
    """Return the names of all modules that a file imports before any function is called."""
    found: set[str] = set()
    queue: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while queue:
        node = queue.pop()
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {str(node.module)} | {f"{node.module}.{name.name}" for name in node.names}
        elif of_type_checking(node) or isinstance(node, FUNCTIONS):
            continue
        queue.extend(ast.iter_child_nodes(node))
    return found


def heavy(names: set[str]) -> set[str]:
    return {n for n in names for ban in HEAVY if n == ban or n.startswith(f"{ban}.")}


def room(path: Path) -> str:
    return path.relative_to(ROOT / "stimage").parts[0]


def files_of(names: set[str]) -> list[Path]:
    """Return the files of our own that Python runs to import these names."""
    modules = [ROOT.joinpath(*name.split(".")) for name in names if name.startswith("stimage")]
    candidates = [m.with_suffix(".py") for m in modules] + [m / "__init__.py" for m in modules]
    return [file for file in candidates if file.is_file()]


def test_what_a_page_imports_loads_nothing_heavy():
    """Follow the imports of the pages through the package, as Python does when it runs them."""
    seen: set[Path] = set()
    queue = list(ENTRIES)
    while queue:
        path = queue.pop()
        if path in seen:
            continue
        seen.add(path)
        names = imports_at_top(path)
        assert heavy(names) == set(), path
        queue += files_of(names)
    assert ROOT / "stimage/service/local.py" in seen


def test_what_is_heavy_is_imported_at_the_top_in_three_rooms_only():
    files = sorted((ROOT / "stimage").rglob("*.py"))
    light = [path for path in files if room(path) not in MAY_BE_HEAVY]
    assert len(light) > 50
    assert [path for path in light if heavy(imports_at_top(path))] == []
    assert "torch" in imports_at_top(ROOT / "stimage/inference/pipeline.py")


def test_the_package_itself_imports_nothing():
    code = "import stimage, sys; print(*(m for m in sys.modules if m.startswith('stimage')))"
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == ["stimage"]


def test_an_entry_script_only_calls_its_page():
    """The first one also names the server around all pages."""
    for path in ENTRIES:
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        assert len(lines) <= (8 if path == ENTRIES[0] else 5), path
