"""How long the engine takes, and how well it foretells that: `python -m benchmarks.engine`."""

from __future__ import annotations

import argparse
import time
from itertools import pairwise
from statistics import median

from benchmarks.drawing import draw
from benchmarks.table import print_table
from stimage.config import DEFAULT_MODEL
from stimage.inference.engine import Engine
from stimage.inference.loading import load_engine
from stimage.request import Request, Step
from stimage.service.api import JobSnapshot
from stimage.service.local import LocalService
from stimage.service.runner import ThreadRunner

PROMPT = "a fox sleeping in the forest"


def time_picture(engine: Engine, seed: int, steps: int | None) -> tuple[float, list[float]]:
    """Return the seconds of a whole picture, and the moments at which its steps ended."""
    moments: list[float] = []
    started = time.perf_counter()

    def on_step(_: Step) -> None:
        moments.append(time.perf_counter() - started)

    engine.generate(Request(prompt=PROMPT, seed=seed, num_inference_steps=steps), on_step)
    return time.perf_counter() - started, moments


def errors_of_seconds_left(
    engine: Engine, steps: int | None, pictures: int
) -> list[tuple[int, float]]:
    """Draw through the service; return each picture's number and how far "seconds left" was off.

    It is asked after step 3; a picture of fewer steps has no answer.
    """
    service = LocalService(ThreadRunner(lambda _: engine), engine.name)
    errors: list[tuple[int, float]] = []
    for seed in range(pictures):
        told: list[tuple[float, float]] = []  # seconds left, and when

        def look(job: JobSnapshot, told: list[tuple[float, float]] = told) -> None:
            if job.step >= 3 and not told and job.seconds_left is not None:
                told.append((job.seconds_left, time.monotonic()))

        request = Request(prompt=PROMPT, seed=seed, num_inference_steps=steps)
        draw(service, request, look=look, every_seconds=0.005)
        for left, asked in told:
            took = time.monotonic() - asked
            errors.append((seed + 1, abs(left - took) / took))
    return errors


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--pictures", type=int, default=7)
    parser.add_argument("--steps", type=int)
    wanted = parser.parse_args()

    started = time.perf_counter()
    engine = load_engine(wanted.model)
    load = time.perf_counter() - started
    first, _ = time_picture(engine, 0, wanted.steps)
    timed = [time_picture(engine, seed, wanted.steps) for seed in range(1, wanted.pictures + 1)]
    wholes = [whole for whole, _ in timed]
    gaps = [b - a for _, ends in timed for a, b in pairwise(ends)]
    errors = errors_of_seconds_left(engine, wanted.steps, wanted.pictures)
    print_table(
        f"Engine: {engine.name}, {len(timed[0][1])} steps",
        [
            ("imports done; load the model", f"{load:.2f} s"),
            ("first picture", f"{first:.3f} s"),
            ("picture, median (best)", f"{median(wholes):.3f} s ({min(wholes):.3f})"),
            ("until the end of step 1, median", f"{median(e[0] for _, e in timed):.3f} s"),
            ("step, median", f"{median(gaps) if gaps else 0:.4f} s"),
            ("after the last step, median", f"{median(w - e[-1] for w, e in timed):.4f} s"),
            *((f"seconds left after step 3, picture {n}", f"{e:.0%} off") for n, e in errors),
        ],
    )


if __name__ == "__main__":
    main()
