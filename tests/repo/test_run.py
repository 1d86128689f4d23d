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


@pytest.mark.usefixtures("clone")
def test_a_venv_that_is_not_usable_is_cleared(monkeypatch):
    made = []

    def call(command, **_):
        made.append(command)
        return int(run.USABLE in command)

    run.PYTHON.parent.mkdir(parents=True)
    run.PYTHON.touch()
    monkeypatch.setattr("run.subprocess.call", call)
    assert run.set_up("requirements.txt") == 0
    assert made[1] == [sys.executable, "-m", "venv", "--clear", str(run.VENV)]


@pytest.mark.usefixtures("clone")
def test_a_missing_venv_module_is_named_with_its_package(monkeypatch, capsys):
    monkeypatch.setattr("run.subprocess.call", lambda *_, **__: 1)
    assert run.set_up("requirements.txt") == 1
    assert "-venv" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="there no name may contain a colon")
def test_a_colon_in_the_path_is_named_before_anything_is_made(calls, monkeypatch, capsys):
    monkeypatch.setattr(run, "HERE", Path("/home/ann/pictures: 2026/stimage"))
    assert run.set_up("requirements.txt") == 1
    assert "pictures: 2026" in capsys.readouterr().err
    assert calls == []


def test_what_would_lead_elsewhere_does_not_reach_pip_or_the_app(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("PIP_USER", "1")
    monkeypatch.setenv("STIMAGE_MODEL", DEFAULT_MODEL)
    kept = run.environment()
    assert "PYTHONPATH" not in kept
    assert kept["PIP_USER"] == "0"
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
