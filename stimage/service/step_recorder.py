"""How the steps of a drawing are written into its job, and how it is stopped when that is over."""

from __future__ import annotations

import threading
from statistics import median

from stimage.errors import Cancelled, StimageError
from stimage.request import Request
from stimage.service.api import JobState
from stimage.service.jobs import Clock, Job

PREVIEW_SECONDS = 0.25  # between two previews
WATCHED_SECONDS = 2.0  # a job is watched so long after somebody asked for it
DECODE_STEPS = 1.5  # what decoding takes, in steps, as long as nobody has measured it


class StepRecorder:
    """Follows one drawing."""

    def __init__(
        self, job: Job, decode_seconds: float | None, clock: Clock, lock: threading.Condition
    ) -> None:
        """Begin to measure.

        Args:
            job: the one that is drawn.
            decode_seconds: how long the model's last decoding took; None: not measured yet.
            clock: in seconds.
            lock: held while the job is written.
        """
        self._job, self._decode_seconds, self._clock, self._lock = job, decode_seconds, clock, lock
        self._preview_wanted = self.step_ended = clock()
        self._step_seconds: list[float] = []

    def on_begin(self, request: Request) -> None:
        """Note that the drawing begins.

        Raises:
            Cancelled: if the job is over.
        """
        with self._lock:
            self._stop_if_over()
            self._job.request, self._job.total = request, request.num_inference_steps or 0
            self._job.state = JobState.RUNNING
        self._preview_wanted = self.step_ended = self._clock()

    def wants_preview(self) -> bool:
        """Return whether somebody looks, and the last preview was wanted a while ago."""
        now = self._clock()
        watched = now - self._job.watched_at < WATCHED_SECONDS
        wanted = watched and now - self._preview_wanted >= PREVIEW_SECONDS
        if wanted:
            self._preview_wanted = now
        return wanted

    def on_step(self, index: int, total: int, preview: bytes | None) -> None:
        """Note a step that just ended.

        Raises:
            Cancelled: if the job is over.
            StimageError: "unwatched", if nobody has asked for the job lately.
        """
        job, now = self._job, self._clock()
        self._step_seconds.append(now - self.step_ended)
        self.step_ended = now
        with self._lock:
            self._stop_if_over()
            if job.is_unwatched(now):
                raise StimageError("unwatched")
            job.step, job.total = index, total
            job.due_at = now + self._seconds_left(total - index)
            job.preview = preview or job.preview

    def _stop_if_over(self) -> None:
        if self._job.state.over:
            raise Cancelled

    def _seconds_left(self, steps: int) -> float:
        # The first step pays for the text encoder and for warming up.
        each = median(self._step_seconds[1:] or self._step_seconds)
        decode = DECODE_STEPS * each if self._decode_seconds is None else self._decode_seconds
        return each * steps + decode
