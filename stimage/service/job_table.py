"""All jobs of a service and their order. Whoever calls holds the service's lock."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING

from stimage.errors import Message
from stimage.request import Request
from stimage.service.api import JobSnapshot, JobState
from stimage.service.fair_queue import FairQueue
from stimage.service.jobs import QUEUED_SECONDS, RESTARTED_SECONDS, Clock, Job, long_over

if TYPE_CHECKING:
    from stimage.service.store import Store


def turns_of(request: Request) -> float:
    """Return how many turns a request takes: one for each picture it draws."""
    return 1.0 + len(request.variants)


class JobTable:
    """Jobs by their ids, in order of submission: queued, running, and what is remembered."""

    def __init__(self, queue: FairQueue, clock: Clock, store: Store | None = None) -> None:
        """Begin with what the store has taken over.

        Args:
            queue: an empty one.
            clock: in seconds.
            store: where jobs are kept; None for in memory only.
        """
        self._running: set[str] = set()
        self._clock = clock
        self._jobs: dict[str, Job] = {}
        self._queue, self._store = queue, store
        for job in store.unfinished() if store is not None else ():
            job.watched_at = clock() + RESTARTED_SECONDS - QUEUED_SECONDS
            self._jobs[job.id] = job
            cost = turns_of(job.request)
            queue.put_back([job.id], job.visitor, job.batch, job.address, cost)

    @property
    def memory_only(self) -> Message | None:
        """Why pictures are not kept on the disk now, to be told to people."""
        return Message("pictures_in_memory") if self._store is None else self._store.problem

    @property
    def waiting(self) -> bool:
        """Whether a job is queued."""
        return bool(self._queue)

    def add(self, requests: Sequence[Request], model: str, visitor: str, address: str) -> list[str]:
        """Queue one batch; return the ids.

        Raises:
            QueueFull: if too many pictures are queued, in all or of this visitor.
        """
        self.drop_unwatched()
        now, batch = self._clock(), secrets.token_hex(8)
        jobs = [
            Job(
                request=request,
                visitor=visitor,
                address=address,
                model=model,
                batch=batch,
                watched_at=now,
            )
            for request in requests
        ]
        cost = max(turns_of(request) for request in requests)
        self._queue.push([job.id for job in jobs], visitor, batch, address, cost)
        self._jobs.update((job.id, job) for job in jobs)
        self.save(*jobs)
        return [job.id for job in jobs]

    def snapshot(self, job_id: str) -> JobSnapshot | None:
        """Return how a job stands."""
        job = self._jobs.get(job_id)
        if job is not None:
            return job.snapshot(self._place(job), self._clock())
        return None if self._store is None else self._store.find(job_id)

    def note_watched(self, job_id: str) -> None:
        """Note that somebody looks at a job now."""
        if job_id in self._jobs:
            self._jobs[job_id].watched_at = self._clock()

    def next(self) -> Job | None:
        """Take the job whose turn it is; it counts as running from now on."""
        self.drop_unwatched()
        job_id = self._queue.pop()
        if job_id is None:
            return None
        self._running.add(job_id)
        return self._jobs[job_id]

    def drawn(self, job: Job) -> None:
        """Note that nobody draws a job any more."""
        self._running.discard(job.id)

    def cancel(self, job_id: str, visitor: str) -> None:
        """End a job of this visitor, if it is not over."""
        job = self._jobs.get(job_id)
        if job is not None and job.visitor == visitor and not job.state.over:
            self.end(job, JobState.CANCELLED)

    def close(self) -> None:
        """End every job that is not over; in the store they wait for the next start."""
        if self._store is not None:
            self._store.close()
        for job in list(self._jobs.values()):
            self.cancel(job.id, job.visitor)

    def drop_unwatched(self) -> None:
        """End the queued jobs that nobody has asked for lately."""
        now = self._clock()
        for job_id in self._queue.order():
            if self._jobs[job_id].is_unwatched(now):
                self.end(self._jobs[job_id], JobState.FAILED, Message("unwatched"))

    def save(self, *jobs: Job) -> None:
        """Keep how jobs stand now, where jobs are kept."""
        if self._store is not None:
            self._store.save(jobs)

    def end(self, job: Job, state: JobState, error: Message | None = None) -> None:
        """Note that a job is over, and forget what is long over."""
        job.state, job.error, job.preview = state, error, None
        self._queue.remove(job.id)
        self.save(job)
        for old in long_over(self._jobs.values()):
            del self._jobs[old.id]

    def _place(self, job: Job) -> int:
        order = self._queue.order()
        return order.index(job.id) + len(self._running) if job.id in order else 0
