"""Which apps are alive that share a folder: each holds a lock there as long as it lives.

The lock is SQLite's own on an empty file. The system lets it go when the process ends, however
that happens, on Linux, macOS and Windows alike.
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path


class AppLock:
    """The lock of one app, held until `release`."""

    def __init__(self, folder: Path, app: str) -> None:
        """Take the lock.

        Raises:
            sqlite3.Error: if another process holds it, or the folder can't be written.
        """
        self._file = _file(folder, app)
        self._held = sqlite3.connect(
            self._file, timeout=0, isolation_level=None, check_same_thread=False
        )
        try:
            self._held.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error:
            self._held.close()
            raise

    def release(self) -> None:
        """Let the lock go, and leave nothing behind."""
        self._held.close()
        with contextlib.suppress(OSError):
            self._file.unlink()


def locked_apps(folder: Path) -> set[str]:
    """Return the apps that have a lock file here, alive or not."""
    return {file.stem for file in folder.glob("*.lock")}


def bury(folder: Path, app: str) -> bool:
    """Remove the lock file of an app that is no longer alive; return whether it is so."""
    try:
        AppLock(folder, app).release()
    except sqlite3.Error:
        return False
    return True


def _file(folder: Path, app: str) -> Path:
    return folder / f"{app}.lock"
