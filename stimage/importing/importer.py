"""Import a model once: a child process opens, checks and rewrites it; later starts map that.

The child (`worker.py`) may meet a hostile file: it has a limit of memory and of time, no network,
and only what it wrote completely is moved to the other models.
"""

from __future__ import annotations

import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO

import msgspec

from stimage import paths
from stimage.errors import ModelError
from stimage.importing.worker import Failed, Line, Progress, Ready, size_of
from stimage.models import library
from stimage.models.folder import ModelFolder, Record, folder_of
from stimage.models.hub_cache import model_in, title_of
from stimage.models.kind import check_kind
from stimage.models.requirements import check_disk, check_memory_to_import
from stimage.progress import Report, stop_if

SECONDS = 120  # an import may take this long
BYTES_PER_SECOND = 10_000_000  # and so much longer for its size
CHILD_MIB = 900  # what the child needs besides the file's own pages
WORKER = "stimage.importing.worker"


def import_model(
    source: Path,
    name: str = "",
    *,
    record: Record | None = None,
    on_progress: Report = lambda _stage, _share: None,
    cancelled: threading.Event | None = None,
    seconds: float | None = None,
) -> str:
    """Check a checkpoint file or a diffusers folder, and keep it in this machine's compute dtype.

    Args:
        source: the file or folder; it is only read.
        name: under which it is kept; made from the file's name when empty.
        record: what to note: title, license, catalog.
        on_progress: called from the calling thread.
        cancelled: set by another thread to stop.
        seconds: the time limit; by default it grows with the size.

    Returns:
        The name under which `library.find` finds it.

    Raises:
        ModelError: for what is wrong with it, or "model_exists", "disk_full", "import_too_slow" ...
        TooLittleMemory: before it is opened.
        Cancelled: when it was stopped; nothing is left behind.
    """
    readable = _readable(source)
    size, title = size_of(readable), title_of(source)
    name = name or library.free_name(title)
    target = folder_of(name).path
    if target.exists():
        raise ModelError("model_exists", name=name)
    check_disk(2 * size)
    check_memory_to_import(CHILD_MIB)
    part = target.with_name(f".{name}.importing")
    shutil.rmtree(part, ignore_errors=True)
    record = record or Record()
    notes = msgspec.structs.replace(record, title=record.title or title)
    try:
        part.mkdir(parents=True)
        _run(
            [str(readable.absolute()), str(part.resolve()), msgspec.json.encode(notes).decode()],
            on_progress,
            cancelled or threading.Event(),
            seconds or SECONDS + size / BYTES_PER_SECOND,
        )
        part.replace(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return name


def _readable(source: Path) -> Path:
    """Return the file or model folder that is meant, after a look that it can be imported.

    Raises:
        ModelError: "missing", "not_a_file", "unreadable_file", or for a folder what `model_in` and
            `check_kind` raise, and "configs_missing".
    """
    try:
        source = model_in(source)
        if source.is_dir():
            check_kind(ModelFolder(source))
            ModelFolder(source).check_configs()
        if source.is_dir() or source.is_file():
            return source
        code = "not_a_file" if source.exists() else "missing"
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise ModelError("unreadable_file", file=source.name[:80], reason=reason) from error
    raise ModelError(code, file=source.name[:80])


def _run(arguments: list[str], report: Report, cancelled: threading.Event, seconds: float) -> None:
    """Run the child until it says how it ended.

    Raises:
        ModelError: what the child said, or how it died.
        Cancelled: if `cancelled` was set.
    """
    offline = {"HF_HUB_OFFLINE": "1", "PYTHONPATH": str(paths.ROOT), "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, "-m", WORKER, *arguments]
    deadline = time.monotonic() + seconds
    lines: queue.Queue[bytes] = queue.Queue()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=os.environ | offline
    ) as child:
        reader = threading.Thread(target=_pump, args=(child.stdout, lines), daemon=True)
        reader.start()
        try:
            _follow(lines, report, cancelled, deadline)
        finally:
            child.kill()
            reader.join()


def _follow(
    lines: queue.Queue[bytes], report: Report, cancelled: threading.Event, deadline: float
) -> None:
    while line := _next_line(lines, cancelled, deadline):
        match msgspec.json.decode(line, type=Line):
            case Progress(stage, done, total):
                report(stage, done / max(total, 1))
            case Failed(code, values):
                raise ModelError(code, **values)
            case Ready():
                return
    raise ModelError("import_crashed")


def _pump(stream: IO[bytes] | None, lines: queue.Queue[bytes]) -> None:
    for line in stream or ():
        lines.put(line)
    lines.put(b"")


def _next_line(lines: queue.Queue[bytes], cancelled: threading.Event, deadline: float) -> bytes:
    while True:
        stop_if(cancelled, "import_cancelled")
        if time.monotonic() > deadline:
            raise ModelError("import_too_slow")
        try:
            return lines.get(timeout=0.2)
        except queue.Empty:
            continue
