"""One picture on its way, the watch that writes its steps into it, and when it is forgotten.

Knows neither Streamlit nor torch.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median

from stimage.errors import Cancelled
from stimage.request import Picture, Request, Step

MAX_KEPT = 48  # finished jobs
MAX_KEPT_PER_VISITOR = 12
PREVIEW_SECONDS = 0.25  # between two previews
WATCHED_SECONDS = 2.0  # a job is watched so long after somebody asked for it
DECODE_STEPS = 1.5  # what decoding takes, in steps, as long as nobody has measured it


@dataclass(eq=False, slots=True, kw_only=True)
class Job:
    """One picture on its way. Written by the studio, read by anybody.

    Attributes:
        id: unguessable; who knows it may see and cancel the job.
        state: "waiting", "drawing", "done", "cancelled" or "failed".
        place: how many pictures come before this one.
        step: how many of `total` steps are done.
        preview: a small rough picture, a JPEG.
        picture: the picture, when the state is "done".
        png: the picture as a file, with its settings inside.
        problem: a sentence, when the state is "failed".
    """

    request: Request
    visitor: str
    model: str
    wish: int  # jobs that were submitted together share it
    turn: int  # all first pictures of visitors come before all second ones, and so on
    id: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    state: str = "waiting"
    place: int = 0
    step: int = 0
    total: int = 0
    preview: bytes | None = None
    picture: Picture | None = None
    png: bytes | None = None
    problem: str = ""
    watched_at: float = field(default_factory=time.monotonic)
    due_at: float | None = None  # when it should be done, in time.monotonic()

    @property
    def over(self) -> bool:
        """Whether nothing will change any more."""
        return self.state in ("done", "cancelled", "failed")

    @property
    def seconds_left(self) -> float | None:
        """How long it should still take; None while nobody knows."""
        due = self.due_at
        return None if due is None or self.over else max(0.0, due - time.monotonic())


def long_over(jobs: Iterable[Job]) -> list[Job]:
    """Return which jobs to forget: all but the newest finished ones, and fewer of each visitor.

    Args:
        jobs: in the order in which they came.
    """
    kept: dict[tuple[str, bool], int] = {}
    forget = []
    over = [job for job in jobs if job.over]
    for number, job in enumerate(reversed(over)):
        key = (job.visitor, job.png is None)  # a failure does not push out a picture
        kept[key] = kept.get(key, 0) + 1
        if number >= MAX_KEPT or kept[key] > MAX_KEPT_PER_VISITOR:
            forget.append(job)
    return forget


class Watch:
    """Writes the steps of one drawing into its job, and stops it when the job is over."""

    def __init__(self, job: Job, decode_seconds: float | None) -> None:
        self.step_ended = self.preview_made = time.monotonic()
        self._job, self._decode_seconds = job, decode_seconds
        self._step_seconds: list[float] = []

    def on_step(self, step: Step) -> None:
        """Note a step that just ended.

        Raises:
            Cancelled: if the job is over.
        """
        job, now = self._job, time.monotonic()
        if job.over:
            raise Cancelled
        self._step_seconds.append(now - self.step_ended)
        self.step_ended = now
        # The first step pays for the text and for warming up.
        each = median(self._step_seconds[1:] or self._step_seconds)
        decode = DECODE_STEPS * each if self._decode_seconds is None else self._decode_seconds
        job.due_at = now + each * (step.total - step.index) + decode
        job.total, job.step = step.total, step.index
        watched = now - job.watched_at < WATCHED_SECONDS
        if watched and now - self.preview_made >= PREVIEW_SECONDS and step.index < step.total:
            job.preview, self.preview_made = step.preview(), now
