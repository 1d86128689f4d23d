"""Whether a large model's memory is truly back: `python -m benchmarks.switching`.

The model that ships draws, then one of the size of Stable Diffusion 1.5 with random weights
(2 GB in runs/benchmark-models), then the first one again. About 3 minutes on two cores.
"""

from __future__ import annotations

import os

import psutil

from benchmarks.drawing import draw
from benchmarks.processes import rss_mib, worker_of
from benchmarks.sd_class import MODELS
from benchmarks.table import print_table
from stimage.config import DEFAULT_MODEL
from stimage.request import Request
from stimage.service.local import LocalService
from stimage.service.process import ProcessRunner

LARGE, LARGE_STEPS = "sd-1-5", 2


def held_mib(service: LocalService, model: str, steps: int | None) -> float:
    """Draw two pictures with a model; return what this process and the worker hold then."""
    service.use_model(model)
    for seed in range(2):
        draw(service, Request(prompt="a fox", seed=seed, num_inference_steps=steps))
    own = psutil.Process()
    return rss_mib(own) + rss_mib(worker_of(own))


def main() -> None:
    from benchmarks.random_models import build

    build(LARGE, MODELS)
    os.environ["STIMAGE_MODELS"] = str(MODELS)
    service = LocalService(ProcessRunner(), DEFAULT_MODEL)
    first = held_mib(service, DEFAULT_MODEL, None)
    large = held_mib(service, LARGE, LARGE_STEPS)
    last = held_mib(service, DEFAULT_MODEL, None)
    service.close()
    print_table(
        "Memory of app and worker",
        [
            (f"with {DEFAULT_MODEL}", f"{first:.0f} MiB"),
            (f"then with {LARGE}", f"{large:.0f} MiB"),
            (f"then with {DEFAULT_MODEL} again", f"{last:.0f} MiB"),
            ("more than at first (5 % is allowed)", f"{last / first - 1:+.1%}"),
        ],
    )


if __name__ == "__main__":
    main()
