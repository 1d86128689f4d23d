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
from stimage.service.api import JobSnapshot, ModelState, ModelStatus
from stimage.service.drawing_thread import DrawingThread
from stimage.service.fair_queue import FairQueue
from stimage.service.job_table import JobTable
from stimage.service.jobs import Clock
from stimage.service.runner import Runner

if TYPE_CHECKING:
    from stimage.service.store import Store

CLOSING_SECONDS = 10.0


class LocalService:
    """An `ImageService` with its queue on this computer; each of its runners draws one picture."""

    def __init__(
        self,
        runner: Runner,
        model: str,
        *,
        clock: Clock = time.monotonic,
        people_per_address: int = 1,
        store: Store | None = None,
        beside: Sequence[Runner] = (),
    ) -> None:
        """Open; nothing is loaded, and no thread runs, before the first picture is wanted.

        It is wanted at once if the store has jobs from before a restart.

        Args:
            runner: draws; it belongs to this service.
            model: which model draws, until `use_model`.
            clock: in seconds.
            people_per_address: as how many people the visitors of one address count at most.
            store: where jobs and pictures are kept; None for in memory only.
            beside: further runners, which draw at the same time; they belong to it, too.
        """
        self._lock = threading.Condition(threading.RLock())
        self._runners = (runner, *beside)
        self._table = JobTable(FairQueue(people_per_address), clock, store)
        self._threads = [
            DrawingThread(each, self._table, model, clock, self._lock) for each in self._runners
        ]
        _OPEN.add(self)
        with self._lock:
            self._wake()

    def submit(self, requests: Sequence[Request], visitor: str, address: str = "") -> list[str]:
        """See `ImageService.submit`."""
        with self._lock:
            model = self._threads[0].status.name
            ids = self._table.add(requests, model, visitor, address)
            self._wake()
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
            self._wake()

    def status(self) -> ModelStatus:
        """See `ImageService.status`."""
        found = [thread.status for thread in self._threads]
        best = next((each for each in found if each.state is ModelState.READY), found[0])
        seconds = {name: s for each in found for name, s in each.picture_seconds.items()}
        memory_only = self._table.memory_only
        return replace(best, picture_seconds=seconds, memory_only=memory_only)

    def use_model(self, name: str) -> None:
        """See `ImageService.use_model`."""
        with self._lock:
            for thread in self._threads:
                thread.use_model(name)

    def close(self) -> None:
        """See `ImageService.close`."""
        with self._lock:
            self._table.close()
            closing = [thread.begin_to_close() for thread in self._threads]
        for runner in self._runners:
            runner.close()
        for thread in filter(None, closing):
            thread.join(CLOSING_SECONDS)

    def _wake(self) -> None:
        for thread in self._threads:
            thread.wake()


_OPEN: weakref.WeakSet[LocalService] = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    for service in list(_OPEN):
        service.close()
