"""What can be asked for, and the OpenAPI document: made from the types that check what comes in."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from typing import Any, NamedTuple

import msgspec

from stimage import __version__
from stimage.i18n import text
from stimage.server import schemas
from stimage.service import protocol

JSON, EVENTS = "application/json", "text/event-stream"


class Operation(NamedTuple):
    """One thing that can be asked for.

    Attributes:
        name: of the method that answers; what it does stands in the catalog as `http.<name>`.
        method: of HTTP.
        path: with the names of its parts in braces.
        takes: the schema of the body.
        gives: the schema of the answer.
        content: the kind of the answer.
        status: of an answer that is no refusal.
        refuses: the statuses of refusals, besides those of the door.
    """

    name: str
    method: str
    path: str
    takes: type | None = None
    gives: type | None = None
    content: str = JSON
    status: int = 200
    refuses: tuple[int, ...] = ()


WAITS = (400, 413, 415, 422, 429, 500, 503)
OPERATIONS = (
    Operation("generate", "post", "/generate", schemas.Generate, schemas.Generated, refuses=WAITS),
    Operation(
        "images",
        "post",
        "/v1/images/generations",
        schemas.ImagesRequest,
        schemas.ImagesResponse,
        refuses=(404, *WAITS),
    ),
    Operation(
        "picture", "get", "/v1/pictures/{job_id}.{kind}", content="image/png", refuses=(404, 409)
    ),
    Operation("models", "get", "/v1/models", gives=schemas.Models),
    Operation("model", "get", "/v1/models/{name}", gives=schemas.Model, refuses=(404,)),
    Operation(
        "submit",
        "post",
        "/v1/jobs",
        protocol.NewJobs,
        protocol.JobsQueued,
        status=202,
        refuses=(400, 413, 415, 429),
    ),
    Operation("job", "get", "/v1/jobs/{job_id}", gives=protocol.JobView, refuses=(404,)),
    Operation(
        "events",
        "get",
        "/v1/jobs/{job_id}/events",
        gives=protocol.JobView,
        content=EVENTS,
        refuses=(404, 429),
    ),
    Operation(
        "cancel",
        "post",
        "/v1/jobs/{job_id}/cancel",
        protocol.Cancel,
        protocol.JobView,
        refuses=(400, 404, 413, 415),
    ),
    Operation("status", "get", "/v1/status", gives=protocol.StatusView),
    Operation(
        "use_model",
        "post",
        "/v1/model",
        protocol.ModelChoice,
        protocol.StatusView,
        refuses=(400, 413, 415),
    ),
    Operation("alive", "get", "/healthz", gives=schemas.Health),
    Operation("ready", "get", "/readyz", gives=schemas.Health, refuses=(503,)),
    Operation("metrics", "get", "/metrics", content="text/plain"),
    Operation("openapi", "get", "/openapi.json"),
    Operation("docs", "get", "/docs", content="text/html"),
)


@cache
def document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document."""
    types = [kind for each in OPERATIONS for kind in (each.takes, each.gives) if kind]
    found, components = msgspec.json.schema_components(
        [*dict.fromkeys(types), schemas.ErrorAnswer], ref_template="#/components/schemas/{name}"
    )
    references = dict(zip([*dict.fromkeys(types), schemas.ErrorAnswer], found, strict=True))
    paths: dict[str, Any] = {}
    for each in OPERATIONS:
        paths.setdefault(each.path, {})[each.method] = _operation(each, references)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Stimage", "version": __version__, "description": text("http.about")},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"key": []}],
    }


def _operation(each: Operation, references: dict[type, Any]) -> dict[str, Any]:
    refused = {JSON: {"schema": references[schemas.ErrorAnswer]}}
    given = {each.content: {"schema": references[each.gives]} if each.gives else {}}
    described: dict[str, Any] = {
        "operationId": each.name,
        "summary": text(f"http.{each.name}"),
        "responses": {
            str(each.status): {"description": "OK", "content": given},
            **{
                str(status): {"description": HTTPStatus(status).phrase, "content": refused}
                for status in sorted({401, 403, *each.refuses})
            },
        },
    }
    names = [part.partition("}")[0] for part in each.path.split("{")[1:]]
    if names:
        described["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in names
        ]
    if each.takes:
        body = {JSON: {"schema": references[each.takes]}}
        described["requestBody"] = {"required": True, "content": body}
    return described
