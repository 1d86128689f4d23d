"""A service as the settings say: for the pages, and for the back-end."""

from __future__ import annotations

from collections.abc import Sequence

from stimage.config import config
from stimage.service.api import ImageService
from stimage.service.local import LocalService
from stimage.service.process import ProcessRunner
from stimage.service.runner import Runner
from stimage.service.store import Store


def open_service() -> ImageService:
    """Open the service that the pages ask: on this computer, or behind `STIMAGE_BACKEND`."""
    wanted = config()
    if not wanted.backend:
        return open_local(wanted.model)
    from stimage.service.http_client import HttpService, client_for

    return HttpService(client_for(wanted.backend, wanted.api_key), wanted.model)


def open_local(model: str, runners: Sequence[Runner] = ()) -> LocalService:
    """Open a service whose queue is on this computer.

    Args:
        model: which one draws first.
        runners: draw at the same time; by default one, in a process on this computer.
    """
    wanted = config()
    first, *beside = runners or [ProcessRunner()]
    return LocalService(
        first,
        model,
        people_per_address=wanted.people_per_address,
        store=None if wanted.keep is None else Store(wanted.keep),
        beside=beside,
    )
