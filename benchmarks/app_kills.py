"""Whether queue and pictures outlive the app, killed in mid-drawing: `-m benchmarks.app_kills`."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time

from benchmarks.browser import PROMPT, running_app
from benchmarks.session import session
from benchmarks.table import print_table

QUEUED = 10
PATIENCE_SECONDS = 600


def ask(address: str, visits: contextlib.ExitStack, number: int) -> str:
    """Submit one picture as a visitor who stays; return the address that shows it."""
    visit = visits.enter_context(session(address))
    visit.run()
    visit.run(prompt=f"{PROMPT} {number}", submit=True)
    return visit.query


def is_drawn(address: str, query: str) -> bool:
    """Whether somebody who opens this address sees a picture."""
    with session(address, query) as visit:
        visit.run()
        return bool(visit.pictures)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["STIMAGE_KEEP"] = folder
        with running_app() as (address, app), contextlib.ExitStack() as visits:
            queries = [ask(address, visits, number) for number in range(1 + QUEUED)]
            before = sum(is_drawn(address, query) for query in queries)
            app.kill()
        started = time.perf_counter()
        with running_app() as (address, _):
            up = time.perf_counter() - started
            drawn = 0
            while drawn < len(queries) and time.perf_counter() - started < PATIENCE_SECONDS:
                time.sleep(1)
                drawn = sum(is_drawn(address, query) for query in queries)
            seconds = time.perf_counter() - started
    print_table(
        f"SIGKILL of the app, one picture being drawn and up to {QUEUED} queued",
        [
            ("drawn before the kill", f"{before} of {len(queries)}"),
            ("the app answers again after", f"{up:.1f} s"),
            ("shown at their addresses after the restart", f"{drawn} of {len(queries)}"),
            ("all of them after", f"{seconds:.1f} s"),
        ],
    )


if __name__ == "__main__":
    main()
