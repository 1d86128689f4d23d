"""Whether a picture outlives its worker, killed at each step: `python -m benchmarks.worker_kills`.

About 4 minutes on two cores: each kill costs a new worker its start.
"""

from __future__ import annotations

import os
import signal
import time
from statistics import median

from benchmarks.drawing import draw
from benchmarks.table import print_table
from stimage.config import config
from stimage.request import Request
from stimage.service.api import JobSnapshot
from stimage.service.local import LocalService
from stimage.service.process import ProcessRunner

STEPS = 20
REQUEST = Request(prompt="a fox sleeping in the forest", seed=7, num_inference_steps=STEPS)


def drawn_though_killed(
    service: LocalService, runner: ProcessRunner, step: int
) -> tuple[JobSnapshot, float]:
    """Kill the worker after a step; return the job, and the seconds until another one draws."""
    killed: list[float] = []
    again: list[float] = []

    def look(job: JobSnapshot) -> None:
        if not killed and job.step >= step and job.total and runner.pid is not None:
            os.kill(runner.pid, signal.SIGKILL)
            killed.append(time.perf_counter())
        elif killed and not again and job.restarts and job.total:
            again.append(time.perf_counter())

    while not again:  # a busy machine may see a step too late
        job = draw(service, REQUEST, look=look, every_seconds=0.001)
    return job, again[0] - killed[0]


def main() -> None:
    runner = ProcessRunner()
    service = LocalService(runner, config().model)
    alone = draw(service, REQUEST)
    trials = [drawn_though_killed(service, runner, step) for step in range(STEPS)]
    service.close()
    same = sum(job.png == alone.png for job, _ in trials)
    ready = [seconds for _, seconds in trials]
    print_table(
        f"SIGKILL of the worker before its first step and after each but the last, {STEPS} steps",
        [
            ("the same file, bit for bit", f"{same} of {STEPS}"),
            ("said that it began again", f"{sum(job.restarts == 1 for job, _ in trials)}"),
            ("from the kill until a new worker draws, median", f"{median(ready):.2f} s"),
            ("at worst (at most 10 s is wanted)", f"{max(ready):.2f} s"),
        ],
    )


if __name__ == "__main__":
    main()
