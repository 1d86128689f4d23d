"""A service somewhere else: the same boundary, asked over HTTP from a back-end of ours.

A page looks often and must never stand still: what is over is remembered here, and while the
back-end is away the last answer is given again, with a status that says so.
"""

from __future__ import annotations

import contextlib
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import httpx
import msgspec

from stimage.errors import InvalidRequest, Message, ModelError, QueueFull, StimageError
from stimage.request import Request
from stimage.service.api import JobSnapshot, JobState, ModelState, ModelStatus
from stimage.service.messages import Said
from stimage.service.protocol import (
    Cancel,
    JobsQueued,
    JobView,
    ModelChoice,
    NewJobs,
    StatusView,
    picture_of,
    snapshot_of,
    status_of,
)

MAX_REMEMBERED = 500  # jobs
MAX_PICTURES = 60  # of them with their picture
SECONDS = httpx.Timeout(10.0, connect=2.0)
PAUSE_SECONDS = 1.0  # the back-end is left alone so long after it did not answer
AWAY = Message("backend_away")
JOB_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")  # it may come from an address that a visitor typed
KINDS = {400: InvalidRequest, 429: QueueFull, 503: ModelError}
T = TypeVar("T")


class _Detail(msgspec.Struct):
    code: str
    values: dict[str, str | int | float | Said | None]


class _Refusal(msgspec.Struct):
    error: _Detail


def client_for(address: str, api_key: str = "") -> httpx.Client:
    """Return what leads to a back-end.

    Args:
        address: such as "http://127.0.0.1:5000".
        api_key: what it asks for, if it does.
    """
    headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
    return httpx.Client(base_url=address, headers=headers, timeout=SECONDS, trust_env=False)


class HttpService:
    """An `ImageService` whose jobs are those of a back-end. Any thread may call it."""

    def __init__(self, client: httpx.Client, model: str = "") -> None:
        """Open; nothing is asked yet.

        Args:
            client: leads to the back-end, see `client_for`.
            model: which model it is thought to draw with, until it has answered once.
        """
        self._client = client
        self._lock = threading.Lock()
        self._jobs: OrderedDict[str, JobSnapshot] = OrderedDict()  # as they were last seen
        self._status = ModelStatus(name=model)
        self._away_until = 0.0

    def submit(self, requests: Sequence[Request], visitor: str, address: str = "") -> list[str]:
        """See `ImageService.submit`.

        Raises:
            StimageError: "backend_away".
        """
        pictures = [picture_of(each) for each in requests]
        body = NewJobs(requests=pictures, visitor=visitor, address=address)
        ids = self._ask("POST", "/v1/jobs", JobsQueued, body).ids
        for job_id, request in zip(ids, requests, strict=True):
            known = JobSnapshot(
                id=job_id, visitor=visitor, batch=ids[0], model=self._status.name, request=request
            )
            self._remember(known)
        return ids

    def snapshot(self, job_id: str) -> JobSnapshot | None:
        """See `ImageService.snapshot`."""
        return self._look(job_id, "?watch=false")

    def watch(self, job_id: str) -> JobSnapshot | None:
        """See `ImageService.watch`."""
        return self._look(job_id, "")

    def cancel(self, job_id: str, visitor: str) -> None:
        """See `ImageService.cancel`."""
        if JOB_ID.fullmatch(job_id):
            with contextlib.suppress(StimageError):  # whoever looks at the job sees why
                self._ask("POST", f"/v1/jobs/{job_id}/cancel", JobView, Cancel(visitor=visitor))

    def status(self) -> ModelStatus:
        """See `ImageService.status`. While the back-end is away, that is the error."""
        try:
            self._status = status_of(self._ask("GET", "/v1/status", StatusView))
        except StimageError as error:
            return replace(self._status, state=ModelState.AWAY, error=error.message)
        return self._status

    def use_model(self, name: str) -> None:
        """See `ImageService.use_model`.

        Raises:
            StimageError: "backend_away".
        """
        self._ask("POST", "/v1/model", StatusView, ModelChoice(name=name))

    def close(self) -> None:
        """Cancel what was submitted here; the back-end stays."""
        for job in list(self._jobs.values()):
            if not job.over:
                self.cancel(job.id, job.visitor)

    def _look(self, job_id: str, query: str) -> JobSnapshot | None:
        known = self._jobs.get(job_id)
        if not JOB_ID.fullmatch(job_id):
            return None
        if known is not None and known.over and (known.png or known.state is not JobState.DONE):
            return known
        try:
            view = self._ask("GET", f"/v1/jobs/{job_id}{query}", JobView)
            png = self._picture(view.picture) if view.picture else None
        except StimageError as error:
            if error.code != "job_unknown" or known is None or known.over:
                return known
            # The back-end began anew and knows nothing of what was queued.
            lost = replace(known, state=JobState.FAILED, preview=None, error=Message("job_lost"))
            return self._remember(lost)
        return self._remember(snapshot_of(view, visitor=known.visitor if known else "", png=png))

    def _remember(self, job: JobSnapshot) -> JobSnapshot:
        with self._lock:
            self._jobs[job.id] = job
            self._jobs.move_to_end(job.id)
            while len(self._jobs) > MAX_REMEMBERED:
                self._jobs.popitem(last=False)
            drawn = [each for each in self._jobs.values() if each.png]
            for each in drawn[:-MAX_PICTURES]:
                self._jobs[each.id] = replace(each, png=None)
        return job

    def _picture(self, path: str) -> bytes:
        return self._answer("GET", path, None).content

    def _ask(self, method: str, path: str, kind: type[T], body: object = None) -> T:
        try:
            return msgspec.json.decode(self._answer(method, path, body).content, type=kind)
        except msgspec.MsgspecError as error:
            raise StimageError(AWAY.key) from error

    def _answer(self, method: str, path: str, body: object) -> httpx.Response:
        """Return a good answer.

        Raises:
            StimageError: what the back-end refuses with, or "backend_away".
        """
        if time.monotonic() < self._away_until:
            raise StimageError(AWAY.key)
        content = None if body is None else msgspec.json.encode(body)
        headers = {"Content-Type": "application/json"} if content else {}
        try:
            response = self._client.request(method, path, content=content, headers=headers)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            self._away_until = time.monotonic() + PAUSE_SECONDS
            raise StimageError(AWAY.key) from error
        if response.is_success:
            return response
        raise _refusal(response)


def _refusal(response: httpx.Response) -> StimageError:
    try:
        detail = msgspec.json.decode(response.content, type=_Refusal).error
    except msgspec.MsgspecError:
        return StimageError(AWAY.key)  # what answered is no back-end of ours
    message = Said(detail.code, detail.values).message()
    return KINDS.get(response.status_code, StimageError)(message.key, **message.values)
