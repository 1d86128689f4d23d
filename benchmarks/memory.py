"""Whether memory stays flat over many pictures: `python -m benchmarks.memory`."""

from __future__ import annotations

import argparse
import contextlib

import psutil

from benchmarks.drawing import draw
from benchmarks.processes import rss_mib, worker_of
from benchmarks.table import print_table
from stimage.config import DEFAULT_MODEL
from stimage.request import Request
from stimage.service.api import JobSnapshot
from stimage.service.local import LocalService
from stimage.service.process import ProcessRunner

SETTLED = 3  # pictures until everything that is kept for good has been made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--pictures", type=int, default=50)
    parser.add_argument("--steps", type=int)
    wanted = parser.parse_args()

    this = psutil.Process()
    before = rss_mib(this)
    service = LocalService(ProcessRunner(), wanted.model)
    peak, own, both = [before], [], []

    def look(_job: JobSnapshot) -> None:
        with contextlib.suppress(LookupError):  # it has not started yet
            peak.append(rss_mib(this) + rss_mib(worker_of(this)))

    for number in range(wanted.pictures):
        request = Request(
            prompt=f"a fox number {number}", seed=number, num_inference_steps=wanted.steps
        )
        draw(service, request, f"visitor {number % 8}", look=look)
        own.append(rss_mib(this))
        both.append(own[-1] + rss_mib(worker_of(this)))
    service.close()
    settled, last = both[SETTLED - 1], both[-1]
    print_table(
        f"Memory: {wanted.model}, {wanted.pictures} pictures through the service",
        [
            ("RSS before the first request", f"{before:.0f} MiB"),
            (f"RSS of this process after picture {len(own)}", f"{own[-1]:.0f} MiB"),
            ("RSS of it and of the worker after picture 1", f"{both[0]:.0f} MiB"),
            (f"RSS of both after picture {SETTLED}", f"{settled:.0f} MiB"),
            (f"RSS of both after picture {len(both)}", f"{last:.0f} MiB"),
            ("growth (at most 2 % is wanted)", f"{last / settled - 1:+.1%}"),
            ("peak of both while drawing", f"{max(peak):.0f} MiB"),
        ],
    )


if __name__ == "__main__":
    main()
