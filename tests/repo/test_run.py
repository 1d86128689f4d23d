"""`run.py`: one line starts the app, one line tests it, and whatever is missing is said."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import run
from stimage.config import DEFAULT_MODEL
from stimage.paths import ROOT
from tests.support.browser import free_port, wait_for_health


def test_the_setup_needs_nothing_but_python_itself():
    code = (ROOT / "run.py").read_text(encoding="utf-8")
    imports = set(re.findall(r"^(?:import|from) (\w+)", code, re.MULTILINE))
    assert imports <= sys.stdlib_module_names


def test_an_unknown_command_is_answered_with_the_commands_there_are():
    asked = [sys.executable, str(ROOT / "run.py"), "dance"]
    answer = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert "python3 run.py tests" in answer.stderr


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A folder with a `run.py` that requires nothing, and a list of the commands it called."""
    for name in ("requirements.txt", "constraints.txt"):
        (tmp_path / name).write_text("# nothing\n")
    venv = tmp_path / ".venv"
    monkeypatch.setattr(run, "HERE", tmp_path)
    monkeypatch.setattr(run, "VENV", venv)
    monkeypatch.setattr(run, "PYTHON", venv / run.PYTHON.relative_to(ROOT / ".venv"))
    return tmp_path


@pytest.fixture
def calls(monkeypatch):
    """The commands that were called; none of them runs, all of them succeed."""
    made = []

    def call(command, **_):
        made.append(command)
        return 0

    monkeypatch.setattr("run.subprocess.call", call)
    return made


def installs(calls):
    return [command for command in calls if "install" in command]


def test_setting_up_twice_installs_nothing_the_second_time(clone, calls):
    run.PYTHON.parent.mkdir(parents=True)
    run.PYTHON.touch()
    assert run.set_up("requirements.txt") == 0
    assert run.set_up("requirements.txt") == 0
    assert len(installs(calls)) == 1
    (clone / "requirements.txt").write_text("# something\n")
    assert run.set_up("requirements.txt") == 0
    assert len(installs(calls)) == 2


def test_another_constraint_installs_again(clone, calls):
    run.VENV.mkdir()
    assert run.set_up("requirements.txt") == 0
    (clone / "constraints.txt").write_text("# something\n")
    assert run.set_up("requirements.txt") == 0
    assert len(installs(calls)) == 2
    assert all(command[-2:] == ["-c", "constraints.txt"] for command in installs(calls))


@pytest.mark.usefixtures("clone")
def test_a_venv_without_pip_is_made_again():
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", run.VENV], check=True)
    assert not run.is_usable()
    assert run.set_up("requirements.txt") == 0
    assert run.is_usable()


@pytest.mark.skipif(os.name == "nt", reason="a script can't stand in for python.exe")
@pytest.mark.usefixtures("clone")
def test_a_venv_of_an_older_python_is_not_usable():
    run.PYTHON.parent.mkdir(parents=True)
    run.PYTHON.write_text("#!/bin/sh\nexit 1\n")
    run.PYTHON.chmod(0o755)
    assert not run.is_usable()
    run.PYTHON.chmod(0o644)
    assert not run.is_usable()
    run.PYTHON.unlink()
    run.PYTHON.symlink_to("/nowhere/python3")  # what it was made with is gone
    assert not run.is_usable()


@pytest.mark.usefixtures("clone")
def test_a_venv_that_is_not_usable_is_cleared(monkeypatch):
    made = []

    def call(command, **_):
        made.append(command)
        return int("usable" in command)

    run.PYTHON.parent.mkdir(parents=True)
    run.PYTHON.touch()
    monkeypatch.setattr("run.subprocess.call", call)
    assert run.set_up("requirements.txt") == 0
    assert made[1] == [sys.executable, "-m", "venv", "--clear", str(run.VENV)]


@pytest.mark.usefixtures("clone")
@pytest.mark.parametrize("missing", [True, False])
def test_only_a_missing_venv_module_is_named_with_its_package(monkeypatch, capsys, missing):
    monkeypatch.setattr("run.subprocess.call", lambda *_, **__: 1)
    monkeypatch.setattr("run.importlib.util.find_spec", lambda _name: None if missing else "here")
    assert run.set_up("requirements.txt") == 1
    assert ("sudo apt install" in capsys.readouterr().err) == missing


def test_a_colon_in_the_path_is_named_before_anything_is_made(calls, monkeypatch, capsys):
    monkeypatch.setattr(run, "HERE", Path(f"/home/ann/pictures{os.pathsep} 2026/stimage"))
    assert run.set_up("requirements.txt") == 1
    assert f"pictures{os.pathsep} 2026" in capsys.readouterr().err
    assert calls == []


@pytest.mark.usefixtures("clone")
@pytest.mark.parametrize(
    ("variables", "hinders"),
    [
        ({"ALL_PROXY": "socks5://127.0.0.1:1080"}, True),
        ({"https_proxy": "socks://127.0.0.1:7890"}, True),
        ({"ALL_PROXY": "socks5://127.0.0.1:1080", "HTTPS_PROXY": "http://proxy:8080"}, False),
        ({}, False),
    ],
)
def test_a_socks_proxy_is_named_where_pip_fails_for_it(monkeypatch, capsys, variables, hinders):
    for name in ("all_proxy", "https_proxy", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(run, "call", lambda command, **_: int("install" in command))
    run.VENV.mkdir()
    assert run.set_up("requirements.txt") == 1
    assert ("SOCKS" in capsys.readouterr().err) == hinders


def test_what_would_lead_elsewhere_does_not_reach_pip_or_the_app(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("PIP_TARGET", "/elsewhere")
    switches = ("PIP_USER", "PIP_DRY_RUN", "PIP_REQUIRE_HASHES")
    for name in switches:
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("STIMAGE_MODEL", DEFAULT_MODEL)
    kept = run.environment()
    assert not {"PYTHONPATH", "PIP_TARGET"} & kept.keys()
    assert [kept[name] for name in switches] == ["0"] * 3
    assert kept["STIMAGE_MODEL"] == DEFAULT_MODEL


def test_one_failing_check_fails_the_test_line(monkeypatch):
    failing = run.CHECKS[3]
    monkeypatch.setattr(
        "run.subprocess.call", lambda command, **_: 3 * (tuple(command[1:]) == failing)
    )
    assert run.run_tests([]) == 3


def test_an_old_python_is_told_so(monkeypatch, capsys):
    monkeypatch.setattr("run.sys.version_info", (3, 9, 2))
    assert run.main([]) == 1
    assert "3.11 or newer" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="there the app is a child of run.py")
def test_the_owners_browser_opens_with_the_token_and_who_ends_the_starter_ends_the_app(tmp_path):
    port, browser, opened = free_port(), tmp_path / "browser", tmp_path / "opened"
    os.mkfifo(opened)
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}\n')
    browser.chmod(0o755)
    start = "import run, sys; run.PYTHON = sys.executable; run.start(*sys.argv[1:])"
    options = ["streamlit", "run", "streamlit_app.py", "--server.port", str(port)]
    options += ["--server.headless", "false"]
    with subprocess.Popen(
        [sys.executable, "-c", start, *options],
        cwd=ROOT,
        env=os.environ | {"BROWSER": f"{browser} %s"},
        stdout=subprocess.PIPE,
        text=True,
    ) as app:
        wait_for_health(f"http://localhost:{port}", app)
        place = opened.read_text().strip()  # waits for the browser
        app.terminate()
        shown, _ = app.communicate(timeout=20)
    assert re.fullmatch(rf"http://localhost:{port}/\?token=[\w-]{{43}}", place)
    assert place in shown.split()
    assert place.replace("localhost", "127.0.0.1") in shown.split()
    with socket.socket() as again:
        assert again.connect_ex(("127.0.0.1", port)) != 0
