"""What the discriminator is worth as a judge of pictures, and what its scores mean.

Writes training/judge.json, and beside the discriminator its calibration.
Run: python -m stimage.training.evaluation.judge
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from tqdm import tqdm

from stimage.inference.diffusion import DiffusionEngine
from stimage.inference.gan.discriminator import Discriminator, Verdict
from stimage.inference.gan.folder import Gan, load_discriminator, load_gan
from stimage.inference.gan.judge import Calibration, as_pixels, scores_of
from stimage.models.folder import ModelFolder
from stimage.request import Request
from stimage.training.command import run_command
from stimage.training.evaluation.calibration import (
    Strangeness,
    TrueDrawings,
    latents_of_grounds,
    strangeness,
    write_calibration,
)
from stimage.training.evaluation.closest import Asked, closest, fresh_sentences
from stimage.training.evaluation.other_worlds import other_worlds
from stimage.training.export import MODEL
from stimage.training.export_gan import GAN
from stimage.training.pixels import to_images
from stimage.training.scenes.places import SIZE_PX

GOOD_DB, BAD_DB = 22.0, 18.0  # what the judge is to tell apart
OF_EACH = 20  # pictures of each kind of other world
TRIES = 4  # of one prompt, of which the judge picks one

Draw = Callable[[str, int], Image.Image]


@dataclass(frozen=True, slots=True)
class Judged:
    """One picture by one of our models, measured and judged."""

    closest_db: float
    verdict: Verdict
    strangeness: Strangeness

    @property
    def good(self) -> bool | None:
        """Whether it is clearly good, or clearly bad; None between."""
        if self.closest_db >= GOOD_DB:
            return True
        return False if self.closest_db < BAD_DB else None


def judged(
    gan: Gan, judge: Discriminator, grounds: Tensor, draw: Draw, sentences: Sequence[Asked]
) -> list[Judged]:
    """Return a picture of each sentence inside the trained world, measured and judged."""
    found = []
    for seed, one in enumerate(tqdm(sentences, desc="judged", mininterval=10)):
        if one.plan is not None:
            image = draw(one.prompt, seed)
            verdict = scores_of(gan, judge, [image], one.prompt)
            strange = strangeness(gan, as_pixels(image, SIZE_PX), grounds)[0]
            found.append(Judged(closest(image, one.plan)[0], verdict, strange))
    return found


def share_known(calibration: Calibration, found: Sequence[Strangeness]) -> float:
    """Return the share of pictures that count as of our world."""
    known = [calibration.knows(*one) for one in found]
    return round(sum(known) / len(known), 3)


def good_above_bad(drawn: Sequence[Judged]) -> dict[str, Any]:
    """Return how well each score tells good pictures from bad ones: areas under the curve.

    That is the share of pairs of a good and a bad picture in which the good one has the higher
    score. Good and bad are told by the closest true drawing.
    """
    good, bad = ([one.verdict for one in drawn if one.good is which] for which in (True, False))
    scores: dict[str, Callable[[Verdict], Tensor]] = {
        "whole score": lambda verdict: verdict.total,
        "real alone": lambda verdict: verdict.real,
        "fit alone": lambda verdict: verdict.fit,
    }
    areas = {
        name: area_under_curve(*([score(one).item() for one in each] for each in (good, bad)))
        for name, score in scores.items()
    }
    return {"auc": areas, "good": len(good), "bad": len(bad)}


def area_under_curve(above: Sequence[float], below: Sequence[float]) -> float | None:
    """Return the share of pairs in which `above` is larger, ties half; None without pairs."""
    if not len(above) or not len(below):
        return None
    gaps = np.array(above)[:, None] - np.array(below)[None]
    return round(float((gaps > 0).mean() + 0.5 * (gaps == 0).mean()), 3)


def best_of_four(
    gan: Gan, judge: Discriminator, draw: Draw, sentences: Sequence[Asked]
) -> dict[str, Any]:
    """Return the share of good pictures among all, among those it picks, and the gain per prompt.

    Of each sentence inside the trained world, `TRIES` pictures are drawn; good is `GOOD_DB`. The
    gain has its 95 % interval over sentences. "at best" is the share of sentences of which one
    picture or more is good: no judge can pick more.
    """
    shares, picked, possible = [], [], []
    for one in tqdm([one for one in sentences if one.plan], desc="best of four", mininterval=10):
        assert one.plan is not None
        images = [draw(one.prompt, seed) for seed in range(TRIES)]
        good = [closest(image, one.plan)[0] >= GOOD_DB for image in images]
        best = int(scores_of(gan, judge, images, one.prompt).total.argmax())
        shares.append(sum(good) / TRIES)
        picked.append(float(good[best]))
        possible.append(float(any(good)))
    if len(picked) < 2:
        return {"n": len(picked)}
    gains = np.array(picked) - np.array(shares)
    mean, half = gains.mean(), 1.96 * gains.std(ddof=1) / len(gains) ** 0.5
    gain = {"mean": mean, "low": mean - half, "high": mean + half}
    return {
        "all": round(float(np.mean(shares)), 3),
        "picked": round(float(np.mean(picked)), 3),
        "at best": round(float(np.mean(possible)), 3),
        "gain": {name: round(float(value), 3) for name, value in gain.items()},
        "n": len(gains),
    }


def measure(
    model: ModelFolder, draws: Mapping[str, Draw], sentences: int, best_of: int, fresh: int
) -> dict[str, Any]:
    """Return what the judge is worth; beside the discriminator, write what its scores mean.

    Args:
        model: of the GAN.
        draws: by the name of who draws: gets a prompt and a seed.
        sentences: of the dice, for good and bad pictures.
        best_of: of these, for the best of four.
        fresh: true drawings, for wrong captions.
    """
    gan, judge = load_gan(model), load_discriminator(model)
    asked = fresh_sentences(sentences, model.path)
    grounds = latents_of_grounds(gan)
    true = TrueDrawings(gan, judge, grounds, fresh)
    drawn = {name: judged(gan, judge, grounds, draw, asked) for name, draw in draws.items()}
    good, bad = (
        [one.verdict.real for each in drawn.values() for one in each if one.good is which]
        for which in (True, False)
    )
    strange = [one.strangeness for each in drawn.values() for one in each]
    calibration = true.calibration(good, bad, strange)
    write_calibration(model, calibration, grounds)
    others = torch.cat([as_pixels(image, SIZE_PX) for image in other_worlds(OF_EACH)])
    return {
        "known": {
            "true drawings": share_known(calibration, true.strangeness),
            "by our models": share_known(calibration, strange),
            "of other worlds": share_known(calibration, strangeness(gan, others, grounds)),
        },
        "wrong_found": true.wrong_found(),
        "good_above_bad": {name: good_above_bad(each) for name, each in drawn.items()},
        "best_of_four": {
            name: best_of_four(gan, judge, draw, asked[:best_of]) for name, draw in draws.items()
        },
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the judge on true drawings and on pictures by both our models."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--model", type=Path, default=GAN)
    parser.add_argument("--diffusion", type=Path, default=MODEL)
    parser.add_argument("--sentences", type=int, default=300)
    parser.add_argument("--best-of", type=int, default=100, help="sentences for the best of four")
    parser.add_argument("--fresh", type=int, default=1000, help="true drawings")
    args = parser.parse_args(arguments)
    model = ModelFolder(args.model.resolve())
    gan, engine = load_gan(model), DiffusionEngine.load(str(args.diffusion.resolve()))

    def by_gan(prompt: str, seed: int) -> Image.Image:
        return to_images(gan.draw([prompt], [seed]))[0]

    def by_diffusion(prompt: str, seed: int) -> Image.Image:
        return engine.generate(Request(prompt=prompt, seed=seed)).image

    draws = {"GAN": by_gan, "diffusion": by_diffusion}
    result = measure(model, draws, args.sentences, args.best_of, args.fresh)
    path = model.training / "judge.json"
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    run_command(main)
