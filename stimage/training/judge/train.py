"""The judge: the discriminator of a finished GAN, trained on while the generator stays as it is.

Driving a generator, it has only learned what gives that generator away. Now it learns to order
pictures by how close they come to a true drawing, and which captions are wrong.

Run: python -m stimage.training.judge.train --out runs/judge
A judge that was trained before goes on.
"""

from __future__ import annotations

import argparse
import csv
import random
import shutil
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, softplus

from stimage.inference.gan.discriminator import Discriminator
from stimage.inference.gan.folder import Gan, load_discriminator, load_gan
from stimage.models.folder import ModelFolder
from stimage.training.command import run_command
from stimage.training.export_gan import GAN
from stimage.training.judge.drawings import Drawings, read_drawings
from stimage.training.losses import relativistic_loss
from stimage.training.scenes.captions import random_caption
from stimage.training.scenes.plan import Plan
from stimage.training.stages.gan_loss import wrong_captions
from stimage.training.stages.latents import Latents, read_latents
from stimage.training.trainer import Run

REAL_WEIGHT = 0.3  # a true drawing against ours: most differences mean little
NOISE = 0.3  # at most, over latents: what a judge sees must not hang on traces of a decoder
CLOSER_DB, MOST_DB = 1.0, 8.0  # pairs that differ less don't count, more don't count more
ONE_WORD_WRONG = 0.75  # of the wrong captions


class JudgeLoss:
    """The loss of a batch: half of it drawn by our models, half true drawings, also spoiled."""

    def __init__(
        self, judge: Discriminator, gan: Gan, drawings: Drawings, true: Latents, *, batch: int
    ) -> None:
        """Train `judge`; the text encoder of `gan` reads the captions."""
        self.judge, self.gan, self.drawings, self.true = judge, gan, drawings, true
        self.half = batch // 2
        both = (drawings.by_gan, ~drawings.by_gan)
        self.places = [which.nonzero()[:, 0] for which in both if which.any()]

    def __call__(self, step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        """Return the loss and its parts."""
        rng = random.Random(step)
        share = self.half // len(self.places)
        chosen = torch.cat([some_of(places, share, generator) for places in self.places])
        trues = some_of(torch.arange(len(self.true.plans)), self.half, generator)
        made_plans = [self.drawings.plans[i] for i in chosen.tolist()]
        true_plans = [self.true.plans[i] for i in trues.tolist()]
        words = self.gan.prompt_embeds([as_asked(plan, rng) for plan in (*made_plans, *true_plans)])
        wrong = self.gan.prompt_embeds(wrong_captions(true_plans, rng, ONE_WORD_WRONG))
        x = self.true.latents[trues].float()
        latents = torch.cat([self.drawings.latents[chosen].float(), x, spoiled(x, generator)])
        features = self.judge.features(noisy(latents, generator))
        made, true = len(made_plans), slice(len(made_plans), len(made_plans) + len(x))
        words = torch.cat([words, words[true]])
        verdict = self.judge.judge(features, words)
        wrong_fit = self.judge.fit_of(features[true], wrong)
        closest_db = self.drawings.closest_db[chosen]
        order = order_loss(verdict.total[:made], closest_db)
        order_real = order_loss(verdict.real[:made], closest_db)
        real = softplus(verdict.real[None, :made] - verdict.real[true, None]).mean()
        fit = relativistic_loss(verdict.fit[true], wrong_fit)
        worse = slice(true.stop, None)
        blur = relativistic_loss(verdict.real[true], verdict.real[worse])
        blur = blur + relativistic_loss(verdict.total[true], verdict.total[worse])
        loss = order + order_real + REAL_WEIGHT * real + fit + blur
        parts = {"order": order, "order_real": order_real, "real": real, "fit": fit, "blur": blur}
        found = (verdict.fit[true] > wrong_fit).float().mean()
        return loss, {name: value.item() for name, value in (parts | {"found": found}).items()}


def some_of(places: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """Return `count` of `places`, (N,), at random, each time with all of them to choose from."""
    return places[torch.randint(len(places), (count,), generator=generator)]


def as_asked(plan: Plan, rng: random.Random) -> str:
    """Return one of many complete wordings, half of them as the dice writes: "A fox jumps."."""
    words = random_caption(plan, rng, complete=True)
    return words if rng.random() < 0.5 else f"{words[:1].upper()}{words[1:].rstrip('.')}."


def spoiled(latents: Tensor, generator: torch.Generator) -> Tensor:
    """Return latents, (B, C, H, W), blurred: half in space, half with those of other pictures."""
    sharp, mixed = latents.chunk(2)
    smooth = sharp
    for _ in range(2):
        smooth = avg_pool2d(smooth, 3, stride=1, padding=1, count_include_pad=False)
    others = torch.stack([mixed.roll(shift, 0) for shift in (1, 2, 3)]).mean(0)
    worse = torch.cat([smooth, others])
    share = 0.4 + 0.6 * torch.rand((len(worse), 1, 1, 1), generator=generator)
    return latents.lerp(worse, share)


def noisy(latents: Tensor, generator: torch.Generator) -> Tensor:
    """Return latents, (B, C, H, W), each with noise of a strength of its own up to `NOISE`."""
    strength = NOISE * torch.rand((len(latents), 1, 1, 1), generator=generator)
    return latents + strength * torch.randn(latents.shape, generator=generator)


def order_loss(scores: Tensor, closest_db: Tensor) -> Tensor:
    """Return softplus(worse - better), a mean over all pairs of pictures, weighted by their gap.

    The pairwise logistic loss of RankNet (Burges et al. 2005, "Learning to Rank using Gradient
    Descent", eq. 3).

    Args:
        scores: (B,).
        closest_db: (B,), more is better.
    """
    gaps = closest_db[:, None] - closest_db[None]
    weights = torch.where(gaps > CLOSER_DB, gaps.clamp(max=MOST_DB), torch.zeros_like(gaps))
    losses = softplus(scores[None] - scores[:, None])
    return (losses * weights).sum() / weights.sum().clamp(min=1)


def take_log(before: Path, log: Path) -> int:
    """Let a run's log go on where that of the run before ended; return its last step."""
    if not before.exists():
        return 0
    if not log.exists():
        log.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(before, log)
    with before.open(newline="") as file:
        return int([*csv.DictReader(file)][-1]["step"])


def main(arguments: Sequence[str] | None = None) -> None:
    """Train the discriminator of a GAN on."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--gan", type=Path, default=GAN)
    parser.add_argument("--drawings", type=Path, default=Path("runs/drawings"))
    parser.add_argument("--latents", type=Path, default=Path("runs/latents"))
    parser.add_argument("--out", type=Path, default=Path("runs/judge"))
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--batch", type=int, default=48)
    parser.add_argument("--lr", type=float, default=5e-4)
    args = parser.parse_args(arguments)
    torch.manual_seed(0)
    folder = ModelFolder(args.gan)
    judge = load_discriminator(folder).requires_grad_(requires_grad=True)
    optimizer = torch.optim.AdamW(judge.parameters(), betas=(0.9, 0.99), weight_decay=0.05)
    first = take_log(folder.training / "judge.csv", args.out / "log.csv")
    run = Run(
        args.out,
        judge,
        total_steps=first + args.steps,
        peak_lr=args.lr,
        first_step=first,
        ema_decay=0.998,
        optimizers=[optimizer],
    )
    drawings, true = read_drawings(args.drawings), read_latents(args.latents)
    run.train(JudgeLoss(judge, load_gan(folder), drawings, true, batch=args.batch))


if __name__ == "__main__":
    run_command(main)
