"""Starts the server again when its event loop stands still, which nothing else would end.

A thread that dies at birth, because memory has run out, is waited for without end by whoever
starts it; Streamlit starts threads in its event loop. The server then answers nobody and heeds no
signal. The process becomes a new one in its place; jobs and pictures that are kept go on.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import Callable, Mapping

from stimage.i18n import text

PATIENCE_SECONDS = 30.0
MAX_FILES = 65_536
START_AGAIN = 75  # the exit code that asks `run.py` to do it, where a process can't itself


def watch(
    loop: asyncio.AbstractEventLoop,
    start_again: Callable[[], object],
    seconds: float = PATIENCE_SECONDS,
) -> Callable[[], None]:
    """Look in a thread whether the loop still does what it is asked; return how to end that.

    Args:
        loop: it runs.
        start_again: called once, in the thread, when the loop does nothing any more.
        seconds: so long it may take.
    """
    ended, answered = threading.Event(), threading.Event()

    def look() -> None:
        while not ended.wait(seconds / 3):
            answered.clear()
            try:
                loop.call_soon_threadsafe(answered.set)
            except RuntimeError:  # the loop is closed
                return
            except MemoryError:
                pass  # it may come back in time
            if not answered.wait(seconds) and not ended.is_set():
                start_again()
                return

    threading.Thread(target=look, name="watchdog", daemon=True).start()
    return ended.set


def starter(environment: Mapping[str, str]) -> Callable[[], None]:
    """Return what starts this process again as it was started, with these variables besides.

    Everything is made ready now: then there may be no memory left.
    """
    command = [sys.executable, *sys.orig_argv[1:]]
    variables = {**os.environ, **environment}
    said = (text("start.again", seconds=PATIENCE_SECONDS) + "\n").encode()

    def start_again() -> None:
        os.write(2, said)
        if os.name != "nt":
            os.closerange(3, MAX_FILES)  # the server's sockets would outlive it and hold the port
            with contextlib.suppress(OSError, MemoryError):
                os.execve(command[0], command, variables)  # noqa: S606 (as it was started)
        os._exit(START_AGAIN)

    return start_again
