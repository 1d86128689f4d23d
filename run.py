"""Set Stimage up and start it, or set it up and run its tests. Python 3.7 can read it, to say so.

    python3 run.py          the app, in the browser
    python3 run.py app      the same; arguments after it go to Streamlit: --server.port 8600
    python3 run.py server   the drawing service behind HTTP; --help after it says what it takes
    python3 run.py tests    the whole test suite; arguments after it go to pytest

All make `.venv` beside this file when it is missing, and install only what has changed since.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
OLDEST, NEWEST = (3, 11), (3, 14)  # the Pythons that PyTorch has packages for
OLDEST_GLIBC, OLDEST_MACOS = (2, 28), (14,)  # and the systems
DISK_BYTES = 2.5e9  # all packages with the small PyTorch
CHROMIUM = (  # the first opens no window for each visit, and takes half the time
    *("chromium-headless-shell", "chromium", "chromium-browser"),
    *("google-chrome", "chrome", "msedge"),
)
START_AGAIN = 75  # what the app returns on Windows after its event loop stood still
LINT_IMPORTS = "from importlinter.cli import lint_imports_command as check; check()"
# Each may need 4 GB of memory, so no more; the long files stand first, the short ones last.
TWO_AT_ONCE = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")
CHECKS = (  # each is what this Python is called with
    ("-m", "ruff", "check"),
    ("-m", "ruff", "format", "--check"),
    ("-m", "mypy"),
    ("-c", LINT_IMPORTS),
    ("-m", "pytest", *TWO_AT_ONCE, "--cov", "--cov-report="),
    ("-m", "coverage", "report", "--omit=stimage/training/*", "--fail-under=90"),
    ("-m", "coverage", "report", "--include=stimage/training/*", "--fail-under=80"),
)


def main(arguments: list[str]) -> int:
    """Do what the command line asks; return the exit code."""
    if sys.version_info < OLDEST:
        return complain("Stimage needs Python 3.11 or newer; this is " + sys.version.split()[0])
    command, rest = (arguments[0], arguments[1:]) if arguments else ("app", [])
    if command == "usable":  # asked of the .venv's Python
        return int(importlib.util.find_spec("pip") is None or bool(without_packages()))
    if command == "app":
        return set_up("requirements.txt") or start("streamlit", "run", "streamlit_app.py", *rest)
    if command == "server":
        return set_up("requirements.txt") or start("stimage", "serve", *rest)
    if command == "tests":
        return set_up("requirements.txt", "requirements-dev.txt") or run_tests(rest)
    return complain(str(__doc__))


def set_up(*requirements: str) -> int:
    """Make the virtual environment and install what `requirements` name, if they changed."""
    if os.pathsep in str(HERE):
        return complain(
            f"The path of this folder, {HERE}, contains “{os.pathsep}”. Python can't make a "
            "virtual environment there. Rename the folder, then run this line again."
        )
    if not is_usable() and make_venv() != 0:
        return 1
    wanted = "".join(
        (HERE / name).read_text(encoding="utf-8") for name in (*requirements, "constraints.txt")
    )
    installed = VENV / ("installed-" + requirements[-1])
    if installed.exists() and installed.read_text(encoding="utf-8") == wanted:
        return 0
    print("Installing packages (only the first time; a few minutes) ...", flush=True)
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    files = [option for name in requirements for option in ("-r", name)]
    if call([*pip, *files, "-c", "constraints.txt"]) != 0:
        return complain(
            "Not everything could be installed; pip's message above says why. "
            + (socks_proxy() or "With a connection to the internet and 4 GB of free disk space, ")
            + "run this line again."
        )
    installed.write_text(wanted, encoding="utf-8")
    return 0


def is_usable() -> bool:
    """Whether `.venv` has pip and a Python that can be used; after an upgrade it may not."""
    try:
        return call([str(PYTHON), __file__, "usable"], stderr=subprocess.DEVNULL) == 0
    except OSError:  # there is none, or none that this computer can run
        return False


def make_venv() -> int:
    """Make `.venv` anew, where that can lead to something; return the exit code."""
    kind = without_packages()
    if kind:
        return complain("Not every package that Stimage needs exists for " + kind + ".")
    if not os.access(HERE, os.W_OK):
        return complain(f"Nothing can be written to {HERE}. Copy it to a folder of your own.")
    free = shutil.disk_usage(HERE).free
    if free < DISK_BYTES:
        return complain(
            f"The packages need {DISK_BYTES / 1e9} GB and this disk has {free / 1e9:.1f} GB free. "
            "Make room, then run this line again."
        )
    print("Making .venv ...", flush=True)
    made = call([sys.executable, "-m", "venv", "--clear", str(VENV)])
    if made == 0:
        return 0
    shutil.rmtree(VENV, ignore_errors=True)
    if all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        return complain("Python could not make .venv; its message above says why.")
    version = "{}.{}".format(*sys.version_info[:2])
    return complain(
        "Python's venv module is missing or incomplete. On Debian and Ubuntu: "
        f"sudo apt install python{version}-venv. Then run this line again."
    )


def without_packages() -> str:
    """Return what this Python is if PyTorch or spaCy has no package for it; "" if both have.

    Their packages of these versions exist for CPython on Windows and Linux with Intel and AMD
    processors, and on Macs and Linux with ARM.
    """
    version, system = sys.version_info[:2], sysconfig.get_platform()
    machine, (libc, release) = platform.machine().lower(), platform.libc_ver()
    other = sys.implementation.name != "cpython" or sysconfig.get_config_var("Py_GIL_DISABLED")
    linux, mac, windows = (system.startswith(name) for name in ("linux", "macosx", "win"))
    macos = numbers(platform.mac_ver()[0])
    kinds = (
        (version > NEWEST, "Python {}.{}: use 3.11 to {}.{}".format(*version, *NEWEST)),
        (other, "this kind of Python: use the usual one, from python.org or your system"),
        (sys.maxsize < 2**32, "a 32-bit Python: install the 64-bit one"),
        (mac and machine != "arm64", "Intel Macs (on a newer Mac: install Python for Apple's)"),
        (mac and macos < OLDEST_MACOS, "macOS before {}".format(*OLDEST_MACOS)),
        (system == "win-arm64", "Python for ARM: install the one for Intel and AMD, it runs too"),
        (linux and libc != "glibc", "Linux without glibc, such as Alpine: use Debian or another"),
        (linux and numbers(release) < OLDEST_GLIBC, "a Linux this old: use a newer release"),
        (linux and machine not in ("x86_64", "aarch64"), "Linux on " + machine),
        (not (linux or mac or windows), system),
    )
    return next((kind for found, kind in kinds if found), "")


def numbers(version: str) -> tuple[int, ...]:
    """Return a version as numbers: "2.28" is (2, 28)."""
    return tuple(int(part) for part in version.split(".") if part.isdecimal())


def socks_proxy() -> str:
    """Return what to do about a SOCKS proxy, which pip can't use by itself; "" without one."""
    proxies = urllib.request.getproxies()
    proxy = proxies.get("https") or proxies.get("all") or ""
    if not proxy.startswith("socks"):
        return ""
    return "pip can't use the SOCKS proxy that is set: set HTTPS_PROXY to an HTTP proxy, then "


def start(module: str, *arguments: str) -> int:
    """Become the app or the server."""
    command = [str(PYTHON), "-m", module, *arguments]
    os.chdir(HERE)
    if os.name != "nt":
        os.execve(command[0], command, environment())  # so that who ends this ends it, too
    try:
        while (code := call(command)) == START_AGAIN:
            pass
    except KeyboardInterrupt:
        return 0
    return code


def run_tests(arguments: list[str]) -> int:
    """Check style, types, imports and coverage, and run every test."""
    if not any(shutil.which(name) for name in CHROMIUM):
        print("No Chromium here: the browser tests will be skipped.")
        print("On Debian: sudo apt install chromium-headless-shell")
    checks = (("-m", "pytest", *TWO_AT_ONCE, *arguments),) if arguments else CHECKS
    return max([call([str(PYTHON), *check]) for check in checks])


def call(command: list[str], stderr: int | None = None) -> int:
    """Run a command in this folder and return its exit code."""
    return subprocess.call(command, cwd=HERE, env=environment(), stderr=stderr)


def environment() -> dict[str, str]:
    """Return the environment without what would lead `.venv` to packages elsewhere."""
    elsewhere = ("PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT")
    kept = {name: value for name, value in os.environ.items() if name not in elsewhere}
    kept.pop("__PYVENV_LAUNCHER__", None)
    pips_own = dict.fromkeys(("PIP_USER", "PIP_DRY_RUN", "PIP_REQUIRE_HASHES"), "0")
    return kept | pips_own  # also where pip's own settings say otherwise


def complain(sentence: str) -> int:
    """Say what is missing and return a failing exit code."""
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
