"""The back-end under test: over an engine one can hold, on a port of its own."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from stimage.server.serve import open_server
from stimage.service.api import ImageService
from stimage.service.local import LocalService


class Recorded(LocalService):
    """Remembers the ids of its jobs."""

    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.submitted: list[str] = []

    def submit(self, *arguments, **settings):
        ids = super().submit(*arguments, **settings)
        self.submitted += ids
        return ids


@contextlib.contextmanager
def running_server(service: ImageService, port: int = 0, **settings: str) -> Iterator[str]:
    """Serve on loopback; gives the address. The service stays open."""
    server = open_server(service, "127.0.0.1", port, **settings)
    thread = threading.Thread(target=server.run, name="server", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        with contextlib.suppress(OSError):  # a request that just ended had the server look at once
            server.trigger.pull_trigger(lambda: server.asyncore.close_all(server._map))
        thread.join(30)
        server.task_dispatcher.shutdown()
