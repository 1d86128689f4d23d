"""The processes of a running app and what they hold."""

from __future__ import annotations

import psutil

WORKER = "stimage.service.worker"


def worker_of(app: psutil.Process) -> psutil.Process:
    """Return the process that draws for an app.

    Raises:
        LookupError: if there is none.
    """
    for child in app.children():
        if WORKER in child.cmdline():
            return child
    raise LookupError("Nothing draws for this app now.")


def rss_mib(process: psutil.Process) -> float:
    """Return the resident memory of a process in MiB."""
    return float(process.memory_info().rss) / 2**20
