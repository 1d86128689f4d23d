"""Flask under waitress: many connections, few of them a thread, none of them for ever."""

from __future__ import annotations

from waitress.server import BaseWSGIServer, MultiSocketServer, create_server

from stimage.server.app import create_app
from stimage.server.orders import MAX_WAITING
from stimage.service.api import ImageService

SETTINGS: dict[str, object] = {
    "threads": MAX_WAITING + 8,  # so that who asks briefly always finds one
    "connection_limit": 500,
    "channel_timeout": 20,  # seconds without a byte, before a request is complete
    "cleanup_interval": 5,
    "channel_request_lookahead": 1,  # go on reading: that is how a client that left is noticed
    "max_request_header_size": 16 * 1024,
    "max_request_body_size": 256 * 1024,  # Flask refuses 64 KB in our form; this in waitress's
    "asyncore_use_poll": True,  # select() ends at 1024 files
    "ident": "stimage",
    "clear_untrusted_proxy_headers": False,  # they tell that it was not this computer who asked
}


def open_server(
    service: ImageService,
    host: str,
    port: int,
    *,
    api_key: str = "",
    cors_origin: str = "",
) -> BaseWSGIServer | MultiSocketServer:
    """Return a server that listens; its `run` serves until it is closed.

    Raises:
        OSError: if the port is taken, or the host none of this computer.
    """
    app = create_app(service, api_key, cors_origin)
    return create_server(app, host=host, port=port, **SETTINGS)
