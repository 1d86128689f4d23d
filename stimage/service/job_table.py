"""All jobs of a service and their order. Whoever calls holds the service's lock."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from stimage.errors import Message
from stimage.request import Request
from stimage.service.api import JobSnapshot, JobState
from stimage.service.fair_queue import FairQueue
from stimage.service.jobs import Clock, Job, long_over


class JobTable:
    """Jobs by their ids, in order of submission: queued, running, and what is remembered."""

    def __init__(self, queue: FairQueue, clock: Clock) -> None:
        """Begin without a job.

        Args:
            queue: an empty one.
            clock: in seconds.
        """
        self.running: Job | None = None
        self._clock = clock
        self._jobs: dict[str, Job] = {}
        self._queue = queue

    @property
    def waiting(self) -> bool:
        """Whether a job is queued."""
        return bool(self._queue)

    def add(self, requests: Sequence[Request], model: str, visitor: str, address: str) -> list[str]:
        """Queue one batch; return the ids.

        Raises:
            QueueFull: if too many pictures are queued, in all or of this visitor.
        """
        now, batch = self._clock(), secrets.token_hex(8)
        jobs = [
            Job(request=request, visitor=visitor, model=model, batch=batch, watched_at=now)
            for request in requests
        ]
        self._queue.push([job.id for job in jobs], visitor, batch, address)
        self._jobs.update((job.id, job) for job in jobs)
        return [job.id for job in jobs]

    def snapshot(self, job_id: str) -> JobSnapshot | None:
        """Return how a job stands."""
        job = self._jobs.get(job_id)
        return None if job is None else job.snapshot(self._place(job), self._clock())

    def note_watched(self, job_id: str) -> None:
        """Note that somebody looks at a job now."""
        if job_id in self._jobs:
            self._jobs[job_id].watched_at = self._clock()

    def next(self) -> Job | None:
        """Take the job whose turn it is; it counts as running from now on."""
        job_id = self._queue.pop()
        self.running = None if job_id is None else self._jobs[job_id]
        return self.running

    def cancel(self, job_id: str, visitor: str) -> None:
        """End a job of this visitor, if it is not over."""
        job = self._jobs.get(job_id)
        if job is not None and job.visitor == visitor and not job.state.over:
            self.end(job, JobState.CANCELLED)

    def cancel_all(self) -> None:
        """End every job that is not over."""
        for job in list(self._jobs.values()):
            self.cancel(job.id, job.visitor)

    def end(self, job: Job, state: JobState, error: Message | None = None) -> None:
        """Note that a job is over, and forget what is long over."""
        job.state, job.error, job.preview = state, error, None
        self._queue.remove(job.id)
        for old in long_over(self._jobs.values()):
            del self._jobs[old.id]

    def _place(self, job: Job) -> int:
        order = self._queue.order()
        return order.index(job.id) + (self.running is not None) if job.id in order else 0
