"""Two checkouts side by side: `python -m benchmarks.compare OLD NEW`.

Runs the same commands in both, in turn, and prints every figure of both with the ratio of their
medians. What is compared has a name both checkouts know: a benchmark, a statement, or a function
in whatever module. About 8 minutes on two cores, and 4 GB of disk.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks.loading import CHECKPOINT, write_checkpoint
from benchmarks.table import machine

ROW = re.compile(r"^\| (?P<name>[^|]+?) *\| (?P<value>[^|]+?) *\|$")
NUMBER = re.compile(r"[-+]?\d[\d,]*\.?\d*")
UNITS = {"nsec": 1e-9, "usec": 1e-6, "msec": 1e-3, "sec": 1.0}
COMMANDS = {
    "browser": ["-m", "benchmarks.browser"],
    "visitors": ["-m", "benchmarks.visitors", "--visitors", "10"],
    "memory": ["-m", "benchmarks.memory", "--pictures", "20"],
    "roll of the dice": ["-m", "timeit", "-s", "from stimage.dice import roll", "roll()"],
}
IMPORT = "import of a checkpoint"
IMPORTING = """
import importlib, os, pathlib, sys, tempfile, time
import_model = importlib.import_module(sys.argv[1]).import_model
with tempfile.TemporaryDirectory() as models:
    os.environ["STIMAGE_MODELS"] = models
    start = time.perf_counter()
    import_model(pathlib.Path(sys.argv[2]), "imported")
    print(f"| seconds | {time.perf_counter() - start:.3f} |")
"""

Commands = Callable[[Path], list[str]]  # a checkout -> the arguments of Python there
Figures = dict[str, list[float]]  # name of the row -> a value for each run


def module_with(checkout: Path, function: str) -> str:
    """Return the name of the module of a checkout's `stimage` that defines a function."""
    start = f"\ndef {function}("
    files = sorted((checkout / "stimage").rglob("*.py"))
    file = next(file for file in files if start in file.read_text(encoding="utf-8"))
    return ".".join(file.relative_to(checkout).with_suffix("").parts)


def import_of(checkpoint: Path) -> Commands:
    """Return how each checkout imports a checkpoint into a new folder."""
    return lambda checkout: [
        *("-c", IMPORTING, module_with(checkout, "import_model"), str(checkpoint.resolve()))
    ]


def commands_of(name: str) -> Commands:
    """Return the commands of a comparison; the first import writes its checkpoint."""
    if name != IMPORT:
        return lambda _checkout: COMMANDS[name]
    if not CHECKPOINT.exists():
        write_checkpoint(CHECKPOINT)
    return import_of(CHECKPOINT)


def measure(checkout: Path, command: list[str]) -> list[tuple[str, float]]:
    """Run a command in a checkout; return the rows it prints, each with its first number.

    Raises:
        SystemExit: if the command fails.
    """
    done = subprocess.run(
        [sys.executable, *command], cwd=checkout, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed in {checkout}:\n{done.stderr[-2000:]}")
    if timed := re.search(r"best of \d+: ([\d.]+) (\w+) per loop", done.stdout):
        return [("seconds", float(timed[1]) * UNITS[timed[2]])]
    rows = [match for line in done.stdout.splitlines() if (match := ROW.match(line))]
    numbers = ((row["name"], NUMBER.search(row["value"])) for row in rows)
    return [(name, float(number[0].replace(",", ""))) for name, number in numbers if number]


def compare(old: Path, new: Path, commands: Commands, runs: int) -> list[str]:
    """Return a line for each row that both print: its name, old, new, new over old."""
    found: dict[Path, Figures] = {old: {}, new: {}}
    for _ in range(runs):
        for checkout in (old, new):
            for name, value in measure(checkout, commands(checkout)):
                found[checkout].setdefault(name, []).append(value)
    lines = []
    for name in [name for name in found[new] if name in found[old]]:
        before, now = median(found[old][name]), median(found[new][name])
        ratio = f"{now / before:.2f}" if before else ""
        lines.append(f"| {name} | {before:.4g} | {now:.4g} | {ratio} |")
    return lines


def main() -> None:
    """Print one table for each command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--runs", type=int, default=2, help="of each command in each checkout")
    names = [*COMMANDS, IMPORT]
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    wanted = parser.parse_args()
    print(machine())
    for name in wanted.only:
        lines = compare(wanted.old, wanted.new, commands_of(name), wanted.runs)
        print(f"\n{name}\n\n| what | old | new | new / old |\n|---|---|---|---|")
        print("\n".join(lines), flush=True)


if __name__ == "__main__":
    main()
