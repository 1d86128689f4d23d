"""The service's own record of a job, and when it is forgotten."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from stimage.errors import Message
from stimage.request import Request
from stimage.service.api import JobSnapshot, JobState

# A queued job is dropped when nobody has asked for it so long: a minute, in which a browser lets
# even a hidden tab ask once, and some seconds on the way.
QUEUED_SECONDS = 75.0
RUNNING_SECONDS = 120.0  # and one that is being drawn
RESTARTED_SECONDS = 600.0  # for people to come back after a restart
MAX_KEPT = 48  # finished jobs
MAX_KEPT_PER_VISITOR = 12

Clock = Callable[[], float]  # seconds; only differences count


@dataclass(eq=False, slots=True, kw_only=True)
class Job:
    """One picture on its way; the fields are those of `JobSnapshot`, and what only we know."""

    request: Request
    visitor: str
    model: str
    batch: str
    watched_at: float
    address: str = ""
    id: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    state: JobState = JobState.QUEUED
    step: int = 0
    total: int = 0
    preview: bytes | None = None
    png: bytes | None = None
    seconds: float = 0.0
    error: Message | None = None
    due_at: float | None = None
    restarts: int = 0

    def is_unwatched(self, now: float) -> bool:
        """Whether nobody has asked for it for so long that it is not worth drawing."""
        most = RUNNING_SECONDS if self.state is JobState.RUNNING else QUEUED_SECONDS
        return now - self.watched_at > most

    def begin_again(self) -> None:
        """Wait for a new worker, as if nothing had been drawn yet."""
        self.state, self.step, self.total = JobState.QUEUED, 0, 0
        self.preview, self.due_at = None, None
        self.restarts += 1

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
            restarts=self.restarts,
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
