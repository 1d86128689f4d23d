"""What the judge's scores mean, told by true drawings that no training saw."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import asdict, replace

import msgspec
import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from stimage.inference.gan.discriminator import Discriminator
from stimage.inference.gan.folder import Gan
from stimage.inference.gan.judge import Calibration, calibration_file
from stimage.inference.gan.world import fidelity_db, ground_distance, save_grounds
from stimage.models.folder import ModelFolder
from stimage.training.pixels import to_pixels
from stimage.training.scenes.captions import caption
from stimage.training.scenes.plan import PLACE_VARIANTS, Plan, random_plan
from stimage.training.scenes.words import PLACES, PLAIN, STYLES
from stimage.training.stages.gan_loss import wrong_captions

FRESH_SEED = 3 * 10**9  # of true drawings that no training saw
STRANGE = 0.01  # of the pictures of our world count as strange by each measure

Strangeness = tuple[float, float]  # PSNR in dB after encoding and decoding, distance to a ground


class TrueDrawings:
    """True drawings that no training saw, with their scores beside right and wrong captions."""

    @torch.no_grad()
    def __init__(self, gan: Gan, judge: Discriminator, grounds: Tensor, count: int) -> None:
        """Draw `count` of them and have them judged; `grounds` as `latents_of_grounds` has them."""
        rng = random.Random(FRESH_SEED)
        plans: list[Plan] = [random_plan(rng) for _ in range(count)]
        parts = [to_pixels(plans[first : first + 50]) for first in range(0, count, 50)]
        latents = torch.cat([gan.encode(part) for part in parts])
        self.strangeness = [one for part in parts for one in strangeness(gan, part, grounds)]
        self.verdict = judge(latents, gan.prompt_embeds([caption(plan) for plan in plans]))
        self.fit_beside = {
            kind: judge(latents, gan.prompt_embeds(wrong_captions(plans, rng, share))).fit
            for kind, share in (("another picture's", 0.0), ("wrong in one word", 1.0))
        }

    def wrong_found(self) -> dict[str, float]:
        """Return the share of drawings whose wrong caption gets the lower fit."""
        return {
            kind: round((self.verdict.fit > fit).float().mean().item(), 3)
            for kind, fit in self.fit_beside.items()
        }

    def calibration(
        self, good: Sequence[Tensor], bad: Sequence[Tensor], strange: Sequence[Strangeness]
    ) -> Calibration:
        """Return what scores mean.

        Args:
            good: how real good pictures by our models look to it, (1,) each.
            bad: likewise, of bad ones.
            strange: of all pictures by our models: they are of our world, too.
        """
        nothing = torch.zeros(0)
        fidelities, distances = zip(*self.strangeness, *strange, strict=True)
        return Calibration(
            real=platt(torch.cat([self.verdict.real, *good]), torch.cat([nothing, *bad])),
            fit=platt(self.verdict.fit, torch.cat([*self.fit_beside.values()])),
            least_db=round(float(np.quantile(fidelities, STRANGE)), 2),
            most_distance=round(float(np.quantile(distances, 1 - STRANGE)), 4),
        )


@torch.no_grad()
def latents_of_grounds(gan: Gan) -> Tensor:
    """Return the latents of every place and plain color in every style, (G, C, 16, 16)."""
    plain = [Plan((), plain=color) for color in PLAIN]
    places = [Plan((), place=p, variant=v) for p in PLACES for v in range(PLACE_VARIANTS)]
    styles = (None, *STYLES)
    plans = [replace(plan, style=style) for plan in (*plain, *places) for style in styles]
    return torch.cat([gan.encode(to_pixels([plan])) for plan in plans])


@torch.no_grad()
def strangeness(gan: Gan, pixels: Tensor, grounds: Tensor) -> list[Strangeness]:
    """Return by which PSNR each picture comes back from its latents, and how far its ground is."""
    latents = gan.encode(pixels)
    return list(
        zip(fidelity_db(gan, pixels, latents), ground_distance(latents, grounds), strict=True)
    )


def platt(better: Tensor, worse: Tensor) -> tuple[float, float]:
    """Return weight and bias of the logistic function that tells `better` scores from `worse`.

    Both sides count alike, however many there are; a little decay keeps the weight finite.
    """
    scores = torch.cat([better, worse]).double()
    labels = torch.cat([torch.ones_like(better), torch.zeros_like(worse)]).double()
    shares = torch.cat(
        [torch.full_like(each, 1 / max(1, len(each))) for each in (better, worse)]
    ).double()
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


def write_calibration(folder: ModelFolder, calibration: Calibration, grounds: Tensor) -> None:
    """Keep beside the discriminator what its scores mean, and the grounds it knows."""
    save_grounds(folder, grounds)
    found = msgspec.json.format(msgspec.json.encode(asdict(calibration)), indent=1)
    calibration_file(folder).write_bytes(found + b"\n")
