"""The child process of an import: it alone opens the file, which may be hostile.

    python -m stimage.importing.worker SOURCE TARGET RECORD

It limits its own memory first. It prints a `Line` as JSON for each progress and one at the end:
codes and values, never a sentence.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from pathlib import Path

import msgspec

from stimage.errors import ModelError, is_out_of_memory
from stimage.models.folder import WEIGHTS, Record
from stimage.models.weights_files import weights_bytes

OWN_BYTES = 3 * 2**30  # the child's own memory; the file comes on top


class Progress(msgspec.Struct, tag=True, frozen=True):
    """What is done now: a key of the catalog, bytes so far, bytes in all."""

    stage: str
    done: int
    total: int


class Failed(msgspec.Struct, tag=True, frozen=True):
    """The import ended with a `ModelError` of this code and these values."""

    code: str
    values: dict[str, str | int | float]


class Ready(msgspec.Struct, tag=True, frozen=True):
    """The model folder is written, all of it."""


Line = Progress | Failed | Ready


def limit_memory(source: Path) -> None:
    """Let this process hold 3 GiB of its own and the file; who wants more has met a bomb.

    Best effort: a system without such a limit, or with a lower one, imports all the same.
    """
    try:
        import resource
    except ImportError:
        return  # Windows
    wanted = OWN_BYTES + size_of(source) * 5 // 4
    with contextlib.suppress(OSError, ValueError):  # macOS refuses some limits
        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        limit = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def size_of(source: Path) -> int:
    """Return the bytes of a checkpoint, or of what is read of a model folder."""
    if source.is_dir():
        return sum(weights_bytes(source / part) for part in WEIGHTS)
    return source.stat().st_size


def run(source: Path, target: Path, record: Record) -> Line:
    """Convert under the limit, tell the progress, and return how it ended."""
    from stimage.importing.convert import convert

    def report(stage: str, done: int, total: int) -> None:
        say(Progress(stage, done, total))

    try:
        convert(source, target, record, report)
    except ModelError as error:
        return Failed(error.code, msgspec.convert(error.values, dict[str, str | int | float]))
    except RecursionError:
        return Failed("import_memory", {})
    except Exception as error:  # noqa: BLE001 (a hostile file may raise anything)
        return _failed(error, source)
    return Ready()


def _failed(error: Exception, source: Path) -> Failed:
    if is_out_of_memory(error):
        return Failed("import_memory", {})
    if not isinstance(error, OSError):
        return Failed("import_failed", {"kind": type(error).__name__})
    if error.errno == errno.ENOSPC:
        return Failed("disk_full_meanwhile", {})
    return Failed("unreadable_file", {"file": source.name, "reason": error.strerror or ""})


def say(line: Line) -> None:
    """Write one line to the parent, past Python's buffer."""
    os.write(1, msgspec.json.encode(line) + b"\n")


def _main(source: str, target: str, record: str) -> int:
    limit_memory(Path(source))
    ended = run(Path(source), Path(target), msgspec.json.decode(record, type=Record))
    say(ended)
    return 0 if isinstance(ended, Ready) else 1


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:4]))
