"""Who may know whom: read from the source with `ast`, nothing is imported."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
HEAVY = {"torch", "diffusers", "transformers", "accelerate", "spacy", "stimage.inference.engine"}
HEAVY |= {
    "stimage.inference.pipeline",
    "stimage.importing.importer",
    "stimage.inference.latent_preview",
    "stimage.training",
}
MAY_NOT_IMPORT = {  # at any level, in functions too
    "stimage/request.py": {
        "torch",
        "stimage.inference.engine",
        "stimage.service.local",
        "streamlit",
    },
    "stimage/errors.py": {"stimage"},
    "stimage/inference/engine.py": {
        "stimage.service.local",
        "stimage.ui",
        "stimage.safety",
        "stimage.training",
    },
    "stimage/inference/latent_preview.py": {
        "stimage.inference.engine",
        "stimage.service.local",
        "stimage.inference.pipeline",
    },
    "stimage/inference/pipeline.py": {
        "stimage.inference.engine",
        "stimage.service.local",
        "stimage.ui",
        "stimage.training",
    },
    "stimage/service/local.py": {"torch", "diffusers", "stimage.inference.pipeline", "stimage.ui"},
    "stimage/images/png_metadata.py": {
        "torch",
        "stimage.inference.engine",
        "stimage.service.local",
    },
    "stimage/models/prompt_words.py": {
        "torch",
        "transformers",
        "stimage.inference.engine",
        "stimage.service.local",
    },
    "stimage/dice": {"torch", "stimage.inference.engine", "stimage.service.local", "stimage.ui"},
    "stimage/explainer": {
        "torch",
        "diffusers",
        "transformers",
        "stimage.inference.engine",
        "stimage.service.local",
    },
    "stimage/training": {
        "streamlit",
        "stimage.inference.engine",
        "stimage.service.local",
        "stimage.ui",
    },
}


def sources(folder: str) -> list[Path]:
    path = ROOT / folder
    return [path] if path.suffix else sorted(path.rglob("*.py"))


def of_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def imports(path: Path, *, top_level_only: bool = False) -> set[str]:
    """Return the names of all modules that a file imports when it runs."""
    found: set[str] = set()
    waiting: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found |= {str(node.module)} | {f"{node.module}.{name.name}" for name in node.names}
        elif of_type_checking(node) or (top_level_only and isinstance(node, FUNCTIONS)):
            continue
        waiting.extend(ast.iter_child_nodes(node))
    return found


def touched(names: set[str], banned: set[str]) -> set[str]:
    return {n for n in names for ban in banned if n == ban or n.startswith(f"{ban}.")}


PAGES = ["streamlit_app.py", "pages", "stimage/ui"]
PACKAGE = sources("stimage")
ALL = [file for folder in [*PAGES, "stimage"] for file in sources(folder)]


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_there_is_something_to_look_at():
    assert len(PACKAGE) > 10
    assert "stimage.errors" in imports(ROOT / "stimage/inference/engine.py")
    assert "torch" in imports(ROOT / "stimage/inference/engine.py", top_level_only=True)
    assert "stimage.inference.engine" not in imports(ROOT / "stimage/service/local.py")


@pytest.mark.parametrize("place", MAY_NOT_IMPORT)
def test_nobody_looks_upwards(place):
    for path in sources(place):
        assert touched(imports(path), MAY_NOT_IMPORT[place]) == set(), named(path)


def test_only_the_pages_know_streamlit():
    knowing = {named(path) for path in PACKAGE if touched(imports(path), {"streamlit"})}
    assert {name for name in knowing if not name.startswith("stimage/ui/")} == set()


def test_pages_load_nothing_heavy_when_they_open():
    for folder in PAGES:
        for path in sources(folder):
            assert touched(imports(path, top_level_only=True), HEAVY) == set(), named(path)


def test_what_a_page_imports_loads_nothing_heavy_either():
    """Follow the imports of the pages through the package, as Python does when it runs them."""
    seen: set[Path] = set()
    waiting = [path for folder in PAGES for path in sources(folder)]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        names = imports(path, top_level_only=True)
        assert touched(names, HEAVY) == set(), named(path)
        for name in names:
            module = ROOT / name.replace(".", "/")
            candidates = [module.with_suffix(".py"), module / "__init__.py"]
            waiting += [file for file in candidates if file.is_file()]
    assert ROOT / "stimage/service/local.py" in seen


def test_only_training_knows_training():
    app = [path for path in ALL if "stimage/training/" not in named(path)]
    for path in app:
        assert touched(imports(path), {"stimage.training"}) == set(), named(path)
