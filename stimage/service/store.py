"""Jobs and pictures on the disk, so that neither is lost when the app ends, however that happens.

One SQLite file, written ahead (WAL), for all apps that share the folder. A job that is not over
belongs to the app that took it; when that is no longer alive, the next one to start takes it over.
A disk that can't be written is a `problem`, never an error: the service goes on in memory.
"""

from __future__ import annotations

import contextlib
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from stimage.errors import Message, StimageError
from stimage.service.api import JobSnapshot
from stimage.service.app_lock import AppLock, bury, locked_apps
from stimage.service.jobs import Job
from stimage.service.record import job_of, record_of

FILE = "pictures-1.sqlite3"  # the number is that of its form
KEPT_SECONDS = 30 * 24 * 3600.0
KEPT_BYTES = 500_000_000
ROW_BYTES = 1000  # what a job takes besides its picture
CACHE_KIB = 256  # of pages in memory; a picture is read once, when its link is opened
TIDY_EVERY = 20  # jobs that ended
MAX_UNSAVED = 100  # jobs; as many are kept at once where a full disk has room again
SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, app TEXT NOT NULL, changed REAL NOT NULL, over INTEGER NOT NULL,
    record BLOB NOT NULL, png BLOB
)
"""
SAVE = """
INSERT INTO jobs VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
changed = excluded.changed, over = excluded.over, record = excluded.record, png = excluded.png
"""
TAKE_OVER = "UPDATE jobs SET app = ? WHERE app = ? AND NOT over"
UNFINISHED = "SELECT id, record, png FROM jobs WHERE app = ? AND NOT over ORDER BY rowid"
FINISHED = "SELECT id, record, png FROM jobs WHERE id = ? AND over"
TOO_OLD = "DELETE FROM jobs WHERE over AND changed < ?"
BYTES = "SELECT coalesce(sum(coalesce(length(png), 0) + ?), 0) FROM jobs WHERE over"
TOO_MUCH = """
DELETE FROM jobs WHERE id IN (SELECT id FROM (
    SELECT id, sum(coalesce(length(png), 0) + ?) OVER (ORDER BY changed DESC, rowid DESC) AS bytes
    FROM jobs WHERE over
) WHERE bytes > ?)
"""


class Store:
    """The jobs of one app. One thread at a time calls it."""

    def __init__(
        self, folder: Path, now: Callable[[], float] = time.time, most_bytes: int = KEPT_BYTES
    ) -> None:
        """Open the folder, made if it is missing.

        Args:
            folder: where the file is, and nothing else.
            now: the time of day in seconds, for the age of pictures.
            most_bytes: of all that is kept; the oldest goes first.
        """
        self.problem: Message | None = None  # why nothing is kept at the moment
        self._now, self._most_bytes = now, most_bytes
        self._app, self._ended = secrets.token_hex(8), 0
        self._unsaved: dict[str, Job] = {}
        self._db: sqlite3.Connection | None = None
        self._lock: AppLock | None = None
        with self._noting_problems():
            self._db = self._open(folder)

    def unfinished(self) -> list[Job]:
        """Return the jobs that this app took over, the oldest first."""
        return self._jobs(UNFINISHED, self._app)

    def find(self, job_id: str) -> JobSnapshot | None:
        """Return how a job ended; None if there is none of this id, or it is not over."""
        return next((job.snapshot(0, 0.0) for job in self._jobs(FINISHED, job_id)), None)

    def save(self, jobs: Sequence[Job]) -> None:
        """Keep how jobs stand now, and those for which there was no room before."""
        if self._db is None:
            return
        self._unsaved.update((job.id, job) for job in jobs)
        self._ended += sum(job.state.over for job in jobs)
        with self._noting_problems():
            with _writing(self._db):
                if self._ended >= TIDY_EVERY:
                    self._tidy(self._db)
                    self._ended = 0
                self._db.executemany(SAVE, [self._row(job) for job in self._unsaved.values()])
            self._unsaved.clear()
            self.problem = None
        for job_id in list(self._unsaved)[:-MAX_UNSAVED]:
            del self._unsaved[job_id]

    def close(self) -> None:
        """Let another app take over what is not over; nothing is kept from now on."""
        if self._db is not None:
            self._db.close()
        if self._lock is not None:
            self._lock.release()
        self._db, self._lock, self.problem = None, None, Message("pictures_in_memory")

    def _open(self, folder: Path) -> sqlite3.Connection:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        db = sqlite3.connect(folder / FILE, isolation_level=None, check_same_thread=False)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")  # a killed app loses nothing
        db.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        db.execute(SCHEMA)
        with _writing(db):  # one app at a time
            self._lock = AppLock(folder, self._app)
            owners = {str(app) for (app,) in db.execute("SELECT app FROM jobs WHERE NOT over")}
            for app in (owners | locked_apps(folder)) - {self._app}:
                if bury(folder, app):
                    db.execute(TAKE_OVER, (self._app, app))
            self._tidy(db)
        return db

    def _tidy(self, db: sqlite3.Connection) -> None:
        """Delete what is too old, and the oldest of what is too much."""
        db.execute(TOO_OLD, (self._now() - KEPT_SECONDS,))
        [(kept,)] = db.execute(BYTES, (ROW_BYTES,))
        if kept > self._most_bytes:
            db.execute(TOO_MUCH, (ROW_BYTES, self._most_bytes))

    def _row(self, job: Job) -> tuple[object, ...]:
        return job.id, self._app, self._now(), job.state.over, record_of(job), job.png

    def _jobs(self, query: str, value: str) -> list[Job]:
        """Return the jobs that a query finds; a row that nobody can read is left out."""
        jobs: list[Job] = []
        if self._db is not None:
            with self._noting_problems():
                for row in self._db.execute(query, (value,)).fetchall():
                    with contextlib.suppress(msgspec.MsgspecError, StimageError):
                        jobs.append(job_of(*row))
        return jobs

    @contextlib.contextmanager
    def _noting_problems(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError, MemoryError) as error:
            self.problem = _problem(error)


@contextlib.contextmanager
def _writing(db: sqlite3.Connection) -> Iterator[None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _problem(error: sqlite3.Error | OSError | MemoryError) -> Message:
    if getattr(error, "sqlite_errorname", "") == "SQLITE_FULL":
        return Message("store_disk_full")
    reason = getattr(error, "strerror", "") or str(error) or type(error).__name__
    return Message("store_failed", {"reason": reason[:80]})
