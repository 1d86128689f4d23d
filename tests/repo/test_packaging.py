"""The promises of the README: two lines, pinned requirements, a tree that names every file."""

from __future__ import annotations

import ast
import re
import socket
import subprocess
import sys
import tomllib

import pytest
from packaging.requirements import Requirement

from tests.conftest import ROOT
from tests.support.browser import free_port, wait_for_health

README = (ROOT / "README.md").read_text(encoding="utf-8")
CLOUD = {"sys_platform": "linux", "platform_machine": "x86_64", "python_version": "3.12"}


def requirements(name):
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    plain = (line.split(" #")[0].strip() for line in lines)
    return [Requirement(line) for line in plain if line and not line.startswith(("#", "-r "))]


def torch_for(**environment):
    wanted = [r for r in requirements("requirements.txt") if r.name == "torch"]
    return [r for r in wanted if r.marker is None or r.marker.evaluate(CLOUD | environment)]


@pytest.mark.parametrize(
    "name", ["requirements.txt", "requirements-dev.txt", "requirements-training.txt"]
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
    "axe_playwright_python": "axe-playwright-python",
    "thinc": "spacy",  # a part of spaCy; the two versions belong together
}


def test_whatever_the_app_imports_is_required_by_name():
    tagger = {ROOT / "stimage/training/tagger" / name for name in ("train.py", "corpus.py")}
    training = {*ROOT.glob("stimage/training/**/*.py"), *tagger}
    files = {*ROOT.glob("stimage/**/*.py"), *ROOT.glob("pages/*.py"), ROOT / "streamlit_app.py"}
    app = {r.name for r in requirements("requirements.txt")}
    assert imports_of(files - training) <= app
    assert imports_of(training) <= app | {r.name for r in requirements("requirements-training.txt")}


def test_whatever_tests_and_benchmarks_import_is_required_by_name():
    both = requirements("requirements.txt") + requirements("requirements-dev.txt")
    files = [*ROOT.glob("tests/**/*.py"), *ROOT.glob("benchmarks/*.py")]
    assert imports_of(files) <= {r.name for r in both}


def test_no_other_file_tells_the_cloud_what_to_install():
    first = ("uv.lock", "Pipfile", "environment.yml")
    assert not [name for name in first if (ROOT / name).exists()]


def test_what_is_installed_here_is_what_is_pinned():
    from importlib.metadata import version

    for requirement in requirements("requirements.txt") + requirements("requirements-dev.txt"):
        if requirement.marker is None or requirement.marker.evaluate():
            installed = version(requirement.name).partition("+")[0]
            assert requirement.url or requirement.specifier.contains(installed), requirement


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


def test_the_setup_needs_nothing_but_python_itself():
    code = (ROOT / "run.py").read_text(encoding="utf-8")
    imports = set(re.findall(r"^(?:import|from) (\w+)", code, re.MULTILINE))
    assert imports <= sys.stdlib_module_names


def test_an_unknown_command_is_answered_with_the_commands_there_are():
    asked = [sys.executable, str(ROOT / "run.py"), "dance"]
    answer = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert "python3 run.py tests" in answer.stderr


def test_setting_up_twice_installs_nothing_the_second_time(tmp_path, monkeypatch):
    import run

    (tmp_path / "requirements.txt").write_text("# nothing\n")
    monkeypatch.setattr(run, "HERE", tmp_path)
    monkeypatch.setattr(run, "PYTHON", run.Path(sys.executable))
    monkeypatch.setattr(run, "VENV", tmp_path)
    calls = []
    monkeypatch.setattr(run.subprocess, "call", lambda *a, **_: calls.append(a) or 0)
    assert run.set_up("requirements.txt") == 0
    assert run.set_up("requirements.txt") == 0
    assert len(calls) == 1
    (tmp_path / "requirements.txt").write_text("# something\n")
    assert run.set_up("requirements.txt") == 0
    assert len(calls) == 2


def test_a_missing_venv_module_is_named_with_its_package(tmp_path, monkeypatch, capsys):
    import run

    monkeypatch.setattr(run, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(run, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(run.subprocess, "call", lambda *_, **__: 1)
    assert run.set_up("requirements.txt") == 1
    assert "-venv" in capsys.readouterr().err


def test_an_old_python_is_told_so(monkeypatch, capsys):
    import run

    monkeypatch.setattr(run.sys, "version_info", (3, 9, 2))
    assert run.main([]) == 1
    assert "3.11 or newer" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="there the app is a child of run.py")
def test_who_ends_the_starter_ends_the_app():
    port = free_port()
    start = "import run, sys; run.PYTHON = sys.executable; run.start_app(sys.argv[1:])"
    options = ["--server.port", str(port), "--server.headless", "true"]
    with subprocess.Popen([sys.executable, "-c", start, *options], cwd=ROOT) as app:
        wait_for_health(f"http://localhost:{port}", app)
        app.terminate()
        app.wait(timeout=20)
    with socket.socket() as again:
        assert again.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a clone: no list of files")
def test_every_relative_link_of_the_readme_leads_to_a_file():
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", README)
    assert not [link for link in links if not (ROOT / link).exists()]


def test_the_theme_and_the_two_settings_for_many_visitors_are_set():
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert config["runner"]["postScriptGC"] is False
    assert config["server"]["fileWatcherType"] == "none"
    assert config["client"]["showSidebarNavigation"] is False
    assert config["browser"]["gatherUsageStats"] is False
    assert config["theme"]["light"]["primaryColor"] != config["theme"]["dark"]["primaryColor"]
