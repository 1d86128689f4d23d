"""Long work on models beside the drawing, a download or an import: one at a time.

A page starts it, polls its snapshot and may cancel it. It goes on when the person changes pages or
closes the tab.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from stimage.errors import Cancelled, Message, ModelError, StimageError
from stimage.i18n import message_of
from stimage.progress import Report

Work = Callable[[Report, threading.Event], str]  # returns the name of the model that came
log = logging.getLogger(__name__)


class TaskKind(StrEnum):
    """What is done."""

    DOWNLOAD = "download"
    IMPORT = "import"


class TaskState(StrEnum):
    """Where it stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSnapshot:
    """One piece of work, as it was at one moment.

    Attributes:
        label: the title of the model, or the name of the file.
        model: the catalog name of what is downloaded; "" for an import.
        stage: a key of the catalog: what is done now.
        share: how much is done, in [0, 1].
        message: what to tell a person at the end, when it did not succeed.
        result: the name of the model that came, when the state is DONE.
    """

    kind: TaskKind
    label: str
    model: str = ""
    stage: str = "task.starting"
    share: float = 0.0
    state: TaskState = TaskState.RUNNING
    message: Message | None = None
    result: str = ""


class Tasks:
    """Runs one task at a time in its own thread and remembers the last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cancelled = threading.Event()
        self._last: TaskSnapshot | None = None

    @property
    def last(self) -> TaskSnapshot | None:
        """How the last task stands."""
        return self._last

    @property
    def running(self) -> bool:
        """Whether one is at work."""
        return self._last is not None and self._last.state == TaskState.RUNNING

    def start(self, kind: TaskKind, label: str, work: Work, model: str = "") -> None:
        """Begin.

        Raises:
            ModelError: "busy" while another one runs.
        """
        with self._lock:
            if self.running:
                raise ModelError("busy")
            self._last = TaskSnapshot(kind=kind, label=label, model=model)
            self._cancelled = threading.Event()
            arguments = (work, self._cancelled)
            try:
                threading.Thread(target=self._run, args=arguments, name="task", daemon=True).start()
            except RuntimeError:  # the system is out of threads
                self._last = None
                raise

    def cancel(self) -> None:
        """Stop the one that runs, soon."""
        self._cancelled.set()

    def _run(self, work: Work, cancelled: threading.Event) -> None:
        try:
            name = work(self._report, cancelled)
            self._last = replace(self._current, state=TaskState.DONE, result=name)
        except Cancelled as error:
            state, message = TaskState.CANCELLED, error.message
            self._last = replace(self._current, state=state, message=message)
        except BaseException as error:  # after SystemExit, too, it must not look as if it ran
            if not isinstance(error, StimageError):
                log.exception("A task failed.")
            state, message = TaskState.FAILED, message_of(error)
            self._last = replace(self._current, state=state, message=message)

    def _report(self, stage: str, share: float) -> None:
        self._last = replace(self._current, stage=stage, share=min(max(share, 0.0), 1.0))

    @property
    def _current(self) -> TaskSnapshot:
        assert self._last is not None, "only a task that began reports"
        return self._last
