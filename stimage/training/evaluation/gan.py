"""How good the GAN is, as a generator and as a judge; writes training/evaluation.json.

Run: python -m stimage.training.evaluation.gan
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from tqdm import tqdm

from stimage.inference.gan.discriminator import Discriminator
from stimage.inference.gan.folder import Gan, load_discriminator, load_gan
from stimage.models.folder import ModelFolder
from stimage.training.command import run_command
from stimage.training.evaluation.closest import Asked, fresh_sentences, report
from stimage.training.evaluation.closest import measure as measure_closest
from stimage.training.evaluation.evaluate import interval, plans
from stimage.training.evaluation.nearest_drawing import share_right
from stimage.training.evaluation.questions import QUESTIONS
from stimage.training.export_gan import GAN
from stimage.training.pixels import to_images, to_pixels, to_tensor
from stimage.training.scenes.captions import caption
from stimage.training.scenes.plan import Plan, random_plan
from stimage.training.stages.gan import wrong_captions
from stimage.training.stages.gan_snapshots import spread_of_each

GOOD_DB, BAD_DB = 22.0, 18.0  # what the judge is to tell apart
FRESH_SEED = 3 * 10**9  # of true drawings that no training saw
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


@torch.no_grad()
def wrong_found(gan: Gan, judge: Discriminator, count: int) -> dict[str, float]:
    """Return the share of fresh true drawings whose wrong caption gets the lower fit."""
    rng = random.Random(FRESH_SEED)
    fresh = [random_plan(rng) for _ in range(count)]
    latents = latents_of(gan, to_pixels(fresh))
    right = judge(latents, gan.prompt_embeds([caption(plan) for plan in fresh])).fit
    return {
        kind: float(
            (right > judge(latents, gan.prompt_embeds(wrong_captions(fresh, rng, share))).fit)
            .float()
            .mean()
        )
        for kind, share in (("another picture's", 0.0), ("wrong in one word", 1.0))
    }


@torch.no_grad()
def latents_of(gan: Gan, pixels: Tensor) -> Tensor:
    """Return the latents of pictures, (B, 3, H, W) in [-1, 1], as the judge sees them."""
    return torch.cat([gan.vae.encode(part).latent_dist.mean for part in pixels.split(50)])


@torch.no_grad()
def good_above_bad(
    gan: Gan, judge: Discriminator, sentences: list[Asked], values: list[float | None]
) -> dict[str, Any]:
    """Return how well the judge's total score tells good pictures from bad ones.

    The area under the curve: the share of pairs of a good and a bad picture in which the good one
    has the higher score. Good and bad are told by the closest true drawing, `values` in dB.
    """
    good: list[float] = []
    bad: list[float] = []
    for seed, (one, db) in enumerate(zip(sentences, values, strict=True)):
        if db is None or BAD_DB <= db < GOOD_DB:
            continue
        image = to_images(gan.draw([one.prompt], [seed]))[0]
        score = judge(latents_of(gan, to_tensor(image)), gan.prompt_embeds([one.prompt])).total
        (good if db >= GOOD_DB else bad).append(score.item())
    auc = area_under_curve(np.array(good), np.array(bad))
    return {"auc": auc, "good": len(good), "bad": len(bad)}


def area_under_curve(above: NDArray[np.float64], below: NDArray[np.float64]) -> float | None:
    """Return the share of pairs in which `above` is larger, ties half; None without pairs."""
    if not len(above) or not len(below):
        return None
    gaps = above[:, None] - below[None]
    return round(float((gaps > 0).mean() + 0.5 * (gaps == 0).mean()), 3)


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


def measure(folder: Path, prompts: int, sentences: int, seeds: int, fresh: int) -> dict[str, Any]:
    """Return everything the card tells.

    Args:
        folder: of the model.
        prompts: for each question of the table; four seeds each.
        sentences: of the dice, for the closest true drawing and for the judge.
        seeds: of each sentence whose variety is measured.
        fresh: true drawings, for wrong captions.
    """
    model = ModelFolder(folder.resolve())
    gan, judge = load_gan(model), load_discriminator(model)

    def draw(prompt: str, seed: int) -> Image.Image:
        return to_images(gan.draw([prompt], [seed]))[0]

    asked = fresh_sentences(sentences, folder)
    values = measure_closest(draw, asked)
    return {
        "milliseconds": milliseconds(gan, 20),
        "rows": table(draw, prompts),
        "closest": report(draw, asked, values, seeds),
        "spread": spread_of_each(gan),
        "wrong_found": wrong_found(gan, judge, fresh),
        "judge": good_above_bad(gan, judge, asked, values),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the GAN in its folder."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--model", type=Path, default=GAN)
    parser.add_argument("--prompts", type=int, default=32, help="for each question")
    parser.add_argument("--sentences", type=int, default=150)
    parser.add_argument("--seeds", type=int, default=64, help="of each sentence, for the variety")
    parser.add_argument("--fresh", type=int, default=500, help="true drawings for the judge")
    args = parser.parse_args(arguments)
    result = measure(args.model, args.prompts, args.sentences, args.seeds, args.fresh)
    path = ModelFolder(args.model).training / "evaluation.json"
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    run_command(main)
