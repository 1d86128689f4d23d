"""Many visitors at once, each with a picture: `python -m benchmarks.visitors --visitors 20`."""

from __future__ import annotations

import argparse
import contextlib
import time
from collections.abc import Sequence
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

    def __init__(self, number: int, together: Barrier) -> None:
        self.load = self.switch = 0.0
        self.polls: list[float] = []
        self.has_picture = False
        self._number, self._together = number, together

    def visit(self, address: str) -> None:
        """Open the page, submit, wait for the picture, and go to the explainer with all others."""
        with contextlib.ExitStack() as stack:
            started = time.perf_counter()
            visit = stack.enter_context(session(address))
            visit.run()
            self.load = time.perf_counter() - started
            self._together.wait()
            visit.run(prompt=f"{PROMPT} {self._number}", submit=True)
            end = time.perf_counter() + PATIENCE_SECONDS
            while not visit.pictures and time.perf_counter() < end:
                time.sleep(POLL_SECONDS)
                started = time.perf_counter()
                visit.look()
                self.polls.append(time.perf_counter() - started)
            self.has_picture = bool(visit.pictures)
            self._together.wait()
            self.switch = switch_seconds(visit, "how_it_works")


def switch_seconds(visit: Session, page: str) -> float:
    """Go to a page; return how long it takes."""
    started = time.perf_counter()
    visit.run(page=page)
    return time.perf_counter() - started


def wander(address: str, people: Sequence[Visitor]) -> list[float]:
    """Go to the explainer and back as long as pictures are drawn; return the seconds of each."""
    found = []
    with session(address) as visit:
        visit.run()
        while not all(person.has_picture for person in people):
            for page in ("how_it_works", ""):
                time.sleep(POLL_SECONDS)
                found.append(switch_seconds(visit, page))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visitors", type=int, default=20)
    count = parser.parse_args().visitors
    together = Barrier(count)
    people = [Visitor(number, together) for number in range(count)]
    with running_app() as (address, process), ThreadPoolExecutor(count + 1) as threads:
        wandering = threads.submit(wander, address, people)
        list(threads.map(lambda person: person.visit(address), people))
        memory, drawing = mib(process), mib(worker_of(process))
    rows = [
        ("first load", spread([person.load for person in people])),
        ("poll while pictures are drawn", spread([poll for p in people for poll in p.polls])),
        ("page switch of one more while pictures are drawn", spread(wandering.result())),
        ("page switch of all at once", spread([person.switch for person in people])),
        ("pictures delivered", f"{sum(p.has_picture for p in people)} of {count}"),
        ("memory of the app at the end", memory),
        ("memory of the process that draws", drawing),
    ]
    print_table(f"{count} visitors at once", rows)


if __name__ == "__main__":
    main()
