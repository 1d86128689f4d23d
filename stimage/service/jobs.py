"""The service's own record of a job, how steps are written into it, when it is forgotten."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from statistics import median

from stimage.errors import Cancelled, Message
from stimage.request import Request, Step
from stimage.service.api import JobSnapshot, JobState

MAX_KEPT = 48  # finished jobs
MAX_KEPT_PER_VISITOR = 12
PREVIEW_SECONDS = 0.25  # between two previews
WATCHED_SECONDS = 2.0  # a job is watched so long after somebody asked for it
DECODE_STEPS = 1.5  # what decoding takes, in steps, as long as nobody has measured it

Clock = Callable[[], float]  # seconds; only differences count


@dataclass(eq=False, slots=True, kw_only=True)
class Job:
    """One picture on its way; the fields are those of `JobSnapshot`, and what only we know."""

    request: Request
    visitor: str
    model: str
    batch: str
    watched_at: float
    id: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    state: JobState = JobState.QUEUED
    step: int = 0
    total: int = 0
    preview: bytes | None = None
    png: bytes | None = None
    seconds: float = 0.0
    error: Message | None = None
    due_at: float | None = None

    def snapshot(self, place: int, now: float) -> JobSnapshot:
        """Return how the job stands."""
        known = self.due_at is not None and not self.state.over
        return JobSnapshot(
            id=self.id,
            visitor=self.visitor,
            batch=self.batch,
            model=self.model,
            request=self.request,
            state=self.state,
            place=place,
            step=self.step,
            total=self.total,
            preview=self.preview,
            png=self.png,
            seconds=self.seconds,
            seconds_left=max(0.0, (self.due_at or 0.0) - now) if known else None,
            error=self.error,
        )


def long_over(jobs: Iterable[Job]) -> list[Job]:
    """Return which jobs to forget: all but the newest finished ones, and fewer of each visitor.

    Args:
        jobs: in the order in which they came.
    """
    kept: dict[tuple[str, bool], int] = {}
    forget = []
    over = [job for job in jobs if job.state.over]
    for number, job in enumerate(reversed(over)):
        key = (job.visitor, job.png is None)  # a failure does not push out a picture
        kept[key] = kept.get(key, 0) + 1
        if number >= MAX_KEPT or kept[key] > MAX_KEPT_PER_VISITOR:
            forget.append(job)
    return forget


class StepRecorder:
    """Writes the steps of one drawing into its job, and stops it when the job is over."""

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
        self._preview_made = self.step_ended = clock()
        self._step_seconds: list[float] = []

    def on_step(self, step: Step) -> None:
        """Note a step that just ended.

        Raises:
            Cancelled: if the job is over.
        """
        job, now = self._job, self._clock()
        self._step_seconds.append(now - self.step_ended)
        self.step_ended = now
        preview = self._preview(step, now)
        with self._lock:
            if job.state.over:
                raise Cancelled
            job.step, job.total = step.index, step.total
            job.due_at = now + self._seconds_left(step)
            job.preview = preview or job.preview

    def _preview(self, step: Step, now: float) -> bytes | None:
        watched = now - self._job.watched_at < WATCHED_SECONDS
        if not watched or self._job.state.over or step.index == step.total:
            return None
        if now - self._preview_made < PREVIEW_SECONDS:
            return None
        self._preview_made = now
        return step.preview()

    def _seconds_left(self, step: Step) -> float:
        # The first step pays for the text encoder and for warming up.
        each = median(self._step_seconds[1:] or self._step_seconds)
        decode = DECODE_STEPS * each if self._decode_seconds is None else self._decode_seconds
        return each * (step.total - step.index) + decode
