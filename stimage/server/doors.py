"""Who may come in, and with what: a key or the own computer, JSON, no page of another site."""

from __future__ import annotations

import hmac
import re
import secrets
from typing import TypeVar

import flask
import msgspec

from stimage.errors import InvalidRequest, StimageError
from stimage.service.addresses import parsed

MAX_BODY_BYTES = 64 * 1024
OPEN_PATHS = ("/healthz", "/readyz")  # asked by whoever keeps the server running
PICTURES = "/v1/pictures/"  # their names can't be guessed, as with `?job=` in the studio
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
FORWARDED = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip")
HOST = re.compile(r"(?P<name>[a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?", re.I)
FIELD = re.compile(r" field `([^`]+)`| - at `\$\.?([^`]*)`")  # in what msgspec says
T = TypeVar("T")


def guard(app: flask.Flask, api_key: str, cors_origin: str) -> None:
    """Ask everybody who comes in.

    Args:
        app: whose requests are checked.
        api_key: the bearer token that is asked for; "": only this computer is served.
        cors_origin: the one site whose pages may ask; "": none.
    """
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES

    @app.before_request
    def check() -> flask.Response | None:
        flask.g.request_id = secrets.token_hex(8)
        origin = flask.request.headers.get("Origin", "")
        if origin and origin not in (cors_origin, flask.request.host_url.rstrip("/")):
            raise StimageError("foreign_page")
        if flask.request.method == "OPTIONS" and origin and origin == cors_origin:
            return flask.Response(status=204)
        path = flask.request.path
        if api_key:
            if path not in OPEN_PATHS and not path.startswith(PICTURES):
                check_key(api_key)
        elif not is_from_here():
            raise StimageError("only_this_computer")
        return None

    @app.after_request
    def mark(response: flask.Response) -> flask.Response:
        response.headers["x-request-id"] = flask.g.get("request_id", "")
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Content-Security-Policy"] = PAGE_POLICY
        response.headers.setdefault("Cache-Control", "no-store")
        if cors_origin:
            response.headers["Access-Control-Allow-Origin"] = cors_origin
            response.headers["Access-Control-Allow-Headers"] = (
                "Authorization, Content-Type, Idempotency-Key"
            )
            response.headers["Access-Control-Allow-Methods"] = "GET, POST"
            response.headers["Vary"] = "Origin"
        return response


def check_key(api_key: str) -> None:
    """Compare the bearer token, in a time that tells nothing about it.

    Raises:
        StimageError: "api_key_missing" or "api_key_wrong".
    """
    kind, _, token = flask.request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise StimageError("api_key_missing")
    if not hmac.compare_digest(token.strip().encode(), api_key.encode()):
        raise StimageError("api_key_wrong")


def is_from_here() -> bool:
    """Whether this computer itself asks, under a name of its own, and for nobody else.

    A page of another site can reach the address of this computer under a name of its own (DNS
    rebinding); a proxy on this computer brings strangers.
    """
    headers = flask.request.headers
    if any(name in headers for name in FORWARDED):
        return False
    return is_loopback(flask.request.remote_addr or "") and is_local_host(headers.get("Host", ""))


def is_local_host(host: str) -> bool:
    """Whether a Host header names this computer: a local name, and a port at most."""
    found = HOST.fullmatch(host)
    name = found["name"].strip("[]").lower() if found else ""
    return name == "localhost" or is_loopback(name)


def is_loopback(address: str) -> bool:
    """Whether an address is this computer's own, as IPv4, IPv6 or one inside the other."""
    found = parsed(address)
    return found is not None and found.is_loopback


def read(kind: type[T]) -> T:
    """Return the body of the request as a value of a schema.

    Raises:
        StimageError: "not_json" for another kind of content.
        InvalidRequest: "malformed_json", or "field_wrong" with the field's name.
    """
    if flask.request.mimetype != "application/json":
        raise StimageError("not_json")
    return decoded(flask.request.get_data(), kind)


def decoded(body: bytes, kind: type[T]) -> T:
    """Return JSON as a value of a schema.

    Raises:
        InvalidRequest: "malformed_json", or "field_wrong" with the field's name.
    """
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        reason = str(error)
        found = [name for names in FIELD.findall(reason) for name in names if name]
        field = ".".join(reversed(found)) or "body"
        raise InvalidRequest(
            "field_wrong", field=field, reason=reason.partition(" - at ")[0]
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidRequest("malformed_json", field="body") from error
