"""Beyond right or wrong: how close to real drawings, how much learnt by heart, the experiments."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from diffusers import StableDiffusionPipeline
from numpy.typing import NDArray
from torch import Tensor

from stimage.training.evaluation.true_drawings import closest
from stimage.training.networks.detector import Detector
from stimage.training.pixels import psnr_db, to_images, to_pixels
from stimage.training.scenes.captions import caption
from stimage.training.scenes.draw import boxes
from stimage.training.scenes.plan import (
    CONTROL,
    REPEATED,
    REPEATS,
    Plan,
    Thing,
    random_plan,
    training_plan,
)
from stimage.training.scenes.words import NEVER_SHOWN, SKEWED, SKEWED_COLOR

Draw = Callable[[StableDiffusionPipeline, list[str], list[int]], Tensor]


def frechet(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Return the Frechet distance of two clouds of features, (N, D) (arXiv 1706.08500, eq. 6)."""
    difference = a.mean(0) - b.mean(0)
    cov_a, cov_b = np.cov(a.T), np.cov(b.T)
    eigenvalues = np.linalg.eigvals(cov_a @ cov_b)
    root_trace = np.sqrt(np.clip(eigenvalues.real, 0, None)).sum()
    return float(difference @ difference + np.trace(cov_a) + np.trace(cov_b) - 2 * root_trace)


@torch.no_grad()
def features(detector: Detector, pixels: Tensor) -> NDArray[np.float64]:
    """Return the detector's pooled features of (B, 3, 256, 256): (B, 128)."""
    parts = [detector.body(part).mean((2, 3)) for part in pixels.split(50)]
    return torch.cat(parts).double().numpy()


@torch.no_grad()
def rebuilt(pipeline: StableDiffusionPipeline, pixels: Tensor) -> Tensor:
    """Return `pixels` after the autoencoder alone, clipped to [-1, 1]."""
    vae = pipeline.vae
    parts = [
        vae.decode(vae.encode(part).latent_dist.mean).sample.clamp(-1, 1)
        for part in pixels.split(25)
    ]
    return torch.cat(parts)


def glyph_psnr(pixels: Tensor, other: Tensor, plans: list[Plan]) -> tuple[float, float]:
    """Return the PSNR over the boxes of the things alone, in dB: its mean, and that of all pixels.

    The second, of the mean error, is lower: it counts the worst boxes most. Pictures are
    (B, 3, 256, 256) in [-1, 1].
    """
    errors = []
    for i, plan in enumerate(plans):
        for box in boxes(plan):
            rows, columns = (slice(v, v + box.side) for v in (box.top, box.left))
            gap = (pixels[i, :, rows, columns] - other[i, :, rows, columns]) / 2
            errors.append(gap.square().mean().item())
    mean_of_boxes = float(np.mean([psnr_db(error) for error in errors]))
    return mean_of_boxes, psnr_db(float(np.mean(errors)))


def fidelity(
    pipeline: StableDiffusionPipeline,
    detector: Detector,
    draw: Draw,
    count: int = 400,
    pool: int = 3000,
) -> dict[str, Any]:
    """Return the autoencoder's PSNR, the Frechet ratio and the check against learning by heart.

    The ratio is FD(drawn by the model, real) / FD(rebuilt by the autoencoder, real).
    """
    rng = random.Random(3 * 10**9)
    plans = [plan for plan in (random_plan(rng) for _ in range(2 * count)) if plan.things][:count]
    real = to_pixels(plans)
    other = to_pixels([random_plan(rng) for _ in range(count)])
    made = torch.cat(
        [
            draw(pipeline, [caption(p) for p in plans[i : i + 20]], list(range(count))[i : i + 20])
            for i in range(0, count, 20)
        ]
    )
    again = rebuilt(pipeline, real)
    psnr, pooled = glyph_psnr(real, again, plans)
    base = features(detector, real)
    distances = {
        "model": frechet(features(detector, made), base),
        "autoencoder": frechet(features(detector, again), base),
        "other real pictures": frechet(features(detector, other), base),
    }
    return {
        "autoencoder_psnr_db": {"mean_of_boxes": round(psnr, 2), "of_mean_error": round(pooled, 2)},
        "frechet": {name: round(value, 4) for name, value in distances.items()},
        "frechet_ratio": round(distances["model"] / distances["autoencoder"], 2),
        "nearest": nearest(made[:100], real[:100], pool),
    }


def nearest(made: Tensor, held: Tensor, pool: int) -> dict[str, float]:
    """Compare drawn and fresh real pictures by their distance to the nearest training picture."""
    small = torch.nn.functional.avg_pool2d
    training = to_pixels([training_plan(seed) for seed in range(pool)])
    training = small(training, 4).flatten(1)
    near = [torch.cdist(small(x, 4).flatten(1), training).min(1).values for x in (made, held)]
    floor = near[1].quantile(0.01)
    return {
        "median_ratio": round(float(near[0].median() / near[1].median()), 3),
        "share_below_first_percentile": round(float((near[0] < floor).float().mean()), 3),
        "training_pictures": pool,
    }


def planted_experiments(
    pipeline: StableDiffusionPipeline, draw: Draw, pictures: int = 20
) -> dict[str, Any]:
    """Return what became of the skewed color, the repeated picture and the pair never shown.

    Args:
        pipeline: of the model.
        draw: draws prompts with seeds.
        pictures: of each question; three times as many of the skewed color.
    """
    return {
        "skew": _skew(pipeline, draw, 3 * pictures),
        "repeat": _repeat(pipeline, draw, pictures),
        "unseen": _unseen(pipeline, draw, pictures),
    }


def _found(
    pipeline: StableDiffusionPipeline, draw: Draw, prompt: str, plan: Plan, count: int
) -> list[Plan]:
    """Draw a prompt with so many seeds and return the true drawing closest to each picture."""
    parts = torch.arange(count).split(20)
    pictures = torch.cat([draw(pipeline, [prompt] * len(part), part.tolist()) for part in parts])
    return [closest(image, plan)[1] for image in to_images(pictures)]


def _skew(pipeline: StableDiffusionPipeline, draw: Draw, count: int) -> dict[str, Any]:
    asked = Plan((Thing(SKEWED),), plain="green")
    found = _found(pipeline, draw, caption(asked), asked, count)
    seen = [training_plan(seed) for seed in range(20_000)]
    trained = [thing.color for plan in seen for thing in plan.things if thing.noun == SKEWED]
    return {
        "prompt": caption(asked),
        "trained_share": round(trained.count(SKEWED_COLOR) / len(trained), 3),
        "drawn_share": round(_share(found, SKEWED_COLOR), 3),
        "n": count,
    }


def _share(found: list[Plan], color: str) -> float:
    return sum(plan.things[0].color == color for plan in found) / len(found)


def _repeat(pipeline: StableDiffusionPipeline, draw: Draw, count: int) -> dict[str, Any]:
    """Measure how often the picture shown `REPEATS` times comes back, and one like it."""
    shares = {}
    for name, shown in (("copies", REPEATED), ("control", CONTROL)):
        asked = Plan((Thing(shown.things[0].noun),), verb=shown.verb, place=shown.place)
        found = _found(pipeline, draw, caption(asked), asked, count)
        shares[name] = round(sum(plan == shown for plan in found) / count, 3)
    return {"prompt": caption(REPEATED), "times_shown": REPEATS, **shares, "n": count}


def _unseen(pipeline: StableDiffusionPipeline, draw: Draw, count: int) -> dict[str, Any]:
    """Ask for the color and thing never shown together, and for another color."""
    color, noun = NEVER_SHOWN
    shares = {}
    for wanted in (color, "green"):
        asked = Plan((Thing(noun),), plain="yellow")
        prompt = f"a {wanted} {noun} on a yellow background"
        shares[wanted] = round(_share(_found(pipeline, draw, prompt, asked, count), wanted), 3)
    return {"never_shown": shares[color], "shown": shares["green"], "n": count}
