"""The judge: a small detector that says what stands where. Never part of a training loss.

It is trained on fresh drawings only, softened now and then, and is valid if it is at least 97 %
right on drawings it has never seen.
Run: python -m stimage.training.stages.detector --out runs/detector
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from stimage.training.checkpoints import ema_weights
from stimage.training.command import run_command
from stimage.training.networks.detector import ACTS, GROUNDS, LOOKS, Detector
from stimage.training.pixels import to_pixels
from stimage.training.scenes.draw import boxes
from stimage.training.scenes.plan import Plan, random_plan
from stimage.training.scenes.words import NOUNS
from stimage.training.trainer import Run, mixed_precision, pick_device

FIRST_SEED, HELD_OUT_SEED = 10**9, 2 * 10**9  # far from the training pictures' seeds


def truth(plan: Plan) -> tuple[list[tuple[int, int, int]], int, int, int]:
    """Return the noun, column and row of each thing, and the numbers of ground, act and look."""
    things = [
        (NOUNS.index(b.thing.noun), (b.left + b.side // 2) // 8, (b.top + b.side // 2) // 8)
        for b in boxes(plan)
    ]
    ground = GROUNDS.index(plan.place or f"plain {plan.plain}")
    return things, ground, ACTS.index(plan.verb or "none"), LOOKS.index(plan.style or "none")


def soften(pixels: Tensor, generator: torch.Generator) -> Tensor:
    """Blur a third of the pictures and add a little noise to all: the detector must bear both."""
    blurred = F.avg_pool2d(F.pad(pixels, (1, 1, 1, 1), mode="replicate"), 3, 1)
    pick = torch.rand((len(pixels), 1, 1, 1), generator=generator) < 0.33
    strength = 0.08 * torch.rand((len(pixels), 1, 1, 1), generator=generator)
    noise = torch.randn(pixels.shape, generator=generator)
    return torch.where(pick, blurred, pixels) + strength * noise


def detector_loss(detector: Detector, plans: list[Plan], pixels: Tensor) -> Tensor:
    """Return the loss: weighted cross entropy of the heat map and of the three heads."""
    heat, ground, act, look = detector(pixels)
    target = torch.zeros_like(heat)
    truths = [truth(plan) for plan in plans]
    for i, (things, *_) in enumerate(truths):
        for noun, x, y in things:
            target[i, noun, y, x] = 1
    weight = torch.where(target > 0, 60.0, 1.0)
    loss = F.binary_cross_entropy_with_logits(heat, target, weight, reduction="sum")
    loss = loss / (60 * len(plans))
    for logits, number in ((ground, 1), (act, 2), (look, 3)):
        answers = torch.tensor([t[number] for t in truths], device=heat.device)
        loss = loss + 0.5 * F.cross_entropy(logits, answers)
    return loss


def validity(detector: Detector, count: int = 1000) -> dict[str, float]:
    """Return the share of unseen drawings the detector reads right, by kind of question."""
    rng = random.Random(HELD_OUT_SEED)
    plans = [random_plan(rng) for _ in range(count)]
    right: dict[str, list[bool]] = {"things": [], "place": [], "verb": [], "style": []}
    for start in range(0, count, 50):
        part = plans[start : start + 50]
        for plan, detections in zip(part, detector.detect(to_pixels(part)), strict=True):
            things, ground, act, look = truth(plan)
            nouns = sorted(NOUNS[noun] for noun, _, _ in things)
            right["things"].append(sorted(thing[0] for thing in detections.things) == nouns)
            right["place"].append(detections.ground == GROUNDS[ground])
            right["verb"].append(detections.act == ACTS[act])
            right["style"].append(detections.look == LOOKS[look])
    return {name: float(np.mean(answers)) for name, answers in right.items()}


def load_detector(folder: Path) -> Detector:
    """Return the trained detector."""
    detector = Detector()
    detector.load_state_dict(ema_weights(folder / "last.pt"))
    return detector.eval()


def main(arguments: Sequence[str] | None = None) -> None:
    """Train the detector and print how often it is right."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--out", type=Path, default=Path("runs/detector"))
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--unseen", type=int, default=1000, help="drawings to test it on")
    parser.add_argument("--device")
    args = parser.parse_args(arguments)
    device = pick_device(args.device)
    torch.manual_seed(1)
    detector = Detector().to(device)
    run = Run(args.out, detector, total_steps=args.steps, peak_lr=2e-3, ema_decay=0.99)

    def loss_of(step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        rng = random.Random(FIRST_SEED + step * run.workers + run.rank)
        plans = [random_plan(rng) for _ in range(args.batch)]
        pixels = soften(to_pixels(plans), generator).to(device)
        with mixed_precision(device.type):
            return detector_loss(detector, plans, pixels), {}

    run.train(loss_of)
    result = validity(load_detector(args.out), args.unseen)
    (args.out / "validity.json").write_text(json.dumps(result, indent=1))
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    run_command(main)
