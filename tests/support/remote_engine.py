"""Engines of the test in a worker process: the worker asks for each step over a socket.

So a test can hold and inspect an engine that draws behind a real pipe.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Client, Connection, Listener

from stimage.errors import Cancelled
from stimage.inference.engine import Engine
from stimage.request import Picture, Request, Step
from stimage.service.worker import serve

KEY = b"only among ourselves"
LoadEngine = Callable[[str], Engine]


class EngineHost:
    """Lends what `load_engine` makes to every worker started with `command`."""

    def __init__(self, load_engine: LoadEngine) -> None:
        self._load_engine = load_engine
        self._listener = Listener(("127.0.0.1", 0), authkey=KEY)
        self.command = [sys.executable, "-m", __name__, str(self._listener.address[1])]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                lent = (self._listener.accept(), self._load_engine)
                threading.Thread(target=lend, args=lent, daemon=True).start()


def lend(worker: Connection, load_engine: LoadEngine) -> None:
    """Do what one worker asks for, until it is gone."""
    engine: Engine
    answer: object

    def on_step(step: Step) -> None:
        worker.send((step.index, step.total))
        while (asked := worker.recv()) == "preview":
            worker.send(step.preview())
        if asked == "stop":
            raise Cancelled

    with contextlib.suppress(EOFError, OSError):
        while True:
            asked, value = worker.recv()
            try:
                if asked == "load":
                    engine = load_engine(value)
                    answer = engine.name
                elif asked == "completed":
                    answer = engine.completed(value)
                else:
                    answer = engine.generate(value, on_step)
            except Exception as error:  # noqa: BLE001 (the worker raises it)
                answer = error
            worker.send(answer)


class RemoteEngine:
    """The worker's side: an engine that draws in the process of the test."""

    def __init__(self, test: Connection, model: str) -> None:
        self._test = test
        self.name = self._ask("load", model)

    def completed(self, request: Request) -> Request:
        return self._ask("completed", request)

    def generate(self, request: Request, on_step=None) -> Picture:
        self._test.send(("generate", request))
        while isinstance(answer := self._receive(), tuple):
            try:
                index, total = answer
                on_step(Step(index, total, self._preview))
                self._test.send("on")
            except Cancelled:
                self._test.send("stop")
        return answer

    def _preview(self) -> bytes:
        self._test.send("preview")
        return self._receive()

    def _ask(self, asked: str, value):
        self._test.send((asked, value))
        return self._receive()

    def _receive(self):
        answer = self._test.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer


if __name__ == "__main__":
    with Client(("127.0.0.1", int(sys.argv[1])), authkey=KEY) as connection:
        serve(lambda model: RemoteEngine(connection, model))
