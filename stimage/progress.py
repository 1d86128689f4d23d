"""How long work reports what it does, and how it is stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable

from stimage.errors import Cancelled

Report = Callable[[str, float], None]  # a key of the catalog, and how much is done in [0, 1]


def stop_if(cancelled: threading.Event, code: str) -> None:
    """End the work if a person asked for it.

    Raises:
        Cancelled: with `code`.
    """
    if cancelled.is_set():
        raise Cancelled(code)
