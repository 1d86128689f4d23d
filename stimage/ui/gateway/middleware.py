"""The layer around Streamlit's server. Pure ASGI: a websocket passes as a page does."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from urllib.parse import quote, urlencode, urlsplit

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import (
    FileResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from stimage import paths
from stimage.config import config
from stimage.i18n import text
from stimage.ui.gateway import owner
from stimage.ui.gateway.client import Network, client_address

VISITOR_COOKIE = "stimage-visitor"
BEFORE_THE_SOCKET = "/_stcore/host-config"  # each page asks for it once, then opens its websocket
UPLOADS = "/_stcore/upload_file/"
ICON = "/favicon.png"  # what Streamlit's own page names; one set by a page would load NumPy for it
OUR_ICON = paths.EXAMPLE_PICTURES / "a-fox-sleeping-in-the-forest.webp"
FOREIGN_ORIGIN = 1008  # the websocket's code for "against the rules"


class Gateway:
    """Says who comes and from where, and turns away what no page of ours sends."""

    def __init__(self, app: ASGIApp, proxies: Iterable[Network] = ()) -> None:
        """Stand in front of `app`, and believe `proxies` whom they bring."""
        self._app, self._proxies = app, list(proxies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a connection through, or answer it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        peer = scope["client"][0] if scope.get("client") else ""
        forwarded = headers.getlist("x-forwarded-for")
        scope["client"] = (client_address(peer, forwarded, self._proxies), 0)
        if scope["type"] == "websocket":
            await self._open_socket(scope, receive, send)
        elif (answer := own_answer(HTTPConnection(scope))) is not None:
            await answer(scope, receive, send)
        else:
            await self._app(scope, receive, with_headers(send))

    async def _open_socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse pages of other sites; Streamlit would look up its own address to compare.

        Who has switched that protection off lets them in, but as nobody: without a cookie.
        """
        own = is_own_origin(Headers(scope=scope))
        if not own and st.get_option("server.enableCORS"):
            await WebSocketClose(FOREIGN_ORIGIN)(scope, receive, send)
            return
        kept_back = (b"origin",) if own else (b"origin", b"cookie")
        asked = [(name, value) for name, value in scope["headers"] if name not in kept_back]
        await self._app({**scope, "headers": asked}, receive, send)


def own_answer(request: HTTPConnection) -> Response | None:
    """Return the answer to what is not for Streamlit: an address with a token, a file."""
    if UPLOADS in request.scope["path"] and not st.get_option("server.maxUploadSize"):
        return PlainTextResponse(text("gateway.no_files"), 403)
    if owner.PARAMETER in request.query_params:
        return without_token(request)
    if request.scope["path"].endswith(ICON):
        return FileResponse(OUR_ICON)
    if request.scope["path"].endswith(BEFORE_THE_SOCKET):
        return browser_settings(request)
    return None


def browser_settings(request: HTTPConnection) -> Response:
    """Answer what each page asks for first, and give a new browser its name.

    Streamlit's own answer differs in one thing: its dialogs tell visitors what only the owner can
    do. `layout.py` says in a line of our own that the server is away.
    """
    settings = {"blockErrorDialogs": True, "allowedOrigins": st.get_option("client.allowedOrigins")}
    answer = JSONResponse(settings, headers={"cache-control": "no-cache"})
    if VISITOR_COOKIE not in request.cookies:
        set_cookie(answer.headers, request, VISITOR_COOKIE, secrets.token_urlsafe(16))
    return answer


def without_token(request: HTTPConnection) -> Response:
    """Lead to the same address without the token; with the right one, as the owner.

    The way is relative, so that it can't lead to another host.
    """
    query = request.query_params.multi_items()
    rest = urlencode([(name, value) for name, value in query if name != owner.PARAMETER])
    place = "./" + quote(request.scope["path"].rpartition("/")[2])
    answer = RedirectResponse(f"{place}?{rest}" if rest else place, 303)
    answer.headers["cache-control"] = "no-store"
    answer.headers["referrer-policy"] = "no-referrer"
    if owner.is_token(request.query_params[owner.PARAMETER]):
        set_cookie(answer.headers, request, owner.cookie_name(), owner.cookie())
    return answer


def is_own_origin(headers: Headers) -> bool:
    """Whether a websocket is opened by a page of this server, or by a program."""
    origin = headers.get("origin")
    if origin is None:
        return True
    try:
        place = urlsplit(origin).netloc
    except ValueError:
        return False
    return place == headers.get("host") or origin in st.get_option("server.corsAllowedOrigins")


def with_headers(send: Send) -> Send:
    """Return `send` with what every answer says to the browser."""

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["referrer-policy"] = "same-origin"
            if config().owner is not False:  # no foreign page lies over the owner's buttons
                headers["content-security-policy"] = "frame-ancestors 'self'"
        await send(message)

    return send_with_headers


def set_cookie(headers: MutableHeaders, request: HTTPConnection, name: str, value: str) -> None:
    """Give the browser a cookie until it closes, for this host and no script."""
    secure = "https" in (request.scope["scheme"], request.headers.get("x-forwarded-proto"))
    rest = "; Secure" if secure else ""
    headers.append("set-cookie", f"{name}={value}; Path=/; HttpOnly; SameSite=Strict{rest}")
