"""Errors as OpenAI's clients expect them: a status, and `{"error": {...}}`."""

from __future__ import annotations

import logging
import math

import flask
from werkzeug.exceptions import HTTPException

from stimage.errors import InvalidRequest, Message, ModelError, QueueFull, StimageError
from stimage.i18n import Edge, message_of, say
from stimage.server.answers import json
from stimage.service.api import ImageService
from stimage.service.messages import Said

STATUS = {
    "api_key_missing": 401,
    "api_key_wrong": 401,
    "only_this_computer": 403,
    "foreign_page": 403,
    "no_such_address": 404,
    "model_not_served": 404,
    "job_unknown": 404,
    "wrong_method": 405,
    "picture_not_ready": 409,
    "body_too_large": 413,
    "not_json": 415,
    "key_used_otherwise": 422,
    "out_of_memory": 503,
}
KINDS = ((InvalidRequest, 400), (QueueFull, 429), (ModelError, 503))
TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
UNKNOWN_SECONDS = 5  # for a picture, as long as none was drawn
MAX_RETRY_SECONDS = 60
log = logging.getLogger(__name__)


class ClientGone(Exception):
    """Nobody is at the other end any more."""


class DrawingFailed(StimageError):
    """A job ended without a picture: the work was done, and asking again does it again."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.key, **message.values)


def status_of(error: StimageError) -> int:
    """Return the HTTP status of an error."""
    by_kind = next((status for kind, status in KINDS if isinstance(error, kind)), 500)
    return STATUS.get(error.code, by_kind)


def body_of(error: StimageError, status: int) -> dict[str, object]:
    """Return the body of an answer, or of an event in a stream; `values` is for our own client."""
    field = error.values.get("field")
    param = field.key.removeprefix("field.") if isinstance(field, Message) else field
    kind = "server_error" if status >= 500 else "invalid_request_error"
    told = {
        "message": say(error.message, Edge.HTTP),
        "type": TYPES.get(status, kind),
        "param": param,
        "code": error.code,
        "values": Said.of(error.message).values,
    }
    return {"error": told}


def answer_with_errors(app: flask.Flask, service: ImageService) -> None:
    """Let `app` answer every error in OpenAI's form, and none with a traceback."""

    def answer(error: StimageError) -> flask.Response:
        status = status_of(error)
        response = json(body_of(error, status), status)
        if status == 401:
            response.headers["WWW-Authenticate"] = "Bearer"
        if status == 429:
            response.headers["Retry-After"] = str(retry_seconds(service))
        if isinstance(error, DrawingFailed):
            response.headers["x-should-retry"] = "false"
        return response

    def refused(error: HTTPException) -> flask.Response:
        path = flask.request.path[:80]
        known: dict[int | None, StimageError] = {
            404: StimageError("no_such_address", path=path),
            405: StimageError("wrong_method", method=flask.request.method[:10], path=path),
            413: StimageError("body_too_large"),
        }
        return answer(known.get(error.code) or InvalidRequest("malformed_request"))

    def unexpected(error: Exception) -> flask.Response:
        return answer(known_error(error))

    def unheard(_: ClientGone) -> flask.Response:
        return flask.Response(status=408)

    app.register_error_handler(ClientGone, unheard)
    app.register_error_handler(StimageError, answer)
    app.register_error_handler(HTTPException, refused)
    app.register_error_handler(Exception, unexpected)


def known_error(error: Exception) -> StimageError:
    """Return what to tell a client about any exception; what nobody expected is logged."""
    if isinstance(error, StimageError):
        return error
    log.error("A request failed.", exc_info=error)
    message = message_of(error)
    return StimageError(message.key, **message.values)


def retry_seconds(service: ImageService) -> int:
    """Return when there should be room again: after about one picture."""
    status = service.status()
    seconds = max(status.picture_seconds.values(), default=UNKNOWN_SECONDS)
    return min(max(1, math.ceil(seconds)), MAX_RETRY_SECONDS)
