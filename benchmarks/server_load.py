"""Load on the back-end over loopback: answers, seconds, and what is refused.

    python3 run.py server                                   # in another terminal
    python -m benchmarks.server_load --clients 8 --requests 40

It asks only this computer, at most 64 clients at once, and sends nothing more once it is stopped.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx

from benchmarks.table import print_table

MAX_CLIENTS, MAX_REQUESTS = 64, 10_000
SECONDS = 600.0  # that an answer may take


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=5000)
    parser.add_argument("--key", default="")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--requests", type=int, default=40)
    parser.add_argument("--steps", type=int)
    wanted = parser.parse_args()
    clients = min(wanted.clients, MAX_CLIENTS)
    count = min(wanted.requests, MAX_REQUESTS)
    headers = {"Authorization": f"Bearer {wanted.key}"} if wanted.key else {}
    address = f"http://127.0.0.1:{wanted.port}"

    with httpx.Client(base_url=address, headers=headers, timeout=SECONDS) as client:
        try:
            client.get("/readyz").raise_for_status()
        except httpx.HTTPError as error:
            print(f"No server that is ready at {address}: {error}", file=sys.stderr)
            return 1

        def ask(number: int) -> tuple[int, float]:
            body: dict[str, object] = {"prompt": f"a fox number {number}", "seed": number}
            if wanted.steps:
                body["num_inference_steps"] = wanted.steps
            start = time.perf_counter()
            status = client.post("/generate", json=body).status_code
            return status, time.perf_counter() - start

        start = time.perf_counter()
        with ThreadPoolExecutor(clients) as crowd:
            answers = list(crowd.map(ask, range(count)))
        seconds = time.perf_counter() - start
        idle = [asked(client) for _ in range(20)]
    report(answers, seconds, idle, clients)
    return 0


def asked(client: httpx.Client) -> float:
    """Return how long the server takes for an answer without a picture."""
    start = time.perf_counter()
    client.get("/healthz")
    return time.perf_counter() - start


def report(
    answers: list[tuple[int, float]], seconds: float, idle: list[float], clients: int
) -> None:
    """Print what was measured."""
    statuses = Counter(status for status, _ in answers)
    drawn = sorted(each for status, each in answers if status == 200)
    rows = [
        ("answers by status", ", ".join(f"{n} x {s}" for s, n in sorted(statuses.items()))),
        ("pictures a second", f"{len(drawn) / seconds:.2f}"),
        ("an answer without a picture, median", f"{1000 * statistics.median(idle):.1f} ms"),
    ]
    if drawn:
        slowest = drawn[max(0, round(0.95 * len(drawn)) - 1)]
        median = statistics.median(drawn)
        rows.append(("a picture, median and 95 of 100", f"{median:.2f} s, {slowest:.2f} s"))
    print_table(f"Back-end: {len(answers)} requests by {clients} clients at once", rows)


if __name__ == "__main__":
    sys.exit(main())
