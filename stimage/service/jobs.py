"""The service's own record of a job, how steps are written into it, when it is forgotten."""

from __future__ import annotations

import secrets
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

    def __init__(self, job: Job, decode_seconds: float | None, clock: Clock) -> None:
        self._job, self._decode_seconds, self._clock = job, decode_seconds, clock
        self._preview_made = self.step_ended = clock()
        self._step_seconds: list[float] = []

    def on_step(self, step: Step) -> None:
        """Note a step that just ended.

        Raises:
            Cancelled: if the job is over.
        """
        job, now = self._job, self._clock()
        if job.state.over:
            raise Cancelled
        self._step_seconds.append(now - self.step_ended)
        self.step_ended = now
        # The first step pays for the text and for warming up.
        each = median(self._step_seconds[1:] or self._step_seconds)
        decode = DECODE_STEPS * each if self._decode_seconds is None else self._decode_seconds
        job.due_at = now + each * (step.total - step.index) + decode
        job.total, job.step = step.total, step.index
        watched = now - job.watched_at < WATCHED_SECONDS
        if watched and now - self._preview_made >= PREVIEW_SECONDS and step.index < step.total:
            job.preview, self._preview_made = step.preview(), now
