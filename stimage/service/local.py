"""The queue before the engine: one worker thread, jobs that any thread may read.

Knows neither Streamlit nor torch. The worker writes plain values into a `Job`; a page reads
them whenever it likes.
"""

from __future__ import annotations

import atexit
import gc
import io
import itertools
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PIL import Image

from stimage.errors import Cancelled, QueueFull
from stimage.hardware.memory import give_back
from stimage.i18n import sentence
from stimage.images.png_metadata import write_png
from stimage.request import Request
from stimage.service.jobs import Job, Watch, long_over

if TYPE_CHECKING:
    from stimage.inference.engine import Engine

__all__ = ["Job", "Studio"]

MAX_WAITING = 20
MAX_WAITING_PER_VISITOR = 2
CLOSING_SECONDS = 10.0
log = logging.getLogger(__name__)


class Studio:
    """Takes wishes from visitors and has them drawn, one at a time, visitors in turn."""

    def __init__(self, load_engine: Callable[[str], Engine], model: str) -> None:
        """Open the studio; nothing is loaded before the first picture is wanted.

        Args:
            load_engine: makes the engine for a model's name; called by the worker only.
            model: which model draws, until `use_model`.
        """
        self.model = model
        self.model_state = "not loaded"  # then "loading", "ready" or "failed"
        self.model_problem = ""
        self.picture_seconds: dict[str, float] = {}  # what each model's last picture took here
        self._load_engine = load_engine
        self._engine: Engine | None = None
        self._engine_model = ""
        self._decode_seconds: float | None = None
        self._changed = threading.Condition(threading.RLock())
        self._jobs: dict[str, Job] = {}  # in order of submission
        self._drawing: Job | None = None
        self._turn = 0  # of the job that was taken last
        self._load_wanted = False
        self._wishes = itertools.count()
        self._worker: threading.Thread | None = None
        atexit.register(self.close)

    # What pages call

    def submit(self, request: Request, visitor: str) -> Job:
        """Queue one picture and return at once.

        Raises:
            QueueFull: with a sentence.
        """
        return self.submit_all([request], visitor)[0]

    def submit_all(self, requests: Sequence[Request], visitor: str) -> list[Job]:
        """Queue some pictures as one wish: all of them, or none.

        Raises:
            QueueFull: if too many pictures are waiting, or two wishes of this visitor.
        """
        with self._changed:
            waiting = self._line()
            own = {job.wish for job in waiting if job.visitor == visitor}
            if len(own) >= MAX_WAITING_PER_VISITOR:
                raise QueueFull("Two of your wishes are waiting already. Let one be drawn first.")
            if len(waiting) + len(requests) > MAX_WAITING:
                raise QueueFull("Many pictures are waiting already. Try again in a minute.")
            wish = next(self._wishes)
            jobs = [
                Job(request=request, visitor=visitor, model=self.model, wish=wish, turn=turn)
                for turn, request in enumerate(requests, start=self._next_turn(visitor))
            ]
            self._jobs.update((job.id, job) for job in jobs)
            self._update()
        return jobs

    def job(self, job_id: str) -> Job | None:
        """Return the job, or None if there is none of this id or it was long ago."""
        job = self._jobs.get(job_id)
        if job is not None:
            job.watched_at = time.monotonic()
            self._keep_working()
        return job

    def cancel(self, job_id: str) -> None:
        """Stop a job that is not over; its picture is thrown away within one step."""
        with self._changed:
            job = self._jobs.get(job_id)
            if job is not None and not job.over:
                self._end(job, "cancelled")

    def use_model(self, name: str) -> None:
        """Let another model draw what is submitted from now on, and load it."""
        with self._changed:
            self.model, self.model_problem = name, ""
            self.model_state = "ready" if name == self._engine_model else "loading"
            self._load_wanted = True
            self._update()

    def close(self) -> None:
        """Stop everything, at most a step from now: Python must not end in the midst of torch."""
        with self._changed:
            for job in list(self._jobs.values()):
                self.cancel(job.id)
            self._changed.wait_for(lambda: self._drawing is None, timeout=CLOSING_SECONDS)

    # The queue; every method here is called with the lock held

    def _line(self) -> list[Job]:
        """Return the waiting jobs in the order in which they will be drawn."""
        waiting = (job for job in self._jobs.values() if job.state == "waiting")
        return sorted(
            (job for job in waiting if job is not self._drawing), key=lambda job: job.turn
        )

    def _next_turn(self, visitor: str) -> int:
        """Return the turn of a visitor's next picture (start-time fair queueing, Goyal 1996).

        It comes after the visitor's other pictures, and not before what is drawn now.
        """
        own = (job for job in self._jobs.values() if job.visitor == visitor)
        counted = (job.turn + 1 for job in own if job.state == "waiting" or job.total)
        return max([self._turn, *counted])

    def _update(self) -> None:
        """Tell everybody their place, forget what is long over and wake the worker."""
        busy = self._drawing is not None
        for place, job in enumerate(self._line(), start=int(busy)):
            job.place = place
        for old in long_over(self._jobs.values()):
            del self._jobs[old.id]
        self._changed.notify_all()
        self._keep_working()

    def _end(self, job: Job, state: str, problem: str = "") -> None:
        job.problem, job.preview, job.place = problem, None, 0
        job.state = state  # last: who sees the state finds the rest in order
        self._update()

    # The worker

    def _keep_working(self) -> None:
        """Start the worker thread, if there is none or it died."""
        with self._changed:
            if self._worker is None or not self._worker.is_alive():
                self._worker = threading.Thread(target=self._work, name="worker", daemon=True)
                self._worker.start()

    def _work(self) -> None:
        try:
            while True:
                self._serve(*self._next())
                give_back()  # what loading or drawing left
        finally:  # only something like SystemExit comes here; the next jobs get a new worker
            with self._changed:
                self._worker = None
                self._keep_working()

    def _next(self) -> tuple[Job | None, str]:
        """Wait for a job, or for a model to be loaded ahead of one."""
        with self._changed:
            self._changed.wait_for(lambda: self._load_wanted or self._line())
            self._drawing = next(iter(self._line()), None)
            if self._drawing is not None:
                self._turn = self._drawing.turn
                return self._drawing, self._drawing.model
            self._load_wanted = False
            return None, self.model

    def _serve(self, job: Job | None, model: str) -> None:
        problem = "The drawing broke off. Try again."
        try:
            engine = self._engine_for(model)
            if job is not None:
                self._draw(job, engine)
        except Cancelled:
            pass
        except Exception as error:
            log.exception("A job failed.")
            problem = sentence(error)
        finally:
            with self._changed:
                self._drawing = None
                if job is not None and not job.over:
                    self._end(job, "failed", problem)
                self._update()

    def _engine_for(self, model: str) -> Engine:
        if self._engine is not None and self._engine_model == model:
            return self._engine
        self._engine, self._engine_model, self._decode_seconds = None, "", None
        gc.unfreeze()
        gc.collect()  # the old model is gone before the new one comes
        self._note_model(model, "loading")
        try:
            self._engine = self._load_engine(model)
        except Exception as error:
            self._note_model(model, "failed", sentence(error))
            raise
        self._engine_model = model
        gc.collect()
        gc.freeze()  # half a million objects of the libraries, never to be walked again
        self._note_model(model, "ready")
        return self._engine

    def _note_model(self, model: str, state: str, problem: str = "") -> None:
        with self._changed:
            if model == self.model:
                self.model_problem, self.model_state = problem, state

    def _draw(self, job: Job, engine: Engine) -> None:
        request = engine.completed(job.request)
        with self._changed:
            if job.over:  # cancelled while the model was loading
                raise Cancelled
            job.total = request.num_inference_steps or 0
            job.state = "drawing"
        watch = Watch(job, self._decode_seconds)
        picture = engine.generate(request, on_step=watch.on_step)
        self._decode_seconds = time.monotonic() - watch.step_ended
        self.picture_seconds[picture.model] = picture.seconds
        png = write_png(picture)
        with self._changed:
            if job.over:  # cancelled after the last step
                raise Cancelled
            # Many are kept: the pixels are decoded from the file again when somebody wants them.
            job.picture = replace(picture, image=Image.open(io.BytesIO(png)))
            job.png = png
            self._end(job, "done")
