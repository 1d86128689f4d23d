"""Engines on a Ray cluster: one replica of a Ray Serve deployment for each, our queue in front.

The service stays on the computer that answers HTTP. Each of its runners hands one drawing at a time
to whichever replica is free, so there are as many runners as replicas may come. Ray starts more
replicas while drawings wait and ends them again later; a replica that dies is replaced, and its
drawing begins again elsewhere. The only file that knows Ray.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import ray
from ray import serve
from ray.exceptions import RayError
from ray.serve.exceptions import RayServeException

from stimage.errors import Cancelled, StimageError
from stimage.i18n import message_of
from stimage.images.png_metadata import write_png
from stimage.inference.engine import Engine
from stimage.inference.loading import load_engine
from stimage.request import Request, Step
from stimage.service.local import LocalService
from stimage.service.messages import Answer, Begun, Failed, Finished, Said, Stepped
from stimage.service.opening import open_local
from stimage.service.runner import Drawn, Follower, WorkerDied
from stimage.service.step_recorder import PREVIEW_SECONDS

APP = "stimage"
LOAD_SECONDS = 600.0
QUIET_SECONDS = 60.0  # without a drawing, before a replica is ended
LoadEngine = Callable[[str], Engine]
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent anywhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How many engines there are, and what each gets.

    Attributes:
        replicas: at most so many, at least one.
        cpus: processors of each.
        gpus: graphics cards of each.
    """

    replicas: int
    cpus: float = 1.0
    gpus: float = 0.0

    @classmethod
    def for_cluster(cls, replicas: int) -> Scale:
        """Return a card for each replica where there are any, else an even share of processors."""
        nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
        if any(node.get("GPU") for node in nodes):
            return cls(replicas=replicas, gpus=1.0)
        smallest = min(node.get("CPU", 1.0) for node in nodes)
        share = smallest * len(nodes) / replicas
        return cls(replicas=replicas, cpus=min(smallest, int(share) or share))


class Replica:
    """One engine. Ray calls it in its event loop; drawing has a thread of its own."""

    def __init__(self, load: LoadEngine, model: str) -> None:
        self._engine = load(model)

    async def draw(self, request: Request) -> AsyncIterator[Answer]:
        """Yield what a worker process answers to `Draw`; who leaves stops it within a step."""
        loop = asyncio.get_running_loop()
        answers: asyncio.Queue[Answer] = asyncio.Queue()
        stopped = threading.Event()

        def say(answer: Answer) -> None:
            loop.call_soon_threadsafe(answers.put_nowait, answer)

        drawing = loop.run_in_executor(None, _draw, self._engine, request, say, stopped)
        try:
            while True:
                answer = await answers.get()
                yield answer
                if isinstance(answer, Finished | Failed):
                    return
        finally:
            stopped.set()
            await asyncio.shield(drawing)


def _draw(
    engine: Engine, request: Request, say: Callable[[Answer], None], stopped: threading.Event
) -> None:
    """Draw, in a thread; say everything that happens, and how it ended."""
    previewed = time.monotonic()

    def on_step(step: Step) -> None:
        nonlocal previewed
        if stopped.is_set():
            raise Cancelled
        due = time.monotonic() - previewed >= PREVIEW_SECONDS and step.index < step.total
        previewed = time.monotonic() if due else previewed
        say(Stepped(step.index, step.total, step.preview() if due else None))

    try:
        say(Begun(engine.completed(request)))
        picture = engine.generate(request, on_step)
        say(Finished(write_png(picture), picture.seconds, picture.model))
    except Exception as error:  # noqa: BLE001 (whatever it is, the other side says it)
        say(Failed(Said.of(message_of(error))))


class Cluster:
    """The replicas of one model, for all runners of a service."""

    def __init__(self, replicas: int, load: LoadEngine = load_engine) -> None:
        """Join the cluster that `RAY_ADDRESS` names, or start one on this computer.

        Args:
            replicas: how many engines there may be.
            load: makes the engine for a model's name, in the replica.
        """
        self._lock = threading.Lock()
        self._load = load
        self._handle: Any = None
        self.model = ""
        ray.init(log_to_driver=False, configure_logging=False, include_dashboard=False)
        serve.start(http_options={"location": "NoServer"})
        self._scale = Scale.for_cluster(replicas)

    def ensure(self, model: str) -> Any:  # noqa: ANN401 (Ray's handle has no public type)
        """Return the handle of the replicas that have this model; they are replaced if need be."""
        with self._lock:
            if self.model != model:
                self.model = ""
                self._handle = self._deploy(model)
                self.model = model
            return self._handle

    def _deploy(self, model: str) -> Any:  # noqa: ANN401
        scale = self._scale
        deployment = serve.deployment(
            Replica,
            name=APP,
            max_ongoing_requests=1,
            ray_actor_options={"num_cpus": scale.cpus, "num_gpus": scale.gpus},
            autoscaling_config={
                "min_replicas": 1,
                "max_replicas": scale.replicas,
                "initial_replicas": scale.replicas,
                "target_ongoing_requests": 1,
                "upscale_delay_s": 2,
                "downscale_delay_s": QUIET_SECONDS,
            },
            health_check_period_s=2,
            health_check_timeout_s=30,
        )
        app = deployment.bind(self._load, model)
        handle = serve.run(app, name=APP, route_prefix=None)
        return handle.options(stream=True)

    def close(self) -> None:
        """End the replicas, and with them a cluster that was started here."""
        if os.environ.get("RAY_ADDRESS"):
            serve.delete(APP)
        ray.shutdown()


class RayRunner:
    """A `Runner` that has one drawing at a time on a cluster."""

    def __init__(self, cluster: Cluster) -> None:
        """Load nothing yet."""
        self._cluster = cluster
        self._handle: Any = None
        self.model = ""

    def load(self, model: str) -> None:
        """See `Runner.load`."""
        self.model = ""
        try:
            self._handle = self._cluster.ensure(model)
        except (RayError, RayServeException, RuntimeError) as error:
            raise _not_started(error) from error
        self.model = model

    def draw(self, request: Request, follower: Follower) -> Drawn:
        """See `Runner.draw`."""
        answers = self._handle.draw.remote(request)
        try:
            for answer in answers:
                if isinstance(answer, Finished):
                    return Drawn(png=answer.png, seconds=answer.seconds, model=answer.model)
                _follow(answer, follower)
        except (RayError, RayServeException) as error:
            raise WorkerDied from error
        finally:
            answers.cancel()
        raise WorkerDied

    def stop(self) -> None:
        """See `Runner.stop`: the follower stops it by what it raises."""

    def close(self) -> None:
        """See `Runner.close`: the replicas belong to the cluster."""
        self.model = ""


def _not_started(error: Exception) -> StimageError:
    return StimageError("replicas_not_started", reason=str(error).partition("\n")[0][:200])


def _follow(answer: Answer, follower: Follower) -> None:
    match answer:
        case Begun():
            follower.on_begin(answer.request)
        case Stepped():
            wanted = follower.wants_preview()
            follower.on_step(answer.index, answer.total, answer.preview if wanted else None)
        case Failed():
            message = answer.error.message()
            raise StimageError(message.key, **message.values)
        case _:
            raise AssertionError(answer)


def open_on_cluster(model: str, replicas: int) -> LocalService:
    """Open a service whose engines are on a cluster; it is left when Python ends.

    Args:
        model: which one draws first.
        replicas: how many engines there may be.

    Raises:
        StimageError: "replicas_not_started", if the cluster can't be reached or started.
    """
    try:
        cluster = Cluster(replicas)
    except (RayError, RayServeException, RuntimeError, OSError) as error:
        raise _not_started(error) from error
    atexit.register(cluster.close)
    return open_local(model, [RayRunner(cluster) for _ in range(replicas)])
