"""The judge: a small detector that says what stands where. Never part of a training loss.

It is trained on fresh drawings only, softened now and then, and is valid if it is at least 97 %
right on drawings it has never seen.
Run: python -m stimage.training.evaluation.probe --out runs/probe
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stimage.training.scenes.draw import boxes, draw
from stimage.training.scenes.plan import Plan, random_plan
from stimage.training.scenes.words import NOUNS, PLACES, PLAIN, STYLES, VERBS
from stimage.training.trainer import Run, load_checkpoint, pick_device

GROUNDS = [*PLACES, *(f"plain {color}" for color in PLAIN)]
ACTS = ["none", *VERBS]
LOOKS = ["none", *STYLES]
FOUND = 0.3  # a peak of the heat map above this is a thing
FIRST_SEED, HELD_OUT_SEED = 10**9, 2 * 10**9  # far from the training pictures' seeds


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the probe finds in one picture."""

    things: list[tuple[str, int, int, float]]  # noun, column, row of its centre, certainty
    ground: str
    act: str
    look: str


class Probe(nn.Module):
    """A detector in the manner of CenterNet (arXiv 1904.07850) with three heads for the whole."""

    def __init__(self) -> None:
        super().__init__()
        widths = (3, 24, 48, 96)
        self.body = nn.Sequential(
            *(self._half(a, b) for a, b in itertools.pairwise(widths)),
            *(self._conv(96 if i == 0 else 128, 128) for i in range(3)),
        )
        self.heat = nn.Conv2d(128, len(NOUNS), 1)
        self.whole = nn.Linear(256, len(GROUNDS) + len(ACTS) + len(LOOKS))
        assert self.heat.bias is not None
        nn.init.constant_(self.heat.bias, -4.0)  # things are rare

    @staticmethod
    def _conv(a: int, b: int, stride: int = 1) -> nn.Sequential:
        return nn.Sequential(
            nn.Conv2d(a, b, 3, stride, 1, bias=False), nn.BatchNorm2d(b), nn.ReLU()
        )

    def _half(self, a: int, b: int) -> nn.Sequential:
        return nn.Sequential(self._conv(a, b, 2), self._conv(b, b))

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return noun logits, (B, nouns, 16, 16), and logits of ground, act and look.

        `pixels` are (B, 3, 128, 128) in [-1, 1].
        """
        x = self.body(pixels)
        pooled = torch.cat([x.mean((2, 3)), x.amax((2, 3))], dim=1)
        ground, act, look = self.whole(pooled).split([len(GROUNDS), len(ACTS), len(LOOKS)], 1)
        return self.heat(x), ground, act, look

    @torch.no_grad()
    def judge(self, pixels: Tensor) -> list[Verdict]:
        """Return what stands in each of `pixels`, (B, 3, 128, 128) in [-1, 1]."""
        heat, ground, act, look = self(pixels)
        certainty, nouns = heat.sigmoid().max(1)  # (B, 16, 16)
        peaks = F.max_pool2d(certainty[:, None], 5, 1, 2)[:, 0]
        is_thing = (certainty == peaks) & (certainty > FOUND)
        verdicts = []
        for i in range(len(pixels)):
            places = is_thing[i].nonzero().tolist()
            things = [
                (NOUNS[int(nouns[i, y, x])], x, y, float(certainty[i, y, x])) for y, x in places
            ]
            whole = (GROUNDS[ground[i].argmax()], ACTS[act[i].argmax()], LOOKS[look[i].argmax()])
            verdicts.append(Verdict(sorted(things, key=lambda thing: -thing[3]), *whole))
        return verdicts


def to_pixels(plans: list[Plan]) -> Tensor:
    """Return drawn plans as (B, 3, 128, 128) in [-1, 1]."""
    return torch.from_numpy(np.stack([draw(plan) for plan in plans])).permute(0, 3, 1, 2) * 2 - 1


def truth(plan: Plan) -> tuple[list[tuple[int, int, int]], int, int, int]:
    """Return the noun, column and row of each thing, and the numbers of ground, act and look."""
    things = [
        (NOUNS.index(b.thing.noun), (b.left + b.side // 2) // 8, (b.top + b.side // 2) // 8)
        for b in boxes(plan)
    ]
    ground = GROUNDS.index(plan.place or f"plain {plan.plain}")
    return things, ground, ACTS.index(plan.verb or "none"), LOOKS.index(plan.style or "none")


def soften(pixels: Tensor, generator: torch.Generator) -> Tensor:
    """Blur a third of the pictures and add a little noise to all: the probe must bear both."""
    blurred = F.avg_pool2d(F.pad(pixels, (1, 1, 1, 1), mode="replicate"), 3, 1)
    pick = torch.rand((len(pixels), 1, 1, 1), generator=generator) < 0.33
    strength = 0.08 * torch.rand((len(pixels), 1, 1, 1), generator=generator)
    noise = torch.randn(pixels.shape, generator=generator)
    return torch.where(pick, blurred, pixels) + strength * noise


def probe_loss(probe: Probe, plans: list[Plan], pixels: Tensor) -> Tensor:
    """Return the loss: weighted cross entropy of the heat map and of the three heads."""
    heat, ground, act, look = probe(pixels)
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


def validity(probe: Probe, count: int = 1000) -> dict[str, float]:
    """Return the share of unseen drawings the probe reads right, by kind of question."""
    rng = random.Random(HELD_OUT_SEED)
    plans = [random_plan(rng) for _ in range(count)]
    right: dict[str, list[bool]] = {"things": [], "place": [], "verb": [], "style": []}
    for start in range(0, count, 50):
        part = plans[start : start + 50]
        for plan, verdict in zip(part, probe.judge(to_pixels(part)), strict=True):
            things, ground, act, look = truth(plan)
            nouns = sorted(NOUNS[noun] for noun, _, _ in things)
            right["things"].append(sorted(thing[0] for thing in verdict.things) == nouns)
            right["place"].append(verdict.ground == GROUNDS[ground])
            right["verb"].append(verdict.act == ACTS[act])
            right["style"].append(verdict.look == LOOKS[look])
    return {name: float(np.mean(answers)) for name, answers in right.items()}


def load_probe(folder: Path) -> Probe:
    """Return the trained probe."""
    probe = Probe()
    probe.load_state_dict(load_checkpoint(folder / "last.pt")["average"])
    return probe.eval()


def main() -> None:
    """Train the probe and print how often it is right."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--out", type=Path, default=Path("runs/probe"))
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--device")
    args = parser.parse_args()
    device = pick_device(args.device)
    torch.manual_seed(1)
    probe = Probe().to(device)
    run = Run(args.out, probe, total_steps=args.steps, peak_lr=2e-3, average_most=0.99)

    def loss_of(step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        rng = random.Random(FIRST_SEED + step * run.workers + run.rank)
        plans = [random_plan(rng) for _ in range(args.batch)]
        pixels = soften(to_pixels(plans), generator).to(device)
        with torch.autocast(device.type, torch.bfloat16):
            return probe_loss(probe, plans, pixels), {}

    run.train(loss_of)
    result = validity(load_probe(args.out))
    (args.out / "validity.json").write_text(json.dumps(result, indent=1))
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
