"""The one service of this process, for all pages and visitors."""

from __future__ import annotations

import functools
import threading

import streamlit as st

from stimage.service.api import ImageService
from stimage.service.opening import open_service

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
