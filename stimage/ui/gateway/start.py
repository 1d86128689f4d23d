"""How the server begins: it says where it is, and opens the owner's browser."""

from __future__ import annotations

import asyncio
import sys
import threading
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import streamlit as st
from starlette.middleware import Middleware

from stimage.config import config
from stimage.errors import StimageError
from stimage.i18n import Edge, sentence, text
from stimage.ui.gateway import owner
from stimage.ui.gateway.client import networks
from stimage.ui.gateway.middleware import Gateway
from stimage.ui.gateway.watchdog import starter, watch
from stimage.ui.recovery import recover
from stimage.ui.service import shared_service

LOCAL_NAMES = ("localhost", "127.0.0.1")


def server_settings() -> dict[str, Any]:
    """Return what Streamlit's server is made with.

    Raises:
        SystemExit: with a sentence, if a setting is wrong.
    """
    try:
        gateway = Middleware(Gateway, proxies=networks(config().proxies))
    except StimageError as error:
        raise SystemExit(sentence(error, Edge.COMMAND_LINE)) from None
    return {"middleware": [gateway], "lifespan": announced, "on_script_error": recover}


@asynccontextmanager
async def announced(_: object) -> AsyncIterator[None]:
    """Say where the app is while it starts; the port is known by now. Go on with the queue."""
    shared_service()
    names: tuple[str, ...] = LOCAL_NAMES
    listens = st.get_option("server.address")
    if listens and listens not in ("0.0.0.0", "::", *LOCAL_NAMES):  # noqa: S104 (it is compared)
        names = (listens,)
    addresses = [address(name) for name in names]
    sys.stdout.write(announcement(addresses))
    sys.stdout.flush()
    if not st.get_option("server.headless"):
        opened = with_token(addresses[0]) if config().owner is None else addresses[0]
        threading.Thread(target=webbrowser.open, args=(opened,), daemon=True).start()
    same = {"STREAMLIT_SERVER_HEADLESS": "true", "STIMAGE_TOKEN": owner.token()}
    end_watch = watch(asyncio.get_running_loop(), starter(same))
    yield
    end_watch()


def announcement(addresses: list[str]) -> str:
    """Return what the terminal shows."""
    if config().owner is not None:
        return text("start.here", address=addresses[0]) + "\n"
    return "\n".join(
        [
            text("start.here", address=addresses[0]),
            text("start.owner"),
            *(f"    {with_token(address)}" for address in addresses),
            "",
        ]
    )


def with_token(base: str) -> str:
    """Return an address that makes who opens it the owner."""
    return f"{base}?{owner.PARAMETER}={quote(owner.token(), safe='')}"


def address(host: str) -> str:
    """Return the address of the app under one of its hosts."""
    scheme = "https" if st.get_option("server.sslCertFile") else "http"
    path = st.get_option("server.baseUrlPath").strip("/")
    name = f"[{host}]" if ":" in host else host
    return f"{scheme}://{name}:{st.get_option('server.port')}/{path and path + '/'}"
