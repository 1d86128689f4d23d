"""Import a checkpoint once: a child process opens, checks and rewrites it; later starts map that.

The child (`checkpoint_folder.py`) may meet a hostile file: it has a limit of memory and of time,
no network, and only what it wrote whole is moved to where models lie.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO

from stimage import paths
from stimage.errors import Cancelled, ModelError
from stimage.models import catalog, library
from stimage.progress import Report

SECONDS = 120  # an import may take this long
BYTES_PER_SECOND = 10_000_000  # and so much longer for its size
CHILD_MIB = 900  # what the child needs besides the file's own pages


def import_model(
    source: Path,
    name: str = "",
    *,
    facts: dict[str, str] | None = None,
    on_progress: Report = lambda _what, _share: None,
    cancelled: threading.Event | None = None,
    seconds: float | None = None,
) -> str:
    """Check a checkpoint file or a diffusers folder, and keep it in this machine's compute type.

    Args:
        source: the file or folder; it is only read.
        name: under which it is kept; made from the file's name when empty.
        facts: what to note: title, licence, catalog (the name of its entry).
        on_progress: called from the calling thread.
        cancelled: set by another thread to stop.
        seconds: the time limit; by default it grows with the size.

    Returns:
        The name under which `load_pipeline` finds it.

    Raises:
        ModelError: for what is wrong with it, or "exists", "disk", "memory", "time".
        Cancelled: when it was stopped; nothing is left behind.
    """
    size = _size(source)
    if not source.exists():
        raise ModelError(f"There is no file “{source.name}”. Check the path.", code="missing")
    title = source.stem if source.is_file() else source.name
    name = name or library.free_name(title)
    target = catalog.models_folder() / name
    if target.exists():
        raise ModelError(f"There is already a model “{name}”. Remove it first.", code="exists")
    library.check_disk(2 * size)
    library.check_memory_left(CHILD_MIB, "Importing a model")
    part = target.with_name(f".{name}.importing")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    limit = seconds or SECONDS + size / BYTES_PER_SECOND
    notes = {"title": title, **(facts or {})}
    command = [sys.executable, "-m", "stimage.importing.worker"]
    try:
        _run(
            [*command, str(source.resolve()), str(part.resolve()), json.dumps(notes)],
            on_progress,
            cancelled or threading.Event(),
            limit,
        )
        part.replace(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return name


def limit_memory(source: Path) -> None:
    """Let this process hold 3 GiB of its own and the file; who wants more has met a bomb."""
    try:
        import resource
    except ImportError:
        return  # Windows has no such limit
    limit = 3 * 2**30 + _size(source) * 5 // 4
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def _size(source: Path) -> int:
    if source.is_file():
        return source.stat().st_size
    if source.is_dir():
        return sum(file.stat().st_size for file in source.rglob("*") if file.is_file())
    return 0


def _run(command: list[str], report: Report, cancelled: threading.Event, limit: float) -> None:
    """Run the child until it says how it ended.

    Raises:
        ModelError: what the child said, or how it died.
        Cancelled: if `cancelled` was set.
    """
    offline = {"HF_HUB_OFFLINE": "1", "PYTHONPATH": str(paths.ROOT), "PYTHONWARNINGS": "ignore"}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=os.environ | offline
    )
    lines: queue.Queue[bytes] = queue.Queue()
    stream = process.stdout
    if stream is None:  # for the type checker: stdout is a pipe
        raise ModelError("The import could not start.", code="child")
    reader = threading.Thread(target=_pump, args=(stream, lines), daemon=True)
    reader.start()
    deadline = time.monotonic() + limit
    try:
        while line := _next_line(lines, cancelled, deadline):
            said = json.loads(line)
            if "error" in said:
                raise ModelError(said["error"], code=said["code"])
            if "ready" in said:
                return
            report(said["stage"], said["done"] / max(said["total"], 1))
    finally:
        process.kill()
        process.wait()
        reader.join()
        stream.close()
    raise ModelError(
        "The import broke down before it could say why, most likely for want of memory. "
        "Close other programs and try again, or use a .safetensors file.",
        code="child",
    )


def _pump(stream: IO[bytes], lines: queue.Queue[bytes]) -> None:
    for line in stream:
        lines.put(line)
    lines.put(b"")


def _next_line(lines: queue.Queue[bytes], cancelled: threading.Event, deadline: float) -> bytes:
    while True:
        if cancelled.is_set():
            raise Cancelled("The import was stopped; nothing was kept.")
        if time.monotonic() > deadline:
            raise ModelError(
                "The file took longer to read than any model needs. It is not opened.", code="time"
            )
        try:
            return lines.get(timeout=0.2)
        except queue.Empty:
            continue
