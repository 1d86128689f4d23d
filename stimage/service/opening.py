"""A service as the settings say: for the pages, and for the back-end."""

from __future__ import annotations

from stimage.config import config
from stimage.service.api import ImageService
from stimage.service.local import LocalService
from stimage.service.process import ProcessRunner
from stimage.service.store import Store


def open_service(model: str = "") -> ImageService:
    """Open a service.

    Args:
        model: which one draws first; "": the one that the settings name.
    """
    wanted = config()
    return LocalService(
        ProcessRunner(),
        model or wanted.model,
        people_per_address=wanted.people_per_address,
        store=None if wanted.keep is None else Store(wanted.keep),
    )
