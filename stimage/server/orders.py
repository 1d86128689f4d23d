"""What connections wait for: batches of pictures that are given up when nobody waits any more."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import flask

from stimage.errors import InvalidRequest, Message, QueueFull, StimageError
from stimage.request import Request
from stimage.server.errors import ClientGone, DrawingFailed
from stimage.service.api import ImageService, JobSnapshot, JobState

MAX_WAITING = 72  # connections; each holds a thread, and some threads stay for who asks briefly
MAX_REMEMBERED = 1000  # orders with an Idempotency-Key
SOON_SECONDS, LATER_SECONDS = 0.04, 0.2  # between two looks at a job that runs, or is queued
BEAT_SECONDS = 1.0  # a connection says so often that it is there


@dataclass(eq=False)
class Order:
    """One batch, and how many connections wait for it."""

    job_ids: list[str]
    visitor: str
    fingerprint: bytes
    waiting: int = 0


class Waiting:
    """One connection that waits; `leave` may be called more than once."""

    def __init__(
        self, service: ImageService, job_ids: list[str], at_end: Callable[[], None]
    ) -> None:
        """Wait for jobs of a service; `at_end` is called when that is over."""
        self.job_ids = job_ids
        self._service, self._at_end = service, at_end
        self._gone: Callable[[], bool] = flask.request.environ.get(
            "waitress.client_disconnected", lambda: False
        )
        self._here = True

    def leave(self) -> None:
        """Wait no longer."""
        if self._here:
            self._here = False
            self._at_end()

    def changes(self, job_id: str) -> Iterator[JobSnapshot | None]:
        """Yield a job whenever it has changed, until it is over; None when a beat is due.

        Raises:
            ClientGone: as soon as that is known.
            StimageError: if the service has forgotten the job.
        """
        last, beat = None, time.monotonic()
        while not self._gone():
            job = self._service.watch(job_id)
            now = time.monotonic()
            if job is None:
                raise StimageError("drawing_failed")
            if job != last or now - beat >= BEAT_SECONDS:
                yield job if job != last else None
                last, beat = job, now
            if job.over:
                return
            time.sleep(LATER_SECONDS if job.place else SOON_SECONDS)
        raise ClientGone

    def results(self) -> list[JobSnapshot]:
        """Wait for the pictures, and wait no longer.

        Raises:
            ClientGone: as soon as that is known.
            DrawingFailed: if one is over without a picture.
        """
        try:
            return [self._result(job_id) for job_id in self.job_ids]
        finally:
            self.leave()

    def _result(self, job_id: str) -> JobSnapshot:
        jobs = [job for job in self.changes(job_id) if job is not None]
        return finished(jobs[-1])


class Orders:
    """Takes orders, the same one only once for each Idempotency-Key."""

    def __init__(self, service: ImageService) -> None:
        """Take orders for a service."""
        self.service = service
        self._lock = threading.Lock()
        self._by_key: OrderedDict[str, Order] = OrderedDict()
        self._slots = threading.Semaphore(MAX_WAITING)

    def wait_for(self, requests: Sequence[Request], address: str) -> Waiting:
        """Order a batch; if nobody waits for it any more, what is not finished is cancelled.

        The same body with the same Idempotency-Key is the same order.

        Args:
            requests: what to draw.
            address: who takes turns.

        Raises:
            QueueFull: if too many pictures are queued or too many connections wait.
            InvalidRequest: "key_used_otherwise".
        """
        key = flask.request.headers.get("Idempotency-Key", "")
        body = flask.request.path.encode() + flask.request.get_data()
        with self._slot() as slot:
            with self._lock:
                order = self._order(requests, address, key, hashlib.sha256(body).digest())
                order.waiting += 1
            slot.pop_all()
        return Waiting(self.service, order.job_ids, lambda: self._leave(order))

    def follow(self, job_id: str) -> Waiting:
        """Wait for a job that goes on when nobody waits any more.

        Raises:
            QueueFull: if too many connections wait.
        """
        with self._slot() as slot:
            slot.pop_all()
        return Waiting(self.service, [job_id], self._slots.release)

    def _slot(self) -> ExitStack:
        """Take the place of a connection that waits; leaving the context gives it back."""
        if not self._slots.acquire(blocking=False):
            raise QueueFull("too_many_connections")
        stack = ExitStack()
        stack.callback(self._slots.release)
        return stack

    def _leave(self, order: Order) -> None:
        self._slots.release()
        with self._lock:
            order.waiting -= 1
            if order.waiting == 0:
                for job_id in reversed(order.job_ids):  # so that none of the queued ones begins
                    self.service.cancel(job_id, order.visitor)

    def _order(
        self, requests: Sequence[Request], address: str, key: str, fingerprint: bytes
    ) -> Order:
        known = self._by_key.get(key)
        if known is not None and known.fingerprint != fingerprint:
            raise InvalidRequest("key_used_otherwise", field="Idempotency-Key")
        if known is not None and self._is_alive(known):
            return known
        visitor = secrets.token_urlsafe(16)
        order = Order(self.service.submit(requests, visitor, address), visitor, fingerprint)
        if key:
            self._by_key[key] = order
            while len(self._by_key) > MAX_REMEMBERED:
                self._by_key.popitem(last=False)
        return order

    def _is_alive(self, order: Order) -> bool:
        jobs = [self.service.snapshot(job_id) for job_id in order.job_ids]
        ended = (JobState.CANCELLED, JobState.FAILED)
        return all(job is not None and job.state not in ended for job in jobs)


def finished(job: JobSnapshot) -> JobSnapshot:
    """Return a job that has a picture.

    Raises:
        DrawingFailed: if it ended without one.
    """
    if job.state is not JobState.DONE:
        code = "cancelled" if job.state is JobState.CANCELLED else "drawing_failed"
        raise DrawingFailed(job.error or Message(code))
    return job
