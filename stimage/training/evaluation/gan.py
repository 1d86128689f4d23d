"""How good the GAN is as a generator; writes training/evaluation.json.

Run: python -m stimage.training.evaluation.gan
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from tqdm import tqdm

from stimage.inference.gan.folder import Gan, load_gan
from stimage.models.folder import ModelFolder
from stimage.training.command import run_command
from stimage.training.evaluation.closest import fresh_sentences, report
from stimage.training.evaluation.closest import measure as measure_closest
from stimage.training.evaluation.evaluate import interval, plans
from stimage.training.evaluation.nearest_drawing import share_right
from stimage.training.evaluation.questions import QUESTIONS
from stimage.training.export_gan import GAN
from stimage.training.pixels import to_images
from stimage.training.scenes.captions import caption
from stimage.training.scenes.plan import Plan
from stimage.training.stages.gan_snapshots import spread_of_each

SEEDS = range(4)
ON_PLAIN = ("single noun", "two nouns")  # asked on plain grounds: 100 nouns are drawn for each

Draw = Callable[[str, int], Image.Image]


def table(draw: Draw, prompts: int) -> dict[str, Any]:
    """Return for each question the share that `nearest_drawing` calls right, and its interval."""
    rows = {}
    for name, (wanted, _) in QUESTIONS.items():

        def fits(plan: Plan, name: str = name, wanted: Callable[[Plan], bool] = wanted) -> bool:
            return wanted(plan) and (name not in ON_PLAIN or plan.plain is not None)

        shares = []
        for plan in tqdm(plans(fits, prompts, unseen=False, name=name), desc=name):
            images = [draw(caption(plan), seed) for seed in SEEDS]
            shares.append(share_right(images, replace(plan, variant=0, shift=(0, 0)), name))
        rows[name] = interval(shares)
    return rows


def milliseconds(gan: Gan, pictures: int) -> float:
    """Return the median time from sentence to pixels, one picture at a time, on one thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    times = []
    for seed in range(pictures):
        started = time.perf_counter()
        gan.draw(["a fox in the forest"], [seed])
        times.append(1000 * (time.perf_counter() - started))
    torch.set_num_threads(threads)
    return round(float(np.median(times)), 1)


def measure(folder: Path, prompts: int, sentences: int, seeds: int) -> dict[str, Any]:
    """Return what the card tells of the generator.

    Args:
        folder: of the model.
        prompts: for each question of the table; four seeds each.
        sentences: of the dice, for the closest true drawing.
        seeds: of each sentence whose variety is measured.
    """
    model = ModelFolder(folder.resolve())
    gan = load_gan(model)

    def draw(prompt: str, seed: int) -> Image.Image:
        return to_images(gan.draw([prompt], [seed]))[0]

    asked = fresh_sentences(sentences, folder)
    values = measure_closest(draw, asked)
    return {
        "milliseconds": milliseconds(gan, 20),
        "rows": table(draw, prompts),
        "closest": report(draw, asked, values, seeds),
        "spread": spread_of_each(gan),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the GAN in its folder."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--model", type=Path, default=GAN)
    parser.add_argument("--prompts", type=int, default=32, help="for each question")
    parser.add_argument("--sentences", type=int, default=150)
    parser.add_argument("--seeds", type=int, default=64, help="of each sentence, for the variety")
    args = parser.parse_args(arguments)
    result = measure(args.model, args.prompts, args.sentences, args.seeds)
    path = ModelFolder(args.model).training / "evaluation.json"
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    run_command(main)
