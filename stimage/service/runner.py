"""What draws for a service: an engine in the thread of the caller, or one in a process."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from stimage.errors import StimageError
from stimage.request import Request, Step

if TYPE_CHECKING:
    from stimage.inference.engine import Engine


class WorkerDied(StimageError):
    """The process that draws ended in the middle; the same request may be drawn again."""

    def __init__(self) -> None:
        super().__init__("worker_died")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A finished picture.

    Attributes:
        png: the file, with its settings inside.
        seconds: how long the engine took.
        model: the name of the model that drew it.
    """

    png: bytes
    seconds: float
    model: str


class Follower(Protocol):
    """Who follows one drawing. Whatever it raises ends the drawing and passes through."""

    def on_begin(self, request: Request) -> None:
        """Note the request as the model completes it, before its first step."""

    def wants_preview(self) -> bool:
        """Return whether a preview is wanted now."""

    def on_step(self, index: int, total: int, preview: bytes | None) -> None:
        """Note that step `index` of `total` is done, and perhaps what it looks like, a JPEG."""


class Runner(Protocol):
    """Keeps the engine of one model and draws with it.

    One thread calls it, except for `stop` and `close`.
    """

    @property
    def model(self) -> str:
        """Whose engine is loaded; "" for none."""

    def load(self, model: str) -> None:
        """Load an engine in place of the one before.

        Raises:
            StimageError: what `Engine` raises; the runner has no model then.
            WorkerDied: if it can be tried again.
        """

    def draw(self, request: Request, follower: Follower) -> Drawn:
        """Draw with the engine that is loaded.

        Raises:
            StimageError: what `Engine` raises.
            WorkerDied: if it can be tried again, after `load`.
        """

    def stop(self) -> None:
        """End the drawing that runs within a step. Any thread may call it."""

    def close(self) -> None:
        """Let the engine go. Any thread may call it."""


class ThreadRunner:
    """Draws in the thread of its caller."""

    def __init__(self, load_engine: Callable[[str], Engine]) -> None:
        """Load nothing yet.

        Args:
            load_engine: makes the engine for a model's name.
        """
        self._load_engine = load_engine
        self._engine: Engine | None = None
        self.model = ""

    def load(self, model: str) -> None:
        """See `Runner.load`."""
        self.close()
        self._engine = self._load_engine(model)
        self.model = model

    def draw(self, request: Request, follower: Follower) -> Drawn:
        """See `Runner.draw`."""
        from stimage.images.png_metadata import write_png

        engine = self._engine
        assert engine is not None, "load first"

        def on_step(step: Step) -> None:
            wanted = step.index < step.total and follower.wants_preview()
            follower.on_step(step.index, step.total, step.preview() if wanted else None)

        follower.on_begin(engine.completed(request))
        picture = engine.generate(request, on_step)
        return Drawn(png=write_png(picture), seconds=picture.seconds, model=picture.model)

    def stop(self) -> None:
        """See `Runner.stop`: the follower stops it by what it raises."""

    def close(self) -> None:
        """See `Runner.close`."""
        self._engine, self.model = None, ""
        gc.collect()
