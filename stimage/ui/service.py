"""The one studio of this process: Streamlit keeps it for as long as its function stays as it is."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import streamlit as st

from stimage.service.local import Studio

if TYPE_CHECKING:
    from stimage.inference.engine import Engine

DEFAULT_MODEL = "stimage-mini"


@st.cache_resource(show_spinner=False)
def get_studio() -> Studio:
    """Return the studio; the owner's STIMAGE_MODEL may name another model than ours."""
    return Studio(load_engine, os.environ.get("STIMAGE_MODEL", DEFAULT_MODEL))


def load_engine(model: str) -> Engine:
    """Load an engine; called in the studio's worker thread, where torch may be imported."""
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")  # it misses torchvision, we don't
    from stimage.inference.engine import Engine

    return Engine.load(model)
