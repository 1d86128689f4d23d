"""Write `constraints.txt`: the version of every package beneath the ones we require by name.

    python -m tools.pin

It takes what is installed here, so call it in a `.venv` that passes the tests. PyTorch and what
its wheels bring along stay out: which files they are differs from machine to machine.
"""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from stimage.paths import ROOT

CONSTRAINTS = ROOT / "constraints.txt"
FILES = ("requirements.txt", "requirements-dev.txt", "requirements-training.txt")
BY_MACHINE = re.compile(r"torch|triton|nvidia-.*|cuda-.*|setuptools")
HEAD = "# What lies beneath the required packages. Made by `python -m tools.pin`.\n"


def main() -> None:
    """Write the file."""
    lines = [f"{name}=={version}\n" for name, version in sorted(beneath().items())]
    CONSTRAINTS.write_text(HEAD + "".join(lines), encoding="utf-8")
    print(f"{CONSTRAINTS.name}: {len(lines)} packages")


def beneath() -> dict[str, str]:
    """Return name and version of each installed package that a required one needs."""
    named = {canonicalize_name(requirement.name) for requirement in required()}
    found: dict[str, str] = {}
    queue = [(requirement.name, requirement.extras) for requirement in required()]
    seen: set[tuple[str, frozenset[str]]] = set()
    while queue:
        name, extras = queue.pop()
        if (name, frozenset(extras)) in seen:
            continue
        seen.add((name, frozenset(extras)))
        try:
            package = distribution(name)
        except PackageNotFoundError:
            continue  # for another system
        key = canonicalize_name(name)
        if key not in named and not BY_MACHINE.fullmatch(key):
            found[key] = package.version
        queue += needs(package.requires or [], extras)
    return found


def required() -> list[Requirement]:
    """Return what our requirements files name."""
    lines = [
        line.partition(" #")[0].strip()
        for name in FILES
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines()
    ]
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def needs(lines: list[str], extras: set[str]) -> list[tuple[str, set[str]]]:
    """Return what a package needs on this machine, with the given extras."""
    asked = [Requirement(line) for line in lines]
    return [
        (requirement.name, requirement.extras)
        for requirement in asked
        if requirement.marker is None
        or any(requirement.marker.evaluate({"extra": extra}) for extra in ("", *extras))
    ]


if __name__ == "__main__":
    main()
