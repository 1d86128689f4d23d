"""The service of one process: the queue, the jobs and a worker in a thread of its own."""

from __future__ import annotations

import atexit
import itertools
import logging
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from stimage.errors import Cancelled, Message, StimageError
from stimage.i18n import message_of
from stimage.request import Request
from stimage.service.api import JobSnapshot, JobState, ModelState, ModelStatus
from stimage.service.fair_queue import FairQueue
from stimage.service.jobs import Clock, Job, long_over
from stimage.service.worker import Worker

if TYPE_CHECKING:
    from stimage.inference.engine import Engine

CLOSING_SECONDS = 10.0
log = logging.getLogger(__name__)


class LocalService:
    """An `ImageService` that draws in this process, one picture at a time."""

    def __init__(
        self,
        load_engine: Callable[[str], Engine],
        model: str,
        clock: Clock = time.monotonic,
        people_per_address: int = 1,
    ) -> None:
        """Open; nothing is loaded, and no thread runs, before the first picture is wanted.

        Args:
            load_engine: makes the engine for a model's name; called in the worker's thread.
            model: which model draws, until `use_model`.
            clock: in seconds.
            people_per_address: as how many people the visitors of one address count at most.
        """
        self._status = ModelStatus(name=model)
        self._clock = clock
        self._queue = FairQueue(people_per_address)
        self._jobs: dict[str, Job] = {}  # in order of submission
        self._running: Job | None = None
        self._changed = threading.Condition(threading.RLock())
        self._worker = Worker(load_engine, clock, self._changed)
        self._batches = itertools.count()
        self._load_wanted = self._closing = False
        self._thread: threading.Thread | None = None
        _OPEN.add(self)

    def submit(self, requests: Sequence[Request], visitor: str, address: str = "") -> list[str]:
        """See `ImageService.submit`."""
        with self._changed:
            batch = str(next(self._batches))
            now, model = self._clock(), self._status.name
            jobs = [
                Job(request=request, visitor=visitor, model=model, batch=batch, watched_at=now)
                for request in requests
            ]
            self._queue.push([job.id for job in jobs], visitor, batch, address)
            self._jobs.update((job.id, job) for job in jobs)
            self._tell()
        return [job.id for job in jobs]

    def snapshot(self, job_id: str) -> JobSnapshot | None:
        """See `ImageService.snapshot`."""
        with self._changed:
            job = self._jobs.get(job_id)
            return None if job is None else job.snapshot(self._place(job), self._clock())

    def watch(self, job_id: str) -> JobSnapshot | None:
        """See `ImageService.watch`."""
        with self._changed:
            if job_id in self._jobs:
                self._jobs[job_id].watched_at = self._clock()
            return self.snapshot(job_id)

    def cancel(self, job_id: str, visitor: str) -> None:
        """See `ImageService.cancel`."""
        with self._changed:
            job = self._jobs.get(job_id)
            if job is not None and job.visitor == visitor and not job.state.over:
                self._end(job, JobState.CANCELLED)

    def status(self) -> ModelStatus:
        """See `ImageService.status`."""
        return self._status

    def use_model(self, name: str) -> None:
        """See `ImageService.use_model`."""
        with self._changed:
            ready = name == self._worker.model
            self._set_status(name, ModelState.READY if ready else ModelState.LOADING)
            self._load_wanted = True
            self._tell()

    def close(self) -> None:
        """See `ImageService.close`: Python must not end in the midst of torch."""
        with self._changed:
            self._load_wanted = False
            for job in list(self._jobs.values()):
                self.cancel(job.id, job.visitor)
            thread = self._thread
            self._closing = thread is not None
            self._changed.notify_all()
        if thread is not None:
            thread.join(CLOSING_SECONDS)

    # Called with the lock held

    def _place(self, job: Job) -> int:
        order = self._queue.order()
        return order.index(job.id) + (self._running is not None) if job.id in order else 0

    def _end(self, job: Job, state: JobState, error: Message | None = None) -> None:
        job.state, job.error, job.preview = state, error, None
        self._queue.remove(job.id)
        self._tell()

    def _tell(self) -> None:
        """Forget what is long over, and wake the worker."""
        for old in long_over(self._jobs.values()):
            del self._jobs[old.id]
        self._changed.notify_all()
        if (self._queue or self._load_wanted) and self._thread is None:
            thread = threading.Thread(target=self._work, name="worker", daemon=True)
            thread.start()  # a system out of threads refuses; the next request tries again
            self._thread = thread

    def _set_status(self, name: str, state: ModelState, error: Message | None = None) -> None:
        self._status = replace(self._status, name=name, state=state, error=error)

    # The worker's thread

    def _work(self) -> None:
        try:
            while (task := self._next()) is not None:
                self._serve(*task)
                self._worker.tidy()
        finally:  # closed, or SystemExit and the like; what is queued by now gets a new thread
            with self._changed:
                self._thread, self._closing = None, False
                self._tell()

    def _next(self) -> tuple[Job | None, str] | None:
        """Wait for a job, or for a model to be loaded ahead of one; None when closing."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._load_wanted or self._closing)
            if self._closing:
                return None
            job_id = self._queue.pop()
            if job_id is not None:
                self._running = self._jobs[job_id]
                return self._running, self._running.model
            self._load_wanted = False
            return None, self._status.name

    def _serve(self, job: Job | None, model: str) -> None:
        error = Message("drawing_failed")
        try:
            self._ensure_loaded(model)
            if job is not None:
                self._draw(job)
        except Cancelled:
            pass
        except StimageError as known:
            error = known.message
        except Exception as unknown:
            log.exception("A job failed.")
            error = message_of(unknown)
        finally:
            with self._changed:
                self._running = None
                if job is not None and not job.state.over:
                    self._end(job, JobState.FAILED, error)

    def _ensure_loaded(self, model: str) -> None:
        if self._worker.model == model:
            return
        self._note(model, ModelState.LOADING)
        try:
            self._worker.load(model)
        except Exception as error:
            self._note(model, ModelState.FAILED, message_of(error))
            raise
        self._note(model, ModelState.READY)

    def _note(self, model: str, state: ModelState, error: Message | None = None) -> None:
        with self._changed:
            if model == self._status.name:
                self._set_status(model, state, error)

    def _draw(self, job: Job) -> None:
        request = self._worker.completed(job.request)
        with self._changed:
            if job.state.over:  # cancelled while the model was loading
                raise Cancelled
            job.request, job.total = request, request.num_inference_steps or 0
            job.state = JobState.RUNNING
        picture, png = self._worker.draw(job)
        with self._changed:
            if job.state.over:  # cancelled after the last step
                raise Cancelled
            seconds = {**self._status.picture_seconds, picture.model: picture.seconds}
            self._status = replace(self._status, picture_seconds=seconds)
            job.model, job.seconds, job.png = picture.model, picture.seconds, png
            self._end(job, JobState.DONE)


_OPEN: weakref.WeakSet[LocalService] = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    for service in list(_OPEN):
        service.close()
