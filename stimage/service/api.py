"""The boundary of the service: what a page may ask of it, and the frozen values it answers with.

Knows neither torch nor Streamlit. Whoever calls keeps job ids, nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from stimage.errors import Message
from stimage.request import Request


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"

    @property
    def over(self) -> bool:
        """Whether nothing will change any more."""
        return self in (JobState.DONE, JobState.CANCELLED, JobState.FAILED)


class ModelState(StrEnum):
    """Where the model in use stands."""

    NOT_LOADED = "not_loaded"
    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"
    AWAY = "away"  # who draws, somewhere else, does not answer


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSnapshot:
    """One picture on its way, as it was at one moment.

    Attributes:
        id: unguessable; who knows it may see the job.
        visitor: who asked for it, and may cancel it; never shown to others.
        batch: jobs that were submitted together share it.
        model: the name of the model that draws it.
        request: what was asked for; once the job runs, with every None filled in.
        place: how many pictures come before this one.
        step: how many of `total` steps are done.
        preview: a small rough picture, a JPEG.
        png: the picture as a file with its settings inside, when the state is DONE.
        seconds: how long drawing took, when the state is DONE.
        seconds_left: how long it should still take; None while nobody knows.
        error: what to tell a person, when the state is FAILED.
        restarts: how often drawing began again, because the process that drew had ended.
    """

    id: str
    visitor: str = field(default="", repr=False)
    batch: str
    model: str
    request: Request
    state: JobState = JobState.QUEUED
    place: int = 0
    step: int = 0
    total: int = 0
    preview: bytes | None = None
    png: bytes | None = None
    seconds: float = 0.0
    seconds_left: float | None = None
    error: Message | None = None
    restarts: int = 0

    @property
    def over(self) -> bool:
        """Whether nothing will change any more."""
        return self.state.over


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelStatus:
    """The model in use, as it was at one moment.

    Attributes:
        name: what `use_model` was given last.
        error: what to tell a person, when the state is FAILED or AWAY.
        picture_seconds: by model, how long its last picture took here.
        memory_only: why pictures will be gone after a restart; None if they are kept.
    """

    name: str
    state: ModelState = ModelState.NOT_LOADED
    error: Message | None = None
    picture_seconds: Mapping[str, float] = field(default_factory=dict)
    memory_only: Message | None = None


class ImageService(Protocol):
    """Takes requests from visitors and has them drawn, visitors in turn. Any thread may call it."""

    def submit(self, requests: Sequence[Request], visitor: str, address: str = "") -> list[str]:
        """Queue pictures as one batch, all of them or none; return their job ids at once.

        Args:
            requests: what to draw.
            visitor: who asks: an unguessable name.
            address: where the visitor comes from; visitors of one address share its turns. ""
                for a place of their own.

        Raises:
            QueueFull: if too many pictures are queued, in all or of this visitor.
        """

    def snapshot(self, job_id: str) -> JobSnapshot | None:
        """Return how a job stands; None if there is none of this id, or it was long ago."""

    def watch(self, job_id: str) -> JobSnapshot | None:
        """Say that somebody looks at a job now; return `snapshot`.

        Previews are made while somebody looks. A queued job that nobody looks at for a minute is
        dropped, one that is being drawn after two: it fails with "unwatched".
        """

    def cancel(self, job_id: str, visitor: str) -> None:
        """Stop a job that is not over; its picture is thrown away within one step.

        Only for the visitor who asked for it; for anybody else nothing happens.
        """

    def status(self) -> ModelStatus:
        """Return how the model in use stands."""

    def use_model(self, name: str) -> None:
        """Let another model draw what is submitted from now on, and load it."""

    def close(self) -> None:
        """Cancel every job, and end what draws, at most a step from now."""
