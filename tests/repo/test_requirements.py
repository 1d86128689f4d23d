"""What is required is pinned, is what is imported, and is small where the cloud installs it."""

from __future__ import annotations

import ast
import sys
from importlib.metadata import PackageNotFoundError, version

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from stimage.paths import ROOT
from tools import pin

CLOUD = {"sys_platform": "linux", "platform_machine": "x86_64", "python_version": "3.12"}


def requirements(name):
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    plain = (line.split(" #")[0].strip() for line in lines)
    return [Requirement(line) for line in plain if line and not line.startswith(("#", "-r "))]


def torch_for(**environment):
    wanted = [r for r in requirements("requirements.txt") if r.name == "torch"]
    return [r for r in wanted if r.marker is None or r.marker.evaluate(CLOUD | environment)]


@pytest.mark.parametrize(
    "name",
    [
        "requirements.txt",
        "requirements-dev.txt",
        "requirements-training.txt",
        "requirements-cluster.txt",
    ],
)
def test_every_requirement_is_pinned(name):
    for requirement in requirements(name):
        versions = [specifier.operator for specifier in requirement.specifier]
        assert requirement.url or versions == ["=="], requirement


def test_the_cloud_gets_the_small_wheel_of_torch():
    [torch] = torch_for()
    assert torch.url == (
        "https://download.pytorch.org/whl/cpu/"
        "torch-2.13.0%2Bcpu-cp312-cp312-manylinux_2_28_x86_64.whl"
    )


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"python_version": "3.11"},
        {"python_version": "3.13"},
        {"platform_machine": "aarch64"},
        {"sys_platform": "win32", "platform_machine": "AMD64"},
        {"sys_platform": "darwin", "platform_machine": "arm64"},
    ],
)
def test_everybody_else_gets_exactly_one_torch_of_the_same_version(elsewhere):
    [torch] = torch_for(**elsewhere)
    assert torch.url is None
    assert str(torch.specifier) == "==2.13.0"


def test_the_app_needs_nothing_that_only_tests_or_training_need():
    app = {r.name for r in requirements("requirements.txt")}
    others = requirements("requirements-dev.txt") + requirements("requirements-training.txt")
    assert not app & {r.name for r in others}


def imports_of(files):
    """The packages that some Python files import, by the names that requirements use."""
    names = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names.add(node.module)
    tops = {name.partition(".")[0] for name in names}
    own = {"stimage", "tests", "tools", "benchmarks", "run", "streamlit_app"}
    return {ON_THE_INDEX.get(top, top) for top in tops - own - sys.stdlib_module_names}


ON_THE_INDEX = {
    "PIL": "pillow",
    "markdown_it": "markdown-it-py",
    "axe_playwright_python": "axe-playwright-python",
    "werkzeug": "flask",  # what Flask's requests and errors are
    "thinc": "spacy",  # a part of spaCy; the two versions belong together
}


def test_whatever_the_app_imports_is_required_by_name():
    tagger = {ROOT / "stimage/training/tagger" / name for name in ("train.py", "corpus.py")}
    training = {*ROOT.glob("stimage/training/**/*.py"), *tagger}
    files = {*ROOT.glob("stimage/**/*.py"), *ROOT.glob("pages/*.py"), ROOT / "streamlit_app.py"}
    app = {r.name for r in requirements("requirements.txt")}
    site = {*ROOT.glob("stimage/explainer/site/*.py")}
    cluster = {ROOT / "stimage/server/ray_serve.py"}
    assert imports_of(files - training - site - cluster) <= app
    assert imports_of(site) <= app | {r.name for r in requirements("requirements-dev.txt")}
    assert imports_of(cluster) <= app | {r.name for r in requirements("requirements-cluster.txt")}
    assert imports_of(training) <= app | {r.name for r in requirements("requirements-training.txt")}


def test_whatever_tests_and_benchmarks_import_is_required_by_name():
    both = requirements("requirements.txt") + requirements("requirements-dev.txt")
    files = [*ROOT.glob("tests/**/*.py"), *ROOT.glob("benchmarks/*.py")]
    assert imports_of(files) <= {r.name for r in both}


def test_no_other_file_tells_the_cloud_what_to_install():
    first = ("uv.lock", "Pipfile", "environment.yml")
    assert not [name for name in first if (ROOT / name).exists()]


def test_what_is_installed_here_is_what_is_pinned():
    for requirement in requirements("requirements.txt") + requirements("requirements-dev.txt"):
        if requirement.marker is None or requirement.marker.evaluate():
            installed = version(requirement.name).partition("+")[0]
            assert requirement.url or requirement.specifier.contains(installed), requirement


def constraints():
    return {
        canonicalize_name(r.name): str(r.specifier)[2:] for r in requirements("constraints.txt")
    }


def test_requirements_and_constraints_agree():
    for file in pin.FILES:
        for requirement in requirements(file):
            pinned = constraints().get(canonicalize_name(requirement.name))
            assert pinned is None or requirement.specifier.contains(pinned), requirement


def test_no_constraint_chooses_another_wheel_of_torch():
    assert not [name for name in constraints() if pin.BY_MACHINE.fullmatch(name)]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems need a few packages more")
def test_whatever_a_requirement_needs_here_is_constrained_to_what_is_installed():
    assert pin.beneath().items() <= constraints().items()


def test_what_is_constrained_and_installed_has_that_version():
    for name, pinned in constraints().items():
        try:
            assert version(name) == pinned, name
        except PackageNotFoundError:
            continue  # needed elsewhere
