"""Many visitors at once, each with a picture: `python -m benchmarks.visitors --visitors 20`."""

from __future__ import annotations

import argparse
import contextlib
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from benchmarks.browser import PROMPT, mib, running_app, spread
from benchmarks.processes import worker_of
from benchmarks.session import Session, session
from benchmarks.table import print_table

POLL_SECONDS = 0.5
PATIENCE_SECONDS = 600


class Visitor:
    """One visitor, who measures how long the pages take."""

    def __init__(self, number: int, start: Barrier) -> None:
        self.load = 0.0
        self.switches: list[float] = []
        self.polls: list[float] = []
        self.has_picture = False
        self._number, self._start = number, start

    def visit(self, address: str) -> None:
        """Open the page, submit, go to the explainer and back, and wait for the picture."""
        with contextlib.ExitStack() as stack:
            started = time.perf_counter()
            visit = stack.enter_context(session(address))
            visit.run()
            self.load = time.perf_counter() - started
            self._start.wait()
            visit.run(prompt=f"{PROMPT} {self._number}", submit=True)
            self.switches = [self._switch(visit, page) for page in ("how_it_works", "")]
            end = time.perf_counter() + PATIENCE_SECONDS
            while not visit.pictures and time.perf_counter() < end:
                time.sleep(POLL_SECONDS)
                started = time.perf_counter()
                visit.look()
                self.polls.append(time.perf_counter() - started)
            self.has_picture = bool(visit.pictures)

    @staticmethod
    def _switch(visit: Session, page: str) -> float:
        started = time.perf_counter()
        visit.run(page=page)
        return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visitors", type=int, default=20)
    count = parser.parse_args().visitors
    start = Barrier(count)
    people = [Visitor(number, start) for number in range(count)]
    with running_app() as (address, process), ThreadPoolExecutor(count) as threads:
        list(threads.map(lambda person: person.visit(address), people))
        memory, drawing = mib(process), mib(worker_of(process))
    rows = [
        ("first load", spread([person.load for person in people])),
        ("poll while pictures are drawn", spread([poll for p in people for poll in p.polls])),
        ("page switch while pictures are drawn", spread([s for p in people for s in p.switches])),
        ("pictures delivered", f"{sum(p.has_picture for p in people)} of {count}"),
        ("memory of the app at the end", memory),
        ("memory of the process that draws", drawing),
    ]
    print_table(f"{count} visitors at once", rows)


if __name__ == "__main__":
    main()
