"""What the discriminator is worth as a judge of pictures, and what its scores mean."""

from __future__ import annotations

import random
from dataclasses import asdict
from typing import Any

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from stimage.inference.gan.discriminator import Discriminator
from stimage.inference.gan.folder import Gan
from stimage.inference.gan.judge import Calibration, calibration_file, fidelity_db, scores_of
from stimage.models.folder import ModelFolder
from stimage.training.evaluation.closest import Asked, closest
from stimage.training.pixels import to_images, to_pixels
from stimage.training.scenes.captions import caption
from stimage.training.scenes.plan import Plan, random_plan
from stimage.training.stages.gan_loss import wrong_captions

GOOD_DB, BAD_DB = 22.0, 18.0  # what the judge is to tell apart
FRESH_SEED = 3 * 10**9  # of true drawings that no training saw
STRANGE = 0.01  # of true drawings count as not of our world
TRIES = 4  # of one prompt, of which the judge picks one


class FreshDrawings:
    """True drawings that no training saw, with their scores and those of pictures beside them."""

    @torch.no_grad()
    def __init__(self, gan: Gan, judge: Discriminator, count: int) -> None:
        """Draw `count` of them and have them judged."""
        rng = random.Random(FRESH_SEED)
        self.plans: list[Plan] = [random_plan(rng) for _ in range(count)]
        captions = [caption(plan) for plan in self.plans]
        parts = [to_pixels(self.plans[first : first + 50]) for first in range(0, count, 50)]
        latents = torch.cat([gan.encode(part) for part in parts])
        self.fidelity_db = [
            db
            for part, own in zip(parts, latents.split(50), strict=True)
            for db in fidelity_db(gan, part, own)
        ]
        words = gan.prompt_embeds(captions)
        self.true = judge(latents, words)
        self.fit_beside = {
            kind: judge(latents, gan.prompt_embeds(wrong_captions(self.plans, rng, share))).fit
            for kind, share in (("another picture's", 0.0), ("wrong in one word", 1.0))
        }
        made = torch.cat([gan.generator(gan.new_z([n]), words[n, None]) for n in range(count)])
        self.made = judge(gan.encode(gan.decode(made).clamp(-1, 1)), words)

    def wrong_found(self) -> dict[str, float]:
        """Return the share of drawings whose wrong caption gets the lower fit."""
        return {
            kind: round((self.true.fit > fit).float().mean().item(), 3)
            for kind, fit in self.fit_beside.items()
        }

    def calibration(self) -> Calibration:
        """Return what scores mean."""
        wrong = torch.cat([*self.fit_beside.values()])
        return Calibration(
            real=platt(self.true.real, self.made.real),
            fit=platt(self.true.fit, wrong),
            least_db=round(float(np.quantile(self.fidelity_db, STRANGE)), 2),
        )


def platt(better: Tensor, worse: Tensor) -> tuple[float, float]:
    """Return weight and bias of the logistic function that tells `better` scores from `worse`.

    Both sides count alike, however many there are; a little decay keeps the weight finite.
    """
    scores = torch.cat([better, worse]).double()
    labels = torch.cat([torch.ones_like(better), torch.zeros_like(worse)]).double()
    shares = torch.cat([torch.full_like(each, 1 / len(each)) for each in (better, worse)]).double()
    values = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([values], max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        logits = values[0] * scores + values[1]
        total = binary_cross_entropy_with_logits(logits, labels, shares, reduction="sum")
        total = total + 1e-4 * values.square().sum()
        total.backward()
        return total

    optimizer.step(loss)
    weight, bias = values.tolist()
    return round(weight, 4), round(bias, 4)


def write_calibration(folder: ModelFolder, calibration: Calibration) -> None:
    """Keep beside the discriminator what its scores mean."""
    found = msgspec.json.format(msgspec.json.encode(asdict(calibration)), indent=1)
    calibration_file(folder).write_bytes(found + b"\n")


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
        images = to_images(gan.draw([one.prompt], [seed]))
        score = scores_of(gan, judge, images, one.prompt).total.item()
        (good if db >= GOOD_DB else bad).append(score)
    auc = area_under_curve(np.array(good), np.array(bad))
    return {"auc": auc, "good": len(good), "bad": len(bad)}


def area_under_curve(above: NDArray[np.float64], below: NDArray[np.float64]) -> float | None:
    """Return the share of pairs in which `above` is larger, ties half; None without pairs."""
    if not len(above) or not len(below):
        return None
    gaps = above[:, None] - below[None]
    return round(float((gaps > 0).mean() + 0.5 * (gaps == 0).mean()), 3)


def best_of_four(gan: Gan, judge: Discriminator, sentences: list[Asked]) -> dict[str, Any]:
    """Return the share of good pictures among all, among those it picks, and the gain per prompt.

    Of each sentence inside the trained world, `TRIES` pictures are drawn; good is `GOOD_DB`. The
    gain has its 95 % interval over sentences.
    """
    shares, picked = [], []
    for one in sentences:
        if one.plan is None:
            continue
        images: list[Image.Image] = to_images(gan.draw([one.prompt] * TRIES, [*range(TRIES)]))
        good = [closest(image, one.plan)[0] >= GOOD_DB for image in images]
        best = int(scores_of(gan, judge, images, one.prompt).total.argmax())
        shares.append(sum(good) / TRIES)
        picked.append(float(good[best]))
    if len(picked) < 2:
        return {"n": len(picked)}
    gains = np.array(picked) - np.array(shares)
    mean, half = gains.mean(), 1.96 * gains.std(ddof=1) / len(gains) ** 0.5
    gain = {"mean": mean, "low": mean - half, "high": mean + half}
    return {
        "all": round(float(np.mean(shares)), 3),
        "picked": round(float(np.mean(picked)), 3),
        "gain": {name: round(float(value), 3) for name, value in gain.items()},
        "n": len(gains),
    }
