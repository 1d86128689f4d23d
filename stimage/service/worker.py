"""Loads the engine of a model and draws with it. One thread runs a worker."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from stimage.hardware.memory import give_back
from stimage.images.png_metadata import write_png
from stimage.service.jobs import Clock, Job, StepRecorder

if TYPE_CHECKING:
    from stimage.inference.engine import Engine
    from stimage.request import Picture, Request


class Worker:
    """Keeps one engine, that of the model which drew last."""

    def __init__(
        self, load_engine: Callable[[str], Engine], clock: Clock, lock: threading.Condition
    ) -> None:
        """Load nothing yet.

        Args:
            load_engine: makes the engine for a model's name.
            clock: in seconds.
            lock: held while a job is written.
        """
        self._load_engine, self._clock, self._lock = load_engine, clock, lock
        self._engine: Engine | None = None
        self._decode_seconds: float | None = None
        self.model = ""  # whose engine is in memory

    def unload(self) -> None:
        """Let the engine go, so that the next one finds room."""
        self._engine, self._decode_seconds, self.model = None, None, ""
        gc.unfreeze()
        gc.collect()

    def load(self, model: str) -> Engine:
        """Load an engine in place of the one before; what `load_engine` raises passes through."""
        self.unload()
        self._engine = self._load_engine(model)
        self.model = model
        gc.collect()
        gc.freeze()  # half a million objects of the libraries, never to be walked again
        return self._engine

    def completed(self, request: Request) -> Request:
        """Return the request as the loaded model completes it."""
        assert self._engine is not None, "load first"
        return self._engine.completed(request)

    def draw(self, job: Job) -> tuple[Picture, bytes]:
        """Draw a job, writing its steps into it; return the picture and its PNG file.

        Raises:
            Cancelled: as soon as the job is over.
        """
        assert self._engine is not None, "load first"
        recorder = StepRecorder(job, self._decode_seconds, self._clock, self._lock)
        picture = self._engine.generate(job.request, recorder.on_step)
        self._decode_seconds = self._clock() - recorder.step_ended
        return picture, write_png(picture)

    def tidy(self) -> None:
        """Give memory that loading or drawing left back to the system."""
        give_back()
