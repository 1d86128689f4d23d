"""Draws in a process of its own, so that this one needs no torch and survives what it may do."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

import msgspec

from stimage import paths
from stimage.errors import Cancelled, StimageError
from stimage.request import Request
from stimage.service.messages import (
    Answer,
    Begun,
    Draw,
    Failed,
    Finished,
    Load,
    Look,
    Order,
    Stepped,
    Stop,
    read_answer,
    write,
)
from stimage.service.runner import Drawn, Follower, WorkerDied

COMMAND = (sys.executable, "-m", "stimage.service.worker")
ENDING_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long the worker may be silent before it is ended.

    Attributes:
        load_seconds: while it starts and loads a model.
        step_seconds: before the first step, in a step, and after the last.
    """

    load_seconds: float = 300.0
    step_seconds: float = 300.0


class ProcessRunner:
    """A `Runner` whose engine lives in a worker process, a new one for each `load`."""

    def __init__(self, command: Sequence[str] = COMMAND, patience: Patience = Patience()) -> None:
        """Start nothing yet.

        Args:
            command: starts a worker.
            patience: with a worker that says nothing.
        """
        self._command, self._patience = command, patience
        self._worker: _Worker | None = None
        self._model = ""

    @property
    def model(self) -> str:
        """See `Runner.model`: that of a worker which is alive."""
        worker = self._worker
        return "" if worker is None or worker.process.poll() is not None else self._model

    @property
    def pid(self) -> int | None:
        """The process id of the worker; None while there is none."""
        worker = self._worker
        return None if worker is None else worker.process.pid

    def load(self, model: str) -> None:
        """See `Runner.load`: the worker before ends, and its memory with it.

        Raises:
            StimageError: "worker_not_started" or "worker_silent", or what the engine raises.
        """
        self.close()
        self._worker = worker = _Worker(self._command)
        worker.send(Load(model))
        answer = self._receive(worker, self._patience.load_seconds)
        if isinstance(answer, Failed):
            self.close()
            raise _error(answer)
        self._model = model

    def draw(self, request: Request, follower: Follower) -> Drawn:
        """See `Runner.draw`.

        Raises:
            StimageError: "worker_silent", or what the engine raises.
        """
        worker = self._worker
        if worker is None:
            raise WorkerDied
        worker.send(Draw(request))
        answer = self._follow(worker, follower)
        if isinstance(answer, Finished):
            return Drawn(png=answer.png, seconds=answer.seconds, model=answer.model)
        error = _error(answer)
        if error.code == "out_of_memory":
            self.close()  # what a broken drawing left would be in the way of the next
        raise error

    def stop(self) -> None:
        """See `Runner.stop`."""
        worker = self._worker
        if worker is not None:
            worker.send(Stop())

    def close(self) -> None:
        """See `Runner.close`: the worker ends."""
        worker, self._worker, self._model = self._worker, None, ""
        if worker is not None:
            worker.end()

    def _follow(self, worker: _Worker, follower: Follower) -> Finished | Failed:
        """Tell the follower each step; return how the drawing ended."""
        refused: BaseException | None = None
        while True:
            answer = self._receive(worker, self._patience.step_seconds)
            if isinstance(answer, Finished | Failed):
                if refused is not None:
                    raise refused
                return answer
            if refused is None:  # later steps were on their way already
                try:
                    _tell(worker, follower, answer)
                except BaseException as error:  # noqa: BLE001 (raised when the worker is ready)
                    refused = error
                    worker.send(Stop())

    def _receive(self, worker: _Worker, seconds: float) -> Answer:
        """Return what the worker says next; end one that says nothing or is gone."""
        try:
            answer = worker.answers.get(timeout=seconds)
        except queue.Empty:
            self.close()
            raise StimageError("worker_silent", seconds=seconds) from None
        if answer is None:
            self.close()
            raise WorkerDied
        return answer


class _Worker:
    """A worker process; a thread reads its answers, so that it never waits for us."""

    def __init__(self, command: Sequence[str]) -> None:
        environment = os.environ | {"PYTHONPATH": str(paths.ROOT)}
        try:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
            )
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise StimageError("worker_not_started", reason=reason) from error
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._orders: IO[bytes] = self.process.stdin
        self.answers: queue.SimpleQueue[Answer | None] = queue.SimpleQueue()
        self._sending = threading.Lock()
        reading = (self.process.stdout, self.answers)
        threading.Thread(target=_pump, args=reading, name="answers", daemon=True).start()

    def send(self, order: Order) -> None:
        """Send an order; that nobody reads it any more is seen at the answers."""
        with self._sending, contextlib.suppress(OSError, ValueError):
            write(self._orders, order)

    def end(self) -> None:
        """End the process, and wait until it is gone."""
        self.process.terminate()
        try:
            self.process.wait(ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        with self._sending, contextlib.suppress(OSError):
            self._orders.close()


def _pump(stream: IO[bytes], answers: queue.SimpleQueue[Answer | None]) -> None:
    with contextlib.suppress(OSError, msgspec.MsgspecError), stream:  # or it is no worker of ours
        while (answer := read_answer(stream)) is not None:
            answers.put(answer)
    answers.put(None)


def _tell(worker: _Worker, follower: Follower, answer: Answer) -> None:
    match answer:
        case Begun(request):
            follower.on_begin(request)
        case Stepped(index, total, preview):
            follower.on_step(index, total, preview)
    if follower.wants_preview():
        worker.send(Look())


def _error(answer: Failed) -> StimageError:
    message = answer.error.message()
    kind = Cancelled if message.key == "cancelled" else StimageError
    return kind(message.key, **message.values)
