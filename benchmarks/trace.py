"""What a trace costs beside the drawing: `python -m benchmarks.trace`.

Draws with the trace off and on by turns, in one process. `--model sd-1-5` takes a model of
Stable Diffusion 1.5's size with random weights (2 GB in runs/benchmark-models), built if needed.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from statistics import median

from benchmarks.table import print_table
from stimage.config import DEFAULT_MODEL
from stimage.images.png_metadata import write_png
from stimage.request import Request

MODELS = Path(__file__).resolve().parent.parent / "runs" / "benchmark-models"
MOST_TIME, MOST_MEMORY = 0.15, 150  # share of the drawing, MiB


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--steps", type=int)
    wanted = parser.parse_args()
    if wanted.model == "sd-1-5":
        from benchmarks.random_models import build

        os.environ["STIMAGE_MODELS"] = str(MODELS)
        build(wanted.model, MODELS)

    from stimage.inference.diffusion import DiffusionEngine

    engine = DiffusionEngine.load(wanted.model)
    seconds: dict[bool, list[float]] = {False: [], True: []}
    peaks: dict[bool, list[float]] = {False: [], True: []}
    files: dict[bool, int] = {}
    pixels = set()
    for number in range(wanted.pairs + 1):
        for trace in (False, True):
            _forget_peak()
            prompt = "a fox sleeping in the forest"
            picture = engine.generate(
                Request(prompt=prompt, seed=1, num_inference_steps=wanted.steps, trace=trace)
            )
            if number > 0:  # the first ones warm up
                seconds[trace].append(picture.seconds)
                peaks[trace].append(_peak_mib())
            files[trace] = len(write_png(picture))
            pixels.add(picture.image.tobytes())
    off, on = median(seconds[False]), median(seconds[True])
    memory = max(peaks[True]) - max(peaks[False])
    print_table(
        f"Trace: {engine.name}, {engine.width}x{engine.height}, {wanted.pairs} pairs",
        [
            ("picture, trace off, median", f"{off:.2f} s"),
            ("picture, trace on, median", f"{on:.2f} s"),
            (f"more time (at most {MOST_TIME:.0%})", f"{on / off - 1:+.1%}"),
            (f"more memory at the peak (at most {MOST_MEMORY} MiB)", f"{memory:+.0f} MiB"),
            ("file, trace off and on", f"{files[False] / 1e3:.0f} and {files[True] / 1e3:.0f} kB"),
            ("pictures are the same, bit for bit", "yes" if len(pixels) == 1 else "NO"),
        ],
    )


def _forget_peak() -> None:
    """Let Linux measure the peak anew."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak_mib() -> float:
    from benchmarks.random_models import memory_of

    return memory_of()["VmHWM"]


if __name__ == "__main__":
    main()
