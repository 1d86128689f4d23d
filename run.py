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
OLDEST = (3, 11)
USABLE = f"import pip, sys; sys.exit(sys.version_info < {OLDEST})"  # asked of the .venv's Python
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
LINT_IMPORTS = "from importlinter.cli import lint_imports_command as check; check()"
TWO_AT_ONCE = ("-n", "2", "--dist", "loadfile")  # each may need 4 GB of memory, so no more
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
    if command == "app":
        return set_up("requirements.txt") or start_app(rest)
    if command == "tests":
        return set_up("requirements.txt", "requirements-dev.txt") or run_tests(rest)
    return complain(str(__doc__))


def set_up(*requirements: str) -> int:
    """Make the virtual environment and install what `requirements` name, if they changed."""
    if os.name != "nt" and os.pathsep in str(HERE):
        return complain(
            f"The path of this folder, {HERE}, contains a colon. Python can't make a virtual "
            "environment there. Rename the folder, then run this line again."
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
            "Not everything could be installed; pip's message above says why. With a connection "
            "to the internet and 4 GB of free disk space, run this line again."
        )
    installed.write_text(wanted, encoding="utf-8")
    return 0


def is_usable() -> bool:
    """Whether `.venv` has pip and a Python that is new enough; after an upgrade it may not."""
    return PYTHON.exists() and call([str(PYTHON), "-c", USABLE], stderr=subprocess.DEVNULL) == 0


def make_venv() -> int:
    """Make `.venv` anew; return the exit code."""
    print("Making .venv ...", flush=True)
    made = call([sys.executable, "-m", "venv", "--clear", str(VENV)])
    if made == 0:
        return 0
    shutil.rmtree(VENV, ignore_errors=True)
    version = "{}.{}".format(*sys.version_info[:2])
    return complain(
        "Python's venv module is missing or incomplete. On Debian and Ubuntu: "
        f"sudo apt install python{version}-venv. Then run this line again."
    )


def start_app(arguments: list[str]) -> int:
    """Start the studio; the browser opens by itself."""
    app = [str(PYTHON), "-m", "streamlit", "run", "streamlit_app.py", *arguments]
    os.chdir(HERE)
    if os.name != "nt":
        os.execve(app[0], app, environment())  # so that who ends this ends the app
    try:
        return call(app)
    except KeyboardInterrupt:
        return 0


def run_tests(arguments: list[str]) -> int:
    """Check style, types, imports and coverage, and run every test."""
    if not any(shutil.which(name) for name in CHROMIUM):
        print("No Chromium here: the browser tests will be skipped. sudo apt install chromium")
    checks = (("-m", "pytest", *TWO_AT_ONCE, *arguments),) if arguments else CHECKS
    return max([call([str(PYTHON), *check]) for check in checks])


def call(command: list[str], stderr: int | None = None) -> int:
    """Run a command in this folder and return its exit code."""
    return subprocess.call(command, cwd=HERE, env=environment(), stderr=stderr)


def environment() -> dict[str, str]:
    """Return the environment without what would lead `.venv` to packages elsewhere."""
    elsewhere = ("PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "__PYVENV_LAUNCHER__")
    kept = {name: value for name, value in os.environ.items() if name not in elsewhere}
    return kept | {"PIP_USER": "0"}  # also where pip's own settings say otherwise


def complain(sentence: str) -> int:
    """Say what is missing and return a failing exit code."""
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
