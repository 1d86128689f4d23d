"""What the rough live picture costs: `python -m benchmarks.preview`."""

from __future__ import annotations

import argparse
import time
from statistics import median

from benchmarks.table import print_table
from stimage.config import DEFAULT_MODEL
from stimage.inference.diffusion import DiffusionEngine
from stimage.request import Request, Step
from stimage.service.step_recorder import PREVIEW_SECONDS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--pictures", type=int, default=5)
    wanted = parser.parse_args()

    engine = DiffusionEngine.load(wanted.model)
    steps: list[float] = []
    previews: list[float] = []
    sizes: list[int] = []
    for seed in range(wanted.pictures):
        last = 0.0

        def on_step(step: Step) -> None:
            nonlocal last
            arrived = time.perf_counter()
            if step.index > 1:
                steps.append(arrived - last)
            sizes.append(len(step.preview()))
            last = time.perf_counter()
            previews.append(last - arrived)

        engine.generate(Request(prompt="a fox sleeping in the forest", seed=seed), on_step)
    step, preview = median(steps), median(previews)
    print_table(
        f"LatentToRGB: {engine.name}, {engine.width}x{engine.height}",
        [
            ("step, median", f"{1000 * step:.1f} ms"),
            ("preview, median", f"{1000 * preview:.2f} ms, {median(sizes):.0f} bytes"),
            ("preview after every step", f"{preview / step:.1%} of a step"),
            (
                f"as the studio does it, one in {PREVIEW_SECONDS} s at most",
                f"{preview / max(step, PREVIEW_SECONDS):.2%} of the drawing",
            ),
            ("nobody watches", "no preview is made"),
        ],
    )


if __name__ == "__main__":
    main()
