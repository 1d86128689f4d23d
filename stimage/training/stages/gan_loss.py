"""The loss of the GAN: what generator, encoder and discriminator are trained to lower.

The supervised half is a variational autoencoder: an encoder tells in a few random numbers what a
picture's caption leaves open, and from these and the caption the generator is to draw that very
picture. The other half is adversarial: numbers from a hat and a caption are to become a picture
that the discriminator takes for a true one with a true caption.
"""

from __future__ import annotations

import random

import torch
from torch import Tensor
from torch.func import functional_call

from stimage.inference.gan.discriminator import Verdict
from stimage.inference.gan.folder import Gan
from stimage.training.losses import gradient_penalty, kl_to_unit_normal, relativistic_loss
from stimage.training.networks.gan import GanNetworks
from stimage.training.scenes.captions import random_caption
from stimage.training.scenes.draw import CELL_PX, boxes
from stimage.training.scenes.plan import Plan
from stimage.training.scenes.wrong import wrong_caption
from stimage.training.stages.latents import Latents

THING_WEIGHT = 3.0  # of a cell with a thing in it, in the reconstruction; others 1
KL_WEIGHT = 1e-3  # of a nat, against the mean squared error of a latent: only what pays is told
ADVERSARIAL_WEIGHT = 0.02
PENALTY_WEIGHT, PENALTY_EVERY = 0.05, 8
ONE_WORD_WRONG = 0.5  # of the wrong captions; the others belong to other pictures
COLUMNS = (  # of the log, beside the loss; the generator's is 0 before the adversarial half
    "samples", "reconstruction", "kl", "generator", "discriminator", "real_minus_made",
    "right_minus_wrong", "wrong_found",
)  # fmt: skip


class GanLoss:
    """The loss of a batch drawn from the training set: generator, encoder and discriminator."""

    def __init__(
        self,
        networks: GanNetworks,
        gan: Gan,
        data: Latents,
        *,
        batch: int,
        supervised_steps: int,
        total_steps: int,
        held: bool = True,
    ) -> None:
        """Train `networks`.

        Args:
            networks: on any device.
            gan: its frozen text encoder reads the captions.
            data: the training set.
            batch: pictures a step; half as many for the adversarial half.
            supervised_steps: from then on the generator is to please the discriminator, too.
            total_steps: where the weight of the reconstruction has fallen to a half.
            held: by the reconstruction and the gradient penalties; False for a run to show what
                happens without.
        """
        self.networks, self.gan, self.data, self.batch = networks, gan, data, batch
        self.supervised_steps, self.total_steps, self.held = supervised_steps, total_steps, held
        self.device = next(networks.parameters()).device

    def __call__(self, step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        """Return the sum of all losses and its parts."""
        chosen = torch.randint(len(self.data.plans), (self.batch,), generator=generator)
        rng = random.Random(int(chosen[0]) + 1000 * step)
        plans = [self.data.plans[i] for i in chosen.tolist()]
        states = self.gan.prompt_embeds([some_caption(plan, rng) for plan in plans])
        x = self.data.latents[chosen].float().to(self.device)
        normal = torch.randn((2, self.batch, self.z_width), generator=generator).to(self.device)
        mean, logvar = self.networks.encoder(x, states)
        z = mean + normal[0] * (0.5 * logvar).exp()
        half = self.batch // 2
        free = half if step >= self.supervised_steps else 0  # pictures without a true one
        made = self.networks.generator(
            torch.cat([z, normal[1, :free]]), torch.cat([states, states[:free]])
        )
        weights = thing_weights(plans).to(self.device)
        error = ((made[: self.batch] - x).square() * weights).mean() / weights.mean()
        kl = self.z_width * kl_to_unit_normal(mean, logvar)
        loss = self.held * (self.reconstruction_weight(step) * error + KL_WEIGHT * kl)
        parts = {"reconstruction": error.item(), "kl": kl.item()}
        wrong = self.gan.prompt_embeds(wrong_captions(plans[:half], rng))
        fake = made[self.batch :] if free else made[:half]
        judged = self.judged(step, fake.detach(), x[:half], states[:half], wrong)
        loss = loss + judged[0]
        if free:
            loss_g = self.generator_loss(fake, x[:half], states[:half])
            loss, parts = loss + ADVERSARIAL_WEIGHT * loss_g, parts | {"generator": loss_g.item()}
        parts |= {"samples": float((step + 1) * self.batch), **judged[1]}
        return loss, {name: parts.get(name, 0.0) for name in COLUMNS}

    @property
    def z_width(self) -> int:
        """How many random numbers a picture has."""
        return self.networks.generator.config.z_width

    def reconstruction_weight(self, step: int) -> float:
        """Return 1, from the first adversarial step on falling to a half."""
        done = (step - self.supervised_steps) / max(1, self.total_steps - self.supervised_steps)
        return 1 - 0.5 * max(0.0, done)

    def generator_loss(self, fake: Tensor, real: Tensor, states: Tensor) -> Tensor:
        """Return how far the discriminator scores drawn pictures below true ones, (B, C, H, W).

        Its own weights get no gradient from it. `states` are of the tokens of captions, (B, T, W).
        """
        judge = self.networks.discriminator
        frozen = {name: weight.detach() for name, weight in judge.named_parameters()}
        seen: Verdict = functional_call(judge, frozen, (fake, states))
        with torch.no_grad():
            true: Verdict = judge(real, states)
        return relativistic_loss(seen.total, true.total)

    def judged(
        self, step: int, fake: Tensor, real: Tensor, states: Tensor, wrong: Tensor
    ) -> tuple[Tensor, dict[str, float]]:
        """Return the discriminator's loss and its parts.

        Args:
            step: every `PENALTY_EVERY`th has the gradient penalties.
            fake: what the generator drew for `states`, (B, C, 16, 16).
            real: true latents for `states`, of the same shape.
            states: of the tokens of true captions, (B, T, W).
            wrong: of captions that do not fit `real`, of the same shape.
        """
        judge = self.networks.discriminator
        penalized = self.held and step % PENALTY_EVERY == 0
        real, fake = (x.clone().requires_grad_(penalized) for x in (real, fake))
        features = judge.features(real)
        true, made = judge.judge(features, states), judge(fake, states)
        wrong_fit = judge.fit_of(features, wrong)
        loss = relativistic_loss(true.total, made.total) + relativistic_loss(true.fit, wrong_fit)
        parts = {
            "discriminator": loss.item(),
            "real_minus_made": (true.total - made.total).mean().item(),
            "right_minus_wrong": (true.fit - wrong_fit).mean().item(),
            "wrong_found": (true.fit > wrong_fit).float().mean().item(),
        }
        if penalized:
            penalty = gradient_penalty(true.total, real) + gradient_penalty(made.total, fake)
            loss = loss + PENALTY_EVERY * PENALTY_WEIGHT * penalty
        return loss, parts


def some_caption(plan: Plan, rng: random.Random) -> str:
    """Return one of many wordings, never the empty one: a GAN has no guidance that needs it."""
    while not (text := random_caption(plan, rng)):
        pass
    return text


def wrong_captions(
    plans: list[Plan], rng: random.Random, one_word: float = ONE_WORD_WRONG
) -> list[str]:
    """Return a wrong caption for each plan: of the plan before, or, a share, wrong in one word."""
    return [
        wrong_caption(plan, rng) if rng.random() < one_word else some_caption(other, rng)
        for plan, other in zip(plans, [plans[-1], *plans[:-1]], strict=True)
    ]


def thing_weights(plans: list[Plan]) -> Tensor:
    """Return the weight of each cell in the reconstruction, (B, 1, 16, 16)."""
    weights = torch.ones(len(plans), 1, 16, 16)
    for one, plan in zip(weights, plans, strict=True):
        for box in boxes(plan):
            top, left = (max(0, px // CELL_PX) for px in (box.top, box.left))
            side = box.side // CELL_PX
            one[:, top : top + side, left : left + side] = THING_WEIGHT
    return weights
