"""The drawings that scenes are made of, where they are installed."""

import importlib.util

import pytest

from stimage.config import config

INSTALLED = (config().drawings / "noto").is_dir() and importlib.util.find_spec("resvg_py")
needs_drawings = pytest.mark.skipif(
    not INSTALLED, reason="needs the drawings of the scenes (docs/training.md)"
)
