"""Long work on models beside the drawing, such as a download or an import: one at a time.

A page starts it, reads its plain values again and again, and may stop it. It goes on when the
person changes pages or closes the tab.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from stimage.errors import Cancelled, ModelError, StimageError

Report = Callable[[str, float], None]  # what is done, and how much of it in [0, 1]
Work = Callable[[Report, threading.Event], str]


@dataclass
class Transfer:
    """One piece of work: what it does now, how far it is, and how it ended."""

    title: str
    model: str = ""  # the name of what is fetched, for the page
    what: str = "Starting"
    share: float = 0.0
    state: str = "running"  # then "done", "failed" or "stopped"
    message: str = ""
    result: str = ""
    cancelled: threading.Event = field(default_factory=threading.Event)

    def report(self, what: str, share: float) -> None:
        """Note the progress, in [0, 1]."""
        self.what, self.share = what, min(max(share, 0.0), 1.0)


class Transfers:
    """Runs one `Transfer` at a time in its own thread and remembers the last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.last: Transfer | None = None

    @property
    def running(self) -> bool:
        """Whether one is at work."""
        return self.last is not None and self.last.state == "running"

    def start(self, title: str, work: Work, model: str = "") -> Transfer:
        """Begin.

        Raises:
            ModelError: with code "busy" while another one runs.
        """
        with self._lock:
            if self.running:
                raise ModelError("Another import or download runs. Wait, or stop it.", "busy")
            transfer = self.last = Transfer(title, model)
        threading.Thread(target=_run, args=(transfer, work), name="transfer", daemon=True).start()
        return transfer


def _run(transfer: Transfer, work: Work) -> None:
    try:
        transfer.result = work(transfer.report, transfer.cancelled)
        transfer.state = "done"
    except Cancelled as error:
        transfer.message, transfer.state = str(error), "stopped"
    except StimageError as error:
        transfer.message, transfer.state = str(error), "failed"
    except Exception as error:
        kind = type(error).__name__
        transfer.message = f"Something unexpected went wrong ({kind}). Try it again."
        transfer.state = "failed"
