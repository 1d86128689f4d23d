"""The one service of this process, for all pages and visitors."""

from __future__ import annotations

import functools
import os
import threading
from typing import TYPE_CHECKING

import streamlit as st

from stimage.config import config
from stimage.service.api import ImageService
from stimage.service.local import LocalService

if TYPE_CHECKING:
    from stimage.inference.engine import Engine

_one_at_a_time = threading.Lock()


@st.cache_resource(show_spinner=False)
def get_service() -> ImageService:
    """Return the service. A visitor may empty Streamlit's cache; the service stays the same."""
    with _one_at_a_time:
        return shared_service()


@functools.cache
def shared_service() -> ImageService:
    """Return the service that this module keeps."""
    settings = config()
    return LocalService(load_engine, settings.model, people_per_address=settings.people_per_address)


def load_engine(model: str) -> Engine:
    """Load an engine; called in the service's worker thread, where torch may be imported."""
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")  # it misses torchvision, we don't
    from stimage.inference.diffusion import DiffusionEngine

    return DiffusionEngine.load(model)
