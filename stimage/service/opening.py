"""A service as the settings say: for the pages, and for the back-end."""

from __future__ import annotations

from stimage.config import config
from stimage.service.api import ImageService
from stimage.service.local import LocalService
from stimage.service.process import ProcessRunner
from stimage.service.store import Store


def open_service() -> ImageService:
    """Open the service that the pages ask: on this computer, or behind `STIMAGE_BACKEND`."""
    wanted = config()
    if not wanted.backend:
        return open_local(wanted.model)
    from stimage.service.http_client import HttpService, client_for

    return HttpService(client_for(wanted.backend, wanted.api_key), wanted.model)


def open_local(model: str) -> LocalService:
    """Open a service on this computer.

    Args:
        model: which one draws first.
    """
    wanted = config()
    return LocalService(
        ProcessRunner(),
        model,
        people_per_address=wanted.people_per_address,
        store=None if wanted.keep is None else Store(wanted.keep),
    )
