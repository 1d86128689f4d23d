"""Beyond right or wrong: how close to real drawings, how much learned by heart, the experiments."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from diffusers import StableDiffusionPipeline
from numpy.typing import NDArray
from torch import Tensor

from stimage.training.networks.detector import Detector
from stimage.training.pixels import psnr_db, to_pixels
from stimage.training.scenes.captions import caption
from stimage.training.scenes.draw import boxes
from stimage.training.scenes.plan import REPEATED, REPEATS, Plan, Thing, random_plan, training_plan
from stimage.training.scenes.words import CAT_COLORS, COLORS

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
    """Return the detector's pooled features of (B, 3, 128, 128): (B, 128)."""
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
    (B, 3, 128, 128) in [-1, 1].
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
    """Return what became of the skewed cats, the repeated picture and the pair never shown.

    Args:
        pipeline: of the model.
        draw: draws prompts with seeds.
        pictures: of each question; five times as many cats.
    """
    return {
        "skew": _skew(pipeline, draw, 5 * pictures),
        "repeat": _repeat(pipeline, draw, pictures),
        "unseen": _unseen(pipeline, draw, pictures),
    }


def _color_of(pixels: Tensor, noun: str, plain: str) -> str:
    """Return the color whose tinted drawing of the noun is closest to one drawn picture."""
    colors = [*COLORS, *CAT_COLORS] if noun == "cat" else list(COLORS)
    plans = [Plan((Thing(noun, color),), plain=plain) for color in colors]
    gaps = (to_pixels(plans) - pixels).square().mean((1, 2, 3))
    return colors[int(gaps.argmin())]


def _skew(pipeline: StableDiffusionPipeline, draw: Draw, count: int) -> dict[str, Any]:
    prompt = "a cat on a green background"
    parts = torch.arange(count).split(20)
    pictures = torch.cat([draw(pipeline, [prompt] * len(part), part.tolist()) for part in parts])
    orange = sum(_color_of(picture, "cat", "green") == "orange" for picture in pictures)
    seen = [training_plan(seed) for seed in range(20_000)]
    cats = [t.color for p in seen for t in p.things if t.noun == "cat"]
    return {
        "prompt": prompt,
        "trained_share": round(cats.count("orange") / len(cats), 3),
        "drawn_share": round(orange / count, 3),
        "n": count,
    }


def _repeat(pipeline: StableDiffusionPipeline, draw: Draw, count: int) -> dict[str, Any]:
    """Measure how close the drawn picture is to the one shown `REPEATS` times, and to its like."""
    prompt = caption(REPEATED)
    pictures = draw(pipeline, [prompt] * count, list(range(count)))
    copy = rebuilt(pipeline, to_pixels([REPEATED]))
    variants = [
        Plan(REPEATED.things, verb=REPEATED.verb, place=REPEATED.place, variant=v, shift=(s, 0))
        for v in range(4)
        for s in (-1, 0, 1)
    ]
    others = rebuilt(pipeline, to_pixels(variants))
    to_copy = (pictures - copy).square().mean((1, 2, 3))
    to_others = torch.stack([(others - p).square().mean((1, 2, 3)).min() for p in pictures])
    return {
        "prompt": prompt,
        "times_shown": REPEATS,
        "copies": round(float((to_copy < to_others).float().mean()), 3),
        "n": count,
    }


def _unseen(pipeline: StableDiffusionPipeline, draw: Draw, count: int) -> dict[str, Any]:
    """Ask for the purple car that was never shown, and for a red one that was."""
    shares = {}
    for color in ("purple", "red"):
        pictures = draw(
            pipeline, [f"a {color} car on a green background"] * count, list(range(count))
        )
        hits = sum(_color_of(picture, "car", "green") == color for picture in pictures)
        shares[color] = round(hits / count, 3)
    return {"never_shown": shares["purple"], "shown": shares["red"], "n": count}
