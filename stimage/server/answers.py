"""The two forms of an answer: JSON, and server-sent events, which go on (WHATWG HTML, 9.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import flask
import msgspec


def json(value: object, status: int = 200) -> flask.Response:
    """Return a value of a schema as the answer."""
    return flask.Response(msgspec.json.encode(value), status, mimetype="application/json")


def event(name: str, value: object) -> bytes:
    """Return one event whose data is a value as JSON."""
    return b"event: %s\ndata: %s\n\n" % (name.encode(), msgspec.json.encode(value))


def comment(text: str) -> bytes:
    """Return what a client skips; writing it shows whether the client is there."""
    return b": %s\n\n" % text.encode()


def stream(events: Iterator[bytes], at_end: Callable[[], None]) -> flask.Response:
    """Return the events as an answer.

    Args:
        events: what is sent, one by one.
        at_end: called in any case, also if the client left before the first event.
    """
    response = flask.Response(events, mimetype="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"  # nginx sends each event on at once
    response.call_on_close(at_end)
    return response
