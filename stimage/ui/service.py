"""The one service of this process, for all pages and visitors."""

from __future__ import annotations

import functools
import threading

import streamlit as st

from stimage.config import config
from stimage.service.api import ImageService
from stimage.service.local import LocalService
from stimage.service.process import ProcessRunner
from stimage.service.store import Store

_one_at_a_time = threading.Lock()


@st.cache_resource(show_spinner=False)
def get_service() -> ImageService:
    """Return the service. A visitor may empty Streamlit's cache; the service stays the same."""
    with _one_at_a_time:
        return shared_service()


@functools.cache
def shared_service() -> ImageService:
    """Return the service that this module keeps."""
    return open_service()


def open_service() -> ImageService:
    """Open a service as the settings say."""
    wanted = config()
    return LocalService(
        ProcessRunner(),
        wanted.model,
        people_per_address=wanted.people_per_address,
        store=None if wanted.keep is None else Store(wanted.keep),
    )
