"""Whether memory stays flat over many pictures: `python -m benchmarks.memory`."""

from __future__ import annotations

import argparse

import psutil

from benchmarks.drawing import draw
from benchmarks.table import print_table
from stimage.config import DEFAULT_MODEL
from stimage.request import Request
from stimage.service.local import LocalService

SETTLED = 3  # pictures until everything that is kept for good has been made
MIB = 2**20


def rss_mib() -> float:
    """Return the resident memory of this process."""
    return float(psutil.Process().memory_info().rss) / MIB


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--pictures", type=int, default=50)
    parser.add_argument("--steps", type=int)
    wanted = parser.parse_args()

    from stimage.ui.service import load_engine

    before = rss_mib()
    service = LocalService(load_engine, wanted.model)
    after: list[float] = []
    peak = [before]
    for number in range(wanted.pictures):
        request = Request(
            prompt=f"a fox number {number}", seed=number, num_inference_steps=wanted.steps
        )
        visitor = f"visitor {number % 8}"
        draw(service, request, visitor, look=lambda _job: peak.append(rss_mib()))
        after.append(rss_mib())
    settled, last = after[SETTLED - 1], after[-1]
    print_table(
        f"Memory: {wanted.model}, {wanted.pictures} pictures through the service",
        [
            ("RSS before the first request (no torch)", f"{before:.0f} MiB"),
            ("RSS after picture 1", f"{after[0]:.0f} MiB"),
            (f"RSS after picture {SETTLED}", f"{settled:.0f} MiB"),
            (f"RSS after picture {len(after)}", f"{last:.0f} MiB"),
            ("growth (at most 2 % is wanted)", f"{last / settled - 1:+.1%}"),
            ("peak RSS while drawing", f"{max(peak):.0f} MiB"),
        ],
    )


if __name__ == "__main__":
    main()
