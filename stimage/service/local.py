"""The service of one computer: the queue, the jobs, and a thread that has them drawn."""

from __future__ import annotations

import atexit
import threading
import time
import weakref
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from stimage.request import Request
from stimage.service.api import JobSnapshot, ModelStatus
from stimage.service.drawing_thread import DrawingThread
from stimage.service.fair_queue import FairQueue
from stimage.service.job_table import JobTable
from stimage.service.jobs import Clock
from stimage.service.runner import Runner

if TYPE_CHECKING:
    from stimage.service.store import Store

CLOSING_SECONDS = 10.0


class LocalService:
    """An `ImageService` that draws on this computer, one picture at a time."""

    def __init__(
        self,
        runner: Runner,
        model: str,
        clock: Clock = time.monotonic,
        people_per_address: int = 1,
        store: Store | None = None,
    ) -> None:
        """Open; nothing is loaded, and no thread runs, before the first picture is wanted.

        It is wanted at once if the store has jobs from before a restart.

        Args:
            runner: draws; it belongs to this service.
            model: which model draws, until `use_model`.
            clock: in seconds.
            people_per_address: as how many people the visitors of one address count at most.
            store: where jobs and pictures are kept; None for in memory only.
        """
        self._lock = threading.Condition(threading.RLock())
        self._runner = runner
        self._table = JobTable(FairQueue(people_per_address), clock, store)
        self._drawing = DrawingThread(runner, self._table, model, clock, self._lock)
        _OPEN.add(self)
        with self._lock:
            self._drawing.wake()

    def submit(self, requests: Sequence[Request], visitor: str, address: str = "") -> list[str]:
        """See `ImageService.submit`."""
        with self._lock:
            model = self._drawing.status.name
            ids = self._table.add(requests, model, visitor, address)
            self._drawing.wake()
        return ids

    def snapshot(self, job_id: str) -> JobSnapshot | None:
        """See `ImageService.snapshot`."""
        with self._lock:
            return self._table.snapshot(job_id)

    def watch(self, job_id: str) -> JobSnapshot | None:
        """See `ImageService.watch`."""
        with self._lock:
            self._table.note_watched(job_id)
            return self._table.snapshot(job_id)

    def cancel(self, job_id: str, visitor: str) -> None:
        """See `ImageService.cancel`."""
        with self._lock:
            self._table.cancel(job_id, visitor)
            self._drawing.wake()

    def status(self) -> ModelStatus:
        """See `ImageService.status`."""
        return replace(self._drawing.status, memory_only=self._table.memory_only)

    def use_model(self, name: str) -> None:
        """See `ImageService.use_model`."""
        with self._lock:
            self._drawing.use_model(name)

    def close(self) -> None:
        """See `ImageService.close`: Python must not end in the midst of torch."""
        with self._lock:
            self._table.close()
            thread = self._drawing.begin_to_close()
        self._runner.close()
        if thread is not None:
            thread.join(CLOSING_SECONDS)


_OPEN: weakref.WeakSet[LocalService] = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    for service in list(_OPEN):
        service.close()
