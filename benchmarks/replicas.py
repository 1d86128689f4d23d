"""Two replicas on Ray against one, with engines that take a fixed time; and one killed under load.

    python -m benchmarks.replicas

Needs `requirements-cluster.txt` and Linux or macOS. Everything stays on this computer.
"""

from __future__ import annotations

import time

import psutil
from PIL import Image

from benchmarks.table import print_table
from stimage.inference.engine import OnStep
from stimage.request import Picture, Request, Step
from stimage.server.ray_serve import Cluster, RayRunner
from stimage.service.api import ImageService, JobSnapshot, JobState
from stimage.service.local import LocalService

STEPS, STEP_SECONDS = 10, 0.1
PICTURES = 16
REPLICA = "ServeReplica:stimage"
LOOK_SECONDS = 0.02


class SleepingEngine:
    """Takes a fixed time for each step and draws nothing."""

    name = "sleeping"

    def completed(self, request: Request) -> Request:
        """Return the request as it is."""
        return request

    def generate(self, request: Request, on_step: OnStep | None = None) -> Picture:
        """Sleep."""
        for index in range(1, STEPS + 1):
            time.sleep(STEP_SECONDS)
            if on_step is not None:
                on_step(Step(index, STEPS, bytes))
        picture = Image.new("RGB", (8, 8), (request.seed % 256, 0, 0))
        return Picture(picture, request, STEPS * STEP_SECONDS, self.name)


def load(_: str) -> SleepingEngine:
    """Return the engine; called in a replica."""
    return SleepingEngine()


def main() -> None:
    """Measure and print."""
    one, _ = drawn_by(1)
    two, _ = drawn_by(2)
    seconds, jobs = drawn_by(2, kill=True)
    lost = sum(job.state is not JobState.DONE for job in jobs)
    rows = [
        ("1 replica", f"{one:.2f} s"),
        ("2 replicas (at least 1.9 times is wanted)", f"{two:.2f} s, {one / two:.2f} times"),
        ("2 replicas, one killed", f"{seconds:.2f} s, {lost} of {PICTURES} lost"),
    ]
    print_table(f"Ray: {PICTURES} pictures of {STEPS * STEP_SECONDS:.0f} s each", rows)


def drawn_by(replicas: int, *, kill: bool = False) -> tuple[float, list[JobSnapshot]]:
    """Draw on a new cluster; return the seconds and how the jobs ended.

    Args:
        replicas: how many.
        kill: whether to kill one with SIGKILL while it draws.
    """
    cluster = Cluster(replicas, load)
    first, *beside = [RayRunner(cluster) for _ in range(replicas)]
    service = LocalService(first, "sleeping", beside=beside)
    try:
        finish(service, submit(service, 2 * replicas))  # every replica is up
        start = time.perf_counter()
        ids = submit(service, PICTURES)
        if kill:
            kill_one(service, ids)
        jobs = finish(service, ids)
        return time.perf_counter() - start, jobs
    finally:
        service.close()
        cluster.close()


def submit(service: ImageService, count: int) -> list[str]:
    """Ask for pictures, each for another visitor."""
    requests = [Request(prompt="a fox", seed=seed) for seed in range(count)]
    return [
        job_id
        for number, request in enumerate(requests)
        for job_id in service.submit([request], f"visitor {number}")
    ]


def kill_one(service: ImageService, ids: list[str]) -> None:
    """Kill one replica in the middle of a drawing."""
    while not any((job := service.watch(job_id)) and job.step > STEPS // 2 for job_id in ids):
        time.sleep(LOOK_SECONDS)
    replica = next(each for each in psutil.process_iter(["cmdline"]) if is_replica(each))
    replica.kill()


def is_replica(process: psutil.Process) -> bool:
    """Whether a process is one of the replicas; Ray writes it into its command line."""
    return REPLICA in " ".join(process.info["cmdline"] or ())


def finish(service: ImageService, ids: list[str]) -> list[JobSnapshot]:
    """Wait until all jobs are over; return them."""
    while True:
        jobs = [job for job_id in ids if (job := service.watch(job_id)) is not None]
        if all(job.over for job in jobs):
            return jobs
        time.sleep(LOOK_SECONDS)


if __name__ == "__main__":
    main()
