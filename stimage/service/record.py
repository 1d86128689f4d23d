"""What is kept of a job besides its picture, as MessagePack."""

from __future__ import annotations

import msgspec

from stimage.request import Request
from stimage.service.api import JobState
from stimage.service.jobs import Job
from stimage.service.messages import Said


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of a `Job` that outlive the app."""

    visitor: str
    address: str
    batch: str
    model: str
    request: Request
    state: JobState
    step: int
    total: int
    seconds: float
    error: Said | None
    restarts: int


def record_of(job: Job) -> bytes:
    """Return what is kept; where a visitor came from is not, once the job is over."""
    return msgspec.msgpack.encode(
        Record(
            visitor=job.visitor,
            address="" if job.state.over else job.address,
            batch=job.batch,
            model=job.model,
            request=job.request,
            state=job.state,
            step=job.step,
            total=job.total,
            seconds=job.seconds,
            error=None if job.error is None else Said.of(job.error),
            restarts=job.restarts,
        )
    )


def job_of(job_id: str, data: bytes, png: bytes | None) -> Job:
    """Return the job again; one that was being drawn is queued.

    Raises:
        msgspec.MsgspecError: if it is not a record.
        InvalidRequest: if the request is none today.
    """
    record = msgspec.msgpack.decode(data, type=Record)
    over = record.state.over
    return Job(
        id=job_id,
        visitor=record.visitor,
        address=record.address,
        batch=record.batch,
        model=record.model,
        request=record.request,
        state=record.state if over else JobState.QUEUED,
        step=record.step if over else 0,
        total=record.total if over else 0,
        seconds=record.seconds,
        error=None if record.error is None else record.error.message(),
        restarts=record.restarts,
        png=png,
        watched_at=0.0,
    )
