"""30 visitors, 10,000 pictures, workers killed at random: `python -m benchmarks.crowd`.

The engine takes no time worth speaking of, so that queue, pipe and store are what is tried.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import random
import sqlite3
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
from PIL import Image

from benchmarks import plain_engine
from benchmarks.processes import rss_mib
from benchmarks.table import print_table
from stimage.i18n import say
from stimage.images.png_metadata import read_png
from stimage.request import Request
from stimage.service.api import JobSnapshot
from stimage.service.local import LocalService
from stimage.service.process import ProcessRunner
from stimage.service.store import FILE, Store

LOOK_SECONDS = 0.005
KILL_SECONDS = 2.0  # between two kills, on average


class Killer:
    """Kills the worker at random moments; never twice in one drawing, which fails by design."""

    def __init__(self, service: LocalService, runner: ProcessRunner) -> None:
        self.kills = 0
        self.running: dict[str, str] = {}  # the job each visitor waits for
        self._service, self._runner, self._over = service, runner, threading.Event()
        self._random = random.Random(0)  # noqa: S311 (moments, not secrets)
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> Killer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._over.wait(self._random.uniform(0, 2 * KILL_SECONDS)):
            jobs = [self._service.snapshot(name) for name in list(self.running.values())]
            pid = self._runner.pid
            if pid is not None and not any(job and job.restarts and not job.over for job in jobs):
                with contextlib.suppress(psutil.NoSuchProcess):
                    psutil.Process(pid).kill()
                    self.kills += 1


def is_right(job: JobSnapshot, seed: int) -> bool:
    """Whether a job has the picture of its own seed, inside and out."""
    if job.png is None or job.request.seed != seed or read_png(job.png)["seed"] != seed:
        return False
    return Image.open(io.BytesIO(job.png)).tobytes() == plain_engine.gray_of(seed)


def visit(service: LocalService, killer: Killer, number: int, count: int) -> list[str]:
    """Draw one picture after the other; return what went wrong."""
    wrong = []
    for turn in range(count):
        seed = number * count + turn
        [name] = service.submit([Request(prompt="a fox", seed=seed)], f"visitor {number}")
        killer.running[f"visitor {number}"] = name
        while (job := service.watch(name)) is not None and not job.over:
            time.sleep(LOOK_SECONDS)
        if job is None or job.png is None:
            wrong.append(say(job.error) if job and job.error else "lost")
        elif not is_right(job, seed):
            wrong.append("swapped")
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visitors", type=int, default=30)
    parser.add_argument("--jobs", type=int, default=10_000)
    given = parser.parse_args()
    each = given.jobs // given.visitors
    own = psutil.Process()
    with tempfile.TemporaryDirectory() as folder:
        runner = ProcessRunner(plain_engine.COMMAND)
        service = LocalService(runner, "plain", store=Store(Path(folder)))
        visitors = range(given.visitors)
        with Killer(service, runner) as killer, ThreadPoolExecutor(given.visitors) as threads:
            settle = list(threads.map(lambda n: visit(service, killer, n, each // 10), visitors))
            settled, started = rss_mib(own), time.perf_counter()
            rest = list(threads.map(lambda n: visit(service, killer, n, each), visitors))
            seconds = time.perf_counter() - started
        last = rss_mib(own)
        with contextlib.closing(sqlite3.connect(Path(folder, FILE))) as kept:
            [(rows,)] = kept.execute("SELECT count(*) FROM jobs WHERE png IS NOT NULL")
        service.close()
    wrong = [what for one in (*settle, *rest) for what in one]
    print_table(
        f"{given.visitors} visitors, {each * given.visitors:,} pictures of a tiny engine",
        [
            ("workers killed", str(killer.kills)),
            ("lost, doubled, swapped or failed", str(len(wrong))),
            ("of these", ", ".join(sorted(set(wrong))) or "none"),
            ("pictures a second", f"{each * given.visitors / seconds:.0f}"),
            ("memory after a tenth more, at the end", f"{settled:.1f} MiB, {last:.1f} MiB"),
            ("growth (at most 2 % is wanted)", f"{last / settled - 1:+.1%}"),
            ("pictures on the disk", f"{rows:,} of {(each + each // 10) * given.visitors:,}"),
        ],
    )


if __name__ == "__main__":
    main()
