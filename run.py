"""Set Stimage up and start it, or set it up and run its tests. Works with any Python, to say so.

    python3 run.py          the app, in the browser
    python3 run.py app      the same; arguments after it go to Streamlit: --server.port 8600
    python3 run.py tests    the whole test suite; arguments after it go to pytest

Both make `.venv` beside this file when it is missing, and install only what has changed since.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")


def main(arguments: list[str]) -> int:
    """Do what the command line asks; return the exit code."""
    if sys.version_info < (3, 11):
        return complain("Stimage needs Python 3.11 or newer; this is " + sys.version.split()[0])
    command, rest = (arguments[0], arguments[1:]) if arguments else ("app", [])
    if command == "app":
        return set_up("requirements.txt") or start_app(rest)
    if command == "tests":
        return set_up("requirements-dev.txt") or run_tests(rest)
    return complain(str(__doc__))


def set_up(requirements: str) -> int:
    """Make the virtual environment and install what `requirements` names, if it changed."""
    if not PYTHON.exists():
        print("Making .venv ...", flush=True)
        made = subprocess.call([sys.executable, "-m", "venv", "--clear", str(VENV)])
        if made != 0:
            shutil.rmtree(VENV, ignore_errors=True)
            version = "{}.{}".format(*sys.version_info[:2])
            return complain(
                "Python's venv module is missing or incomplete. On Debian and Ubuntu: "
                f"sudo apt install python{version}-venv. Then run this line again."
            )
    wanted = wishes(requirements)
    installed = VENV / ("installed-" + requirements)
    if installed.exists() and installed.read_text(encoding="utf-8") == wanted:
        return 0
    print(f"Installing {requirements} (only the first time; a few minutes) ...", flush=True)
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.call([*pip, "-r", requirements], cwd=HERE) != 0:
        return complain(
            "Not everything could be installed; pip's message above says why. With a connection "
            "to the internet and 4 GB of free disk space, run this line again."
        )
    installed.write_text(wanted, encoding="utf-8")
    return 0


def wishes(requirements: str) -> str:
    """Return the text of a requirements file and of those it includes."""
    text = (HERE / requirements).read_text(encoding="utf-8")
    included = [line[3:].strip() for line in text.splitlines() if line.startswith("-r ")]
    return text + "".join(wishes(name) for name in included)


def start_app(arguments: list[str]) -> int:
    """Start the studio; the browser opens by itself."""
    app = [str(PYTHON), "-m", "streamlit", "run", "streamlit_app.py", *arguments]
    os.chdir(HERE)
    if os.name != "nt":
        os.execv(app[0], app)  # becomes the app, so that who ends this ends the app
    try:
        return subprocess.call(app)
    except KeyboardInterrupt:
        return 0


def run_tests(arguments: list[str]) -> int:
    """Check style and types, then run every test."""
    if not any(shutil.which(name) for name in CHROMIUM):
        print("No Chromium here: the browser tests will be skipped. sudo apt install chromium")
    if arguments:
        return subprocess.call([str(PYTHON), "-m", "pytest", *arguments], cwd=HERE)
    checks = (["ruff", "check"], ["ruff", "format", "--check"], ["mypy"], ["pytest"])
    codes = [subprocess.call([str(PYTHON), "-m", *check], cwd=HERE) for check in checks]
    return max(codes)


def complain(sentence: str) -> int:
    """Say what is missing and return a failing exit code."""
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
