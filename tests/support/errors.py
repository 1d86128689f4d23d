"""Errors as a person reads them."""

from __future__ import annotations

import contextlib
import re

import pytest

from stimage.i18n import sentence


@contextlib.contextmanager
def refused(kind, pattern):
    """Expect an error of this kind whose sentence fits the pattern."""
    with pytest.raises(kind) as caught:
        yield caught
    assert re.search(pattern, sentence(caught.value)), sentence(caught.value)
