"""`/generate` and OpenAI's `/v1/images/generations`: they wait until the pictures are there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import flask

from stimage.errors import InvalidRequest, ModelError, StimageError
from stimage.images.formats import Format, converted
from stimage.models import library
from stimage.models.catalog import Entry
from stimage.server import schemas
from stimage.server.answers import comment, event, json, stream
from stimage.server.doors import read
from stimage.server.errors import ClientGone, body_of, known_error, status_of
from stimage.server.orders import Orders, Waiting, finished
from stimage.service.api import ImageService, JobSnapshot

PARTIAL, COMPLETED = "image_generation.partial_image", "image_generation.completed"


class Images:
    """Answers for pictures and models; each method is an operation of the OpenAPI document."""

    def __init__(self, service: ImageService, orders: Orders) -> None:
        self._service, self._orders = service, orders

    def generate(self) -> flask.Response:
        """Draw one picture."""
        waiting = self._wait_for(read(schemas.Generate))
        [job] = waiting.results()
        return json(schemas.Generated(image=job.png or b"", seed=job.request.seed))

    def images(self) -> flask.Response:
        """Draw some pictures, at once or as a stream."""
        asked = read(schemas.ImagesRequest)
        entry = served(self._service)
        self._check_model(asked.model, entry)
        size = checked_size(asked.size, entry)
        waiting = self._wait_for(asked, asked.n or 1, asked.user or "")
        if asked.stream:
            return stream(events(waiting, asked, size), waiting.leave)
        images = [image_of(job, asked) for job in waiting.results()]
        created, kind = int(time.time()), asked.format
        return json(
            schemas.ImagesResponse(created=created, data=images, output_format=kind, size=size)
        )

    def picture(self, job_id: str, kind: str) -> flask.Response:
        """Return a finished picture."""
        job = self._service.snapshot(job_id)
        if job is None or kind not in list(Format):
            raise StimageError("job_unknown")
        if job.png is None:
            raise StimageError("picture_not_ready")
        return flask.Response(converted(job.png, Format(kind)), mimetype=f"image/{kind}")

    def models(self) -> flask.Response:
        """Return the model in use, in a list."""
        return json(schemas.Models(data=[schemas.Model(id=served(self._service).name)]))

    def model(self, name: str) -> flask.Response:
        """Return one model, if it is the one in use."""
        entry = served(self._service)
        self._check_model(name, entry)
        return json(schemas.Model(id=entry.name))

    def _wait_for(self, asked: schemas.Generate, count: int = 1, user: str = "") -> Waiting:
        requests = schemas.requests_of(asked, served(self._service).limits, count)
        return self._orders.wait_for(requests, user or flask.request.remote_addr or "")

    def _check_model(self, asked: str | None, entry: Entry) -> None:
        if asked not in (None, "", entry.name, self._service.status().name):
            model = str(asked)[:80]
            raise StimageError("model_not_served", field="model", model=model, served=entry.name)


def events(waiting: Waiting, asked: schemas.ImagesRequest, size: str) -> Iterator[bytes]:
    """Yield a stream's events: previews at even distances, then each picture, or one error."""
    created, wanted = int(time.time()), asked.partial_images or 0
    try:
        for job_id in waiting.job_ids:
            sent = 0
            for job in waiting.changes(job_id):
                if job is None:
                    yield comment("still here")
                elif sent < wanted and job.preview and _is_due(job, sent, wanted):
                    yield event(PARTIAL, partial(job, created, size, sent))
                    sent += 1
                elif job.over:
                    yield event(COMPLETED, completed(finished(job), asked, created, size))
    except ClientGone:
        return
    except Exception as error:  # noqa: BLE001 (the status is sent; what went wrong is an event)
        known = known_error(error)
        yield event("error", body_of(known, status_of(known)))


def _is_due(job: JobSnapshot, sent: int, wanted: int) -> bool:
    """Whether preview number `sent` of `wanted` is due, at even distances over the steps."""
    return job.step * (wanted + 1) >= job.total * (sent + 1)


def partial(job: JobSnapshot, created: int, size: str, index: int) -> schemas.ImageEvent:
    """Return the event of a preview."""
    return schemas.ImageEvent(
        type="image_generation.partial_image",
        b64_json=job.preview or b"",
        created_at=created,
        output_format=Format.JPEG,
        size=size,
        partial_image_index=index,
    )


def completed(
    job: JobSnapshot, asked: schemas.ImagesRequest, created: int, size: str
) -> schemas.ImageEvent:
    """Return the event of a finished picture."""
    return schemas.ImageEvent(
        type="image_generation.completed",
        b64_json=converted(job.png or b"", asked.format, asked.percent),
        created_at=created,
        output_format=asked.format,
        size=size,
        seed=job.request.seed,
    )


def image_of(job: JobSnapshot, asked: schemas.ImagesRequest) -> schemas.Image:
    """Return a finished picture as it was asked for: as an address, or in base64."""
    seed = job.request.seed
    if asked.response_format == "url":
        scheme = flask.request.headers.get("X-Forwarded-Proto", flask.request.scheme)[:10]
        url = f"{scheme}://{flask.request.host}/v1/pictures/{job.id}.{asked.format}"
        return schemas.Image(url=url, seed=seed)
    data = converted(job.png or b"", asked.format, asked.percent)
    return schemas.Image(b64_json=data, seed=seed)


def served(service: ImageService) -> Entry:
    """Return the entry of the model that draws; its name alone where it can't be opened."""
    source = service.status().name
    try:
        return library.find(source)[1]
    except ModelError:  # what is wrong with it is said by the job that fails
        name = Path(source).name
        return Entry(name=name, title=name)


def checked_size(asked: str | None, entry: Entry) -> str:
    """Return the size of the pictures.

    Raises:
        InvalidRequest: "size_not_possible" for another one than the model's own.
    """
    size = f"{entry.width}x{entry.height}"
    if asked not in (None, "auto", size):
        raise InvalidRequest("size_not_possible", field="size", size=size)
    return size
