"""The thread of a service that takes job after job and has each drawn."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace

from stimage.errors import Cancelled, Message, StimageError
from stimage.i18n import message_of
from stimage.service.api import JobState, ModelState, ModelStatus
from stimage.service.job_table import JobTable
from stimage.service.jobs import Clock, Job
from stimage.service.runner import Runner, WorkerDied
from stimage.service.step_recorder import StepRecorder

MAX_RESTARTS = 1  # of one drawing whose worker died; the next death is blamed on the request
log = logging.getLogger(__name__)


class DrawingThread:
    """Draws what is queued, one picture at a time, with the model each job asks for.

    The thread runs from the first job on. If it dies, the next job starts another one.
    """

    def __init__(
        self, runner: Runner, table: JobTable, model: str, clock: Clock, lock: threading.Condition
    ) -> None:
        """Start nothing yet.

        Args:
            runner: draws.
            table: has the jobs.
            model: which model is loaded first.
            clock: in seconds.
            lock: held while jobs and status are read or written; notified at each change.
        """
        self.status = ModelStatus(name=model)
        self._runner, self._table, self._clock, self._lock = runner, table, clock, lock
        self._decode_seconds: dict[str, float] = {}  # by model, of its last picture
        self._load_wanted = self._closing = False
        self._thread: threading.Thread | None = None
        self._job: Job | None = None  # the one that is drawn

    # Called with the lock held

    def wake(self) -> None:
        """Tell the thread that something changed; start it if there is something to do."""
        if self._job is not None and self._job.state.over:
            self._runner.stop()
        self._lock.notify_all()
        if (self._table.waiting or self._load_wanted) and self._thread is None:
            thread = threading.Thread(target=self._work, name="worker", daemon=True)
            thread.start()  # a system out of threads refuses; the next request tries again
            self._thread = thread

    def use_model(self, name: str) -> None:
        """Let another model draw what is submitted from now on, and load it."""
        ready = name == self._runner.model
        self._set_status(name, ModelState.READY if ready else ModelState.LOADING)
        self._load_wanted = True
        self.wake()

    def begin_to_close(self) -> threading.Thread | None:
        """Let the thread end with what it does now; return it, to be joined without the lock."""
        self._load_wanted = False
        self._closing = self._thread is not None
        self._lock.notify_all()
        return self._thread

    def _set_status(self, name: str, state: ModelState, error: Message | None = None) -> None:
        self.status = replace(self.status, name=name, state=state, error=error)

    # The thread

    def _work(self) -> None:
        try:
            while (task := self._next()) is not None:
                self._serve(*task)
        finally:  # closed, or SystemExit and the like; what is queued by now gets a new thread
            with self._lock:
                self._thread, self._closing = None, False
                self.wake()

    def _next(self) -> tuple[Job | None, str] | None:
        """Wait for a job, or for a model to be loaded ahead of one; None when closing."""
        with self._lock:
            self._lock.wait_for(lambda: self._table.waiting or self._load_wanted or self._closing)
            if self._closing:
                return None
            self._job = job = self._table.next()
            model = self.status.name if job is None else job.model
            if model == self.status.name:
                self._load_wanted = False
            return job, model

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
            with self._lock:
                self._job = None
                if job is not None:
                    self._table.drawn(job)
                    if not job.state.over:
                        self._table.end(job, JobState.FAILED, error)
                self._lock.notify_all()

    def _ensure_loaded(self, model: str) -> None:
        if self._runner.model == model:
            return
        self._note(model, ModelState.LOADING)
        try:
            self._load(model)
        except Cancelled:
            self._note(model, ModelState.NOT_LOADED)
            raise
        except Exception as error:
            self._note(model, ModelState.FAILED, message_of(error))
            raise
        self._note(model, ModelState.READY)

    def _load(self, model: str) -> None:
        try:
            self._runner.load(model)
        except WorkerDied:
            with self._lock:
                if self._closing:
                    raise Cancelled from None
            self._runner.load(model)

    def _note(self, model: str, state: ModelState, error: Message | None = None) -> None:
        with self._lock:
            if model == self.status.name:
                self._set_status(model, state, error)

    def _draw(self, job: Job) -> None:
        """Draw a job, again from the start if its worker dies."""
        while True:
            recorder = StepRecorder(
                job, self._decode_seconds.get(job.model), self._clock, self._lock
            )
            try:
                drawn = self._runner.draw(job.request, recorder)
                break
            except WorkerDied:
                with self._lock:
                    if job.state.over:
                        raise Cancelled from None
                    if job.restarts >= MAX_RESTARTS:
                        raise
                    job.begin_again()
                    self._table.save(job)
            self._ensure_loaded(job.model)
        pictures = 1 + len(job.request.variants)
        self._decode_seconds[job.model] = (self._clock() - recorder.step_ended) / pictures
        with self._lock:
            if job.state.over:  # cancelled after the last step
                raise Cancelled
            seconds = {**self.status.picture_seconds, drawn.model: drawn.seconds / pictures}
            self.status = replace(self.status, picture_seconds=seconds)
            job.model, job.seconds, job.png = drawn.model, drawn.seconds, drawn.png
            self._table.end(job, JobState.DONE)
