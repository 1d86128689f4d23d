"""A service under test: an engine one can hold at a step, and waiting as a page does."""

from __future__ import annotations

import contextlib
import io
import threading
import time
from collections.abc import Callable

from PIL import Image

from stimage.errors import QueueFull
from stimage.inference.engine import Engine
from stimage.request import Picture, Request
from stimage.service.api import ImageService, JobSnapshot
from tests.support.tiny import shared_engine

LoadEngine = Callable[[str], Engine]


class Gate:
    """Draws with a real engine, but each step waits until the test lets it go."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.steps, self.arrived = engine, threading.Semaphore(0), threading.Event()
        self.drawn: list[str] = []
        self.completed = engine.completed
        self.name = engine.name

    def generate(self, request: Request, on_step=None) -> Picture:
        self.drawn.append(request.prompt)

        def wait_then(step):
            self.arrived.set()
            assert self.steps.acquire(timeout=30)
            on_step(step)

        return self.engine.generate(request, wait_then)

    def open(self) -> None:
        self.steps.release(10_000)


def request(prompt: str = "a fox", **values) -> Request:
    return Request(**{"prompt": prompt, "seed": 1, "num_inference_steps": 3, **values})


def pixels(snapshot: JobSnapshot) -> bytes:
    assert snapshot.png is not None
    return Image.open(io.BytesIO(snapshot.png)).tobytes()


def drawn_alone(wanted: Request, engine: Engine | None = None) -> bytes:
    return (engine or shared_engine()).generate(wanted).image.tobytes()


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def finish(service: ImageService, ids: list[str]) -> list[JobSnapshot]:
    """Wait until all jobs are over, as a page does that looks again and again."""

    def over() -> bool:
        return all((job := service.watch(name)) is None or job.over for name in ids)

    until(over)
    return [job for name in ids if (job := service.snapshot(name)) is not None]


def places(service: ImageService, ids: list[str]) -> list[int]:
    return [job.place for name in ids if (job := service.snapshot(name)) is not None]


def fill_queue(service: ImageService) -> None:
    """Submit until nobody can any more; the engine has to hold its picture."""
    [first] = service.submit([request()], "first")
    until(lambda: (job := service.snapshot(first)) is not None and job.state != "queued")
    with contextlib.suppress(QueueFull):
        for number in range(1000):
            service.submit([request()], str(number))
