"""The process that draws: `python -m stimage.service.worker`. It alone imports torch.

It reads orders from its standard input and writes answers to its standard output, until nobody
writes any more: it does not outlive the process that started it, however that ends.
"""

from __future__ import annotations

import logging
import os
import queue
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from stimage.errors import Cancelled, Message, StimageError
from stimage.i18n import message_of
from stimage.request import Request
from stimage.service.messages import (
    Answer,
    Begun,
    Draw,
    Failed,
    Finished,
    Load,
    Loaded,
    Look,
    Said,
    Stepped,
    Stop,
    read_order,
    write,
)
from stimage.service.runner import Drawn, ThreadRunner

if TYPE_CHECKING:
    from stimage.inference.engine import Engine

LAST_SECONDS = 2.0  # for the step that runs when nobody listens any more
log = logging.getLogger(__name__)
Say = Callable[[Answer], None]


@dataclass(slots=True)
class Drawing:
    """One drawing, and what was asked of it meanwhile. It is its own follower."""

    request: Request
    say: Say
    look: threading.Event = field(default_factory=threading.Event)
    stop: threading.Event = field(default_factory=threading.Event)

    def on_begin(self, request: Request) -> None:
        """See `Follower.on_begin`."""
        self.say(Begun(request))

    def wants_preview(self) -> bool:
        """See `Follower.wants_preview`."""
        return self.look.is_set() and not self.stop.is_set()

    def on_step(self, index: int, total: int, preview: bytes | None) -> None:
        """See `Follower.on_step`."""
        if self.stop.is_set():
            raise Cancelled
        if preview is not None:
            self.look.clear()
        self.say(Stepped(index, total, preview))


def serve(load_engine: Callable[[str], Engine]) -> None:
    """Do what is ordered until the standard input ends.

    Args:
        load_engine: makes the engine for a model's name.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the one who started us
    orders, answers = _own_pipes()
    todo: queue.SimpleQueue[Load | Drawing | None] = queue.SimpleQueue()
    runner = ThreadRunner(load_engine)

    def say(answer: Answer) -> None:
        try:
            write(answers, answer)
        except OSError:  # nobody listens any more
            os._exit(0)

    threading.Thread(target=_listen, args=(orders, todo, say), daemon=True).start()
    while (task := todo.get()) is not None:
        say(_answer(runner, task))


def _own_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Take standard input and output for ourselves: what a library prints goes to the log."""
    orders, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 (a device, not a path of ours)
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    return orders, answers


def _listen(orders: IO[bytes], todo: queue.SimpleQueue[Load | Drawing | None], say: Say) -> None:
    """Hand on what is to be done one after the other; note at once what concerns the drawing."""
    drawing: Drawing | None = None
    while (order := read_order(orders)) is not None:
        match order:
            case Load():
                todo.put(order)
            case Draw(request):
                drawing = Drawing(request, say)
                todo.put(drawing)
            case Look() if drawing is not None:
                drawing.look.set()
            case Stop() if drawing is not None:
                drawing.stop.set()
    if drawing is not None:
        drawing.stop.set()
    todo.put(None)
    threading.Event().wait(LAST_SECONDS)
    os._exit(0)


def _answer(runner: ThreadRunner, task: Load | Drawing) -> Answer:
    try:
        if isinstance(task, Load):
            runner.load(task.model)
            return Loaded()
        drawn: Drawn = runner.draw(task.request, task)
    except Exception as error:  # noqa: BLE001 (whatever it is, the one who asked must hear of it)
        return Failed(Said.of(_message_of(error)))
    return Finished(drawn.png, drawn.seconds, drawn.model)


def _message_of(error: Exception) -> Message:
    message = message_of(error)
    if not isinstance(error, StimageError) and message.key != "out_of_memory":
        log.error("A drawing failed.", exc_info=error)
    return message


def _main() -> None:
    from stimage.inference.loading import load_engine

    serve(load_engine)


if __name__ == "__main__":
    _main()
