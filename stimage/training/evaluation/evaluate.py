"""The table of the model card: what the detector finds in pictures that the model drew.

Run: python -m stimage.training.evaluation.evaluate
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import StableDiffusionPipeline
from torch import Tensor
from tqdm import tqdm

from stimage.config import DEFAULT_MODEL
from stimage.models.catalog import entry
from stimage.training.command import run_command
from stimage.training.evaluation.fidelity import Draw, fidelity, planted_experiments
from stimage.training.evaluation.questions import QUESTIONS, Wanted
from stimage.training.export import MODEL
from stimage.training.networks.detector import Detector
from stimage.training.scenes.captions import caption
from stimage.training.scenes.plan import Plan, held_out, is_shown, random_plan
from stimage.training.stages.detector import load_detector
from stimage.training.stages.snapshots import without_bar
from stimage.training.trainer import mixed_precision

SEEDS_PER_PROMPT, PROMPTS_AT_ONCE = 4, 6
DEFAULTS = entry(DEFAULT_MODEL)  # the settings it draws with in the app


def plans(wanted: Wanted, prompts: int, *, unseen: bool, name: str) -> list[Plan]:
    """Return `prompts` plans, held-out combinations or seen ones; counts are spread evenly."""
    rng = random.Random(f"evaluate {name} {unseen}")
    found: list[Plan] = []
    while len(found) < prompts:
        plan = random_plan(rng)
        if not wanted(plan):
            continue
        if name == "count":
            plan = replace(plan, count=1 + len(found) % 4, shift=(0, 0))
        if held_out(plan) if unseen else is_shown(plan):
            found.append(plan)
    return found


@torch.no_grad()
def draw(
    pipeline: StableDiffusionPipeline,
    prompts: list[str],
    seeds: list[int],
    num_inference_steps: int = DEFAULTS.steps,
) -> Tensor:
    """Return one picture for each prompt and seed, (B, 3, 128, 128) in [-1, 1].

    In bfloat16 where that is faster here, as in training: thousands are to be drawn.
    """
    with mixed_precision("cpu"):
        images = pipeline(
            prompts,
            num_inference_steps=num_inference_steps,
            guidance_scale=DEFAULTS.guidance_scale,
            generator=[torch.Generator().manual_seed(seed) for seed in seeds],
            output_type="np",
        ).images
    return torch.from_numpy(images).permute(0, 3, 1, 2) * 2 - 1


def drawn(pipeline: StableDiffusionPipeline, prompts: list[str], draw: Draw) -> Iterator[Tensor]:
    """Yield the pictures of each prompt, four seeds each, (4, 3, 128, 128)."""
    seeds = list(range(SEEDS_PER_PROMPT))
    for start in range(0, len(prompts), PROMPTS_AT_ONCE):
        some = prompts[start : start + PROMPTS_AT_ONCE]
        each = [prompt for prompt in some for _ in seeds]
        yield from draw(pipeline, each, seeds * len(some)).split(len(seeds))


def interval(right: list[float]) -> dict[str, Any]:
    """Return the mean over prompts with its 95 % interval; `right` is one share each.

    Wilson's (1927) for as many trials as there are prompts: the seeds of one prompt often stand
    or fall together. It is wide even where all are right.
    """
    n, mean, z = len(right), float(np.mean(right)), 1.96
    middle = (mean + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * (mean * (1 - mean) / n + z**2 / (4 * n**2)) ** 0.5
    return {
        "right": round(mean, 3),
        "low": round(max(0.0, middle - half), 3),
        "high": round(min(1.0, middle + half), 3),
        "n": n * SEEDS_PER_PROMPT,
    }


def table(
    pipeline: StableDiffusionPipeline, detector: Detector, prompts: int, draw: Draw = draw
) -> dict[str, Any]:
    """Return the rows: each question on seen and on held-out combinations, and the difference."""
    rows: dict[str, Any] = {}
    every: dict[bool, list[float]] = {False: [], True: []}
    for name, (wanted, judge) in QUESTIONS.items():
        for unseen in (False, True):
            asked = plans(wanted, prompts, unseen=unseen, name=name)
            texts = [caption(plan) for plan in asked]
            shares = []
            label = f"{name}, held out" if unseen else name
            pictures = tqdm(drawn(pipeline, texts, draw), total=len(texts), desc=label)
            for plan, pixels in zip(asked, pictures, strict=True):
                shares.append(float(np.mean([judge(plan, v) for v in detector.detect(pixels)])))
            rows[label] = interval(shares)
            every[unseen] += shares
            if name == "count":
                for number in (1, 2, 3, 4):
                    rows[f"{label} {number}"] = interval(shares[number - 1 :: 4])
    rows["held out minus seen"] = {
        "right": round(float(np.mean(every[True]) - np.mean(every[False])), 3)
    }
    return rows


def row_line(name: str, row: dict[str, Any]) -> str:
    """Return a row of the table in Markdown: share, interval, pictures."""
    span = f"{row['low']:.2f} to {row['high']:.2f} | {row['n']}" if "n" in row else " | "
    return f"| {name} | {row['right']:.2f} | {span} |"


def measure(
    pipeline: StableDiffusionPipeline,
    detector: Detector,
    prompts: int,
    *,
    pictures: int = 400,
    pool: int = 3000,
    experiments: int = 20,
    draw: Draw = draw,
) -> dict[str, Any]:
    """Return the table, the fidelity and the planted experiments.

    Args:
        pipeline: of the model.
        detector: says what stands where.
        prompts: for each row of the table.
        pictures: for the fidelity.
        pool: of training pictures, among which the nearest is looked for.
        experiments: pictures of each planted experiment.
        draw: draws prompts with seeds.
    """
    return {
        "rows": table(pipeline, detector, prompts, draw),
        **fidelity(pipeline, detector, draw, pictures, pool),
        "experiments": planted_experiments(pipeline, draw, experiments),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the model and write and print the table."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--detector", type=Path, default=Path("runs/detector"))
    parser.add_argument("--prompts", type=int, default=48, help="for each row; four seeds each")
    args = parser.parse_args(arguments)
    pipeline = without_bar(StableDiffusionPipeline.from_pretrained(args.model))
    detector = load_detector(args.detector)
    result = {
        "steps": DEFAULTS.steps,
        "guidance_scale": DEFAULTS.guidance_scale,
        "detector_right": json.loads((args.detector / "validity.json").read_text()),
        **measure(pipeline, detector, args.prompts),
    }
    path = args.model / "training" / "evaluation.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(result, indent=1) + "\n")
    print("| question | right | 95 % interval | pictures |\n|---|---|---|---|")
    for name, row in result["rows"].items():
        print(row_line(name, row))
    print(json.dumps({key: result[key] for key in result if key != "rows"}, indent=1))


if __name__ == "__main__":
    run_command(main)
