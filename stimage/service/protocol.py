"""What the studio and a back-end say to each other over HTTP: the forms of `/v1/jobs`.

They are the values of `stimage.service.api` without what has a place of its own (the picture) or
is nobody else's business (the visitor). The same types check what comes in and make the OpenAPI
document.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import asdict

from stimage.errors import Message
from stimage.i18n import Edge, say
from stimage.request import MAX_IMAGES, MAX_SEED, MAX_VARIANTS, Limits, Request
from stimage.service.api import JobSnapshot, JobState, ModelState, ModelStatus
from stimage.service.messages import Said
from stimage.start import Start

MAX_NAME_CHARS = 200

Name = Annotated[str, Meta(max_length=MAX_NAME_CHARS)]
Seed = Annotated[int, Meta(ge=0, le=MAX_SEED)]
Steps = Annotated[int, Meta(ge=1, le=1000, description="at most what the model allows")]
Guidance = Annotated[float, Meta(ge=0, le=100, description="at most what the model allows")]


class Variant(Struct, forbid_unknown_fields=True, kw_only=True):
    """One picture that is wanted; what is left out is the model's own default."""

    prompt: str
    negative_prompt: str = ""
    seed: Seed | None = None
    num_inference_steps: Steps | None = None
    guidance_scale: Guidance | None = None
    scheduler: Name | None = None
    dice_seed: Name = ""


class Picture(Variant, forbid_unknown_fields=True, kw_only=True):
    """One picture that is wanted, and what is drawn in one batch with it."""

    model: Name = ""  # another of those that ship, beside the one in use
    trace: bool = False  # whether the file also tells what happened inside, of each variant, too
    judged: bool = False  # whether it also tells what the judge says, of each variant, too
    start: Start | None = None
    variants: Annotated[list[Variant], Meta(max_length=MAX_VARIANTS)] = []


class NewJobs(Struct, forbid_unknown_fields=True, kw_only=True):
    """A batch of pictures: all of it is queued, or nothing.

    `visitor` is a secret of who asks, needed to cancel; without one the server makes one up.
    Visitors with the same `address` share its turns.
    """

    requests: Annotated[list[Picture], Meta(min_length=1, max_length=MAX_IMAGES)]
    visitor: Name = ""
    address: Name = ""


class JobsQueued(Struct, kw_only=True):
    """The ids of the new jobs in the order of the pictures."""

    ids: list[str]
    visitor: str


class Cancel(Struct, forbid_unknown_fields=True, kw_only=True):
    """Who asked for the job; for anybody else nothing happens."""

    visitor: Name


class ModelChoice(Struct, forbid_unknown_fields=True, kw_only=True):
    """The model that is to draw from now on, by its name."""

    name: Name


class Problem(Said, frozen=True):
    """What went wrong: the key and values of a catalog's sentence, and the sentence in English."""

    sentence: str


class JobView(Struct, kw_only=True):
    """One picture on its way; `preview` is a JPEG in base64, `picture` where the PNG is."""

    id: str
    batch: str
    model: str
    request: Request
    state: JobState
    place: int
    step: int
    total: int
    preview: bytes | None
    picture: str | None = None
    seconds: float
    seconds_left: float | None
    error: Problem | None
    restarts: int


class StatusView(Struct, kw_only=True):
    """The model in use; `picture_seconds`: by model, how long its last picture took."""

    name: str
    state: ModelState
    error: Problem | None
    picture_seconds: dict[str, float]
    memory_only: Problem | None = None


def picture_of(request: Request) -> Picture:
    """Return a request as it travels."""
    plain = msgspec.convert(request.to_mapping(), Picture)
    variants = [msgspec.convert(each.to_mapping(), Variant) for each in request.variants]
    return msgspec.structs.replace(
        plain,
        model=request.model,
        trace=request.trace,
        judged=request.judged,
        start=request.start,
        variants=variants,
    )


def request_of(picture: Picture, limits: Limits) -> Request:
    """Return the request that travelled as `picture`.

    Raises:
        InvalidRequest: for the first value that is wrong.
    """
    plain = Request.from_mapping(asdict(picture), limits)
    read = [Request.from_mapping(asdict(each), limits) for each in picture.variants]
    first, *variants = (
        replace(each, model=picture.model, trace=picture.trace, judged=picture.judged)
        for each in (plain, *read)
    )
    return replace(first, start=picture.start, variants=tuple(variants))


def view_of(snapshot: JobSnapshot) -> JobView:
    """Return a snapshot as it travels."""
    values = {
        name: getattr(snapshot, name) for name in JobView.__struct_fields__ if name != "picture"
    }
    done = snapshot.state is JobState.DONE
    return JobView(
        **values
        | {
            "picture": f"/v1/pictures/{snapshot.id}.png" if done else None,
            "error": problem_of(snapshot.error),
        }
    )


def snapshot_of(view: JobView, *, visitor: str = "", png: bytes | None = None) -> JobSnapshot:
    """Return the snapshot that travelled as `view`."""
    values = {name: getattr(view, name) for name in view.__struct_fields__ if name != "picture"}
    error = _message_of(view.error)
    return JobSnapshot(**values | {"visitor": visitor, "png": png, "error": error})


def status_view(status: ModelStatus) -> StatusView:
    """Return how the model stands, as it travels."""
    return StatusView(
        name=status.name,
        state=status.state,
        error=problem_of(status.error),
        picture_seconds=dict(status.picture_seconds),
        memory_only=problem_of(status.memory_only),
    )


def status_of(view: StatusView) -> ModelStatus:
    """Return the status that travelled as `view`."""
    return ModelStatus(
        name=view.name,
        state=view.state,
        error=_message_of(view.error),
        picture_seconds=view.picture_seconds,
        memory_only=_message_of(view.memory_only),
    )


def problem_of(message: Message | None) -> Problem | None:
    """Return a message as it travels."""
    if message is None:
        return None
    said = Said.of(message)
    return Problem(said.key, said.values, say(message, Edge.HTTP))


def _message_of(problem: Problem | None) -> Message | None:
    return None if problem is None else problem.message()
