"""What hinders a first start is said before anything is made or fetched."""

from __future__ import annotations

import os
import shutil

import pytest

import run


@pytest.fixture
def calls(monkeypatch):
    """The commands that were called; none of them runs."""
    made = []
    monkeypatch.setattr(run, "call", lambda command, **_: made.append(command))
    return made


LINUX = {"system": "linux-x86_64", "machine": "x86_64", "libc": ("glibc", "2.36")}
MAC = {"system": "macosx-11.0-universal2", "machine": "arm64", "macos": "15.1"}
WINDOWS = {"system": "win-amd64", "machine": "AMD64"}


@pytest.fixture
def pretend(monkeypatch):
    """Let this Python and this computer be others."""

    def be(*, system, machine, libc=("", ""), macos="", version=(3, 12, 1), bits=64, gil=True):
        monkeypatch.setattr("run.sysconfig.get_platform", lambda: system)
        monkeypatch.setattr("run.sysconfig.get_config_var", lambda _name: int(not gil))
        monkeypatch.setattr("run.platform.machine", lambda: machine)
        monkeypatch.setattr("run.platform.libc_ver", lambda: libc)
        monkeypatch.setattr("run.platform.mac_ver", lambda: (macos, ("", "", ""), machine))
        monkeypatch.setattr("run.sys.version_info", version)
        monkeypatch.setattr("run.sys.maxsize", 2 ** (bits - 1) - 1)

    return be


@pytest.mark.parametrize(
    "computer",
    [
        LINUX,
        LINUX | {"system": "linux-aarch64", "machine": "aarch64"},
        LINUX | {"version": (3, 14, 0)},
        MAC,
        WINDOWS,
    ],
)
def test_the_usual_computers_have_all_packages(pretend, computer):
    pretend(**computer)
    assert run.without_packages() == ""


@pytest.mark.parametrize(
    ("computer", "says"),
    [
        (MAC | {"machine": "x86_64"}, "Intel Macs"),
        (MAC | {"macos": "13.6"}, "macOS before 14"),
        (WINDOWS | {"system": "win32", "bits": 32}, "32-bit"),
        (LINUX | {"bits": 32}, "32-bit"),  # under a 64-bit kernel
        (WINDOWS | {"system": "win-arm64", "machine": "ARM64"}, "Python for ARM"),
        (LINUX | {"libc": ("", "")}, "Alpine"),
        (LINUX | {"libc": ("glibc", "2.27")}, "a Linux this old"),
        (LINUX | {"machine": "riscv64"}, "Linux on riscv64"),
        (LINUX | {"version": (3, 15, 1)}, "Python 3.15: use 3.11 to 3.14"),
        (LINUX | {"gil": False}, "this kind of Python"),
        (LINUX | {"system": "freebsd-14.1-amd64"}, "freebsd"),
    ],
)
def test_a_computer_without_packages_is_named_before_anything_is_fetched(
    pretend, calls, capsys, computer, says
):
    pretend(**computer)
    assert run.make_venv() == 1
    assert says in capsys.readouterr().err
    assert calls == []


@pytest.mark.parametrize("problem", ["disk", "rights"])
def test_a_full_disk_and_a_folder_of_others_are_said_before_anything_is_made(
    calls, monkeypatch, capsys, problem
):
    if problem == "disk":
        usage = shutil.disk_usage("/")._replace(free=1_500_000_000)
        monkeypatch.setattr("run.shutil.disk_usage", lambda _folder: usage)
    else:
        monkeypatch.setattr("run.os.access", lambda _path, mode: mode != os.W_OK)
    assert run.make_venv() == 1
    said = capsys.readouterr().err
    assert ("1.5 GB free" if problem == "disk" else "Nothing can be written") in said
    assert calls == []
