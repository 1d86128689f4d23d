"""Losses as pure functions."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.nn.functional import softplus


def picture_loss(made: Tensor, real: Tensor) -> Tensor:
    """Return how far two pictures are apart: L1 of pixels, of their edges, and at half size.

    Both are (B, 3, H, W) in [-1, 1].
    """
    loss = F.l1_loss(made, real)
    loss = loss + 0.5 * F.l1_loss(made.diff(dim=-1), real.diff(dim=-1))
    loss = loss + 0.5 * F.l1_loss(made.diff(dim=-2), real.diff(dim=-2))
    return loss + 0.25 * F.l1_loss(F.avg_pool2d(made, 2), F.avg_pool2d(real, 2))


def kl_to_unit_normal(mean: Tensor, logvar: Tensor) -> Tensor:
    """Return KL(N(mean, exp(logvar)) || N(0, 1)), a mean over all (arXiv 1312.6114, app. B)."""
    return 0.5 * (mean.square() + logvar.exp() - 1 - logvar).mean()


def velocity_weight(snr: Tensor) -> Tensor:
    """Return the loss weight min(1, 5/(snr + 1)) for velocity prediction, (B,).

    Min-SNR (arXiv 2303.09556) in its usual velocity form is zero at the terminal step, where the
    layout is decided; this one keeps it.
    """
    return torch.clamp(5 / (snr + 1), max=1.0)


def relativistic_loss(better: Tensor, worse: Tensor) -> Tensor:
    """Return softplus(worse - better), a mean over pairs of scores, each (B,).

    A discriminator is to score `better` above `worse`; a generator swaps the two
    (relativistic pairing, arXiv 1807.00734; R3GAN, arXiv 2501.05441, eq. 2).
    """
    return softplus(worse - better).mean()


def gradient_penalty(scores: Tensor, inputs: Tensor) -> Tensor:
    """Return half the squared gradient of `scores`, (B,), by `inputs`, a mean over the batch.

    On true inputs it is R1 (arXiv 1801.04406, eq. 9), on generated ones R2.
    """
    (gradient,) = torch.autograd.grad(scores.sum(), inputs, create_graph=True)
    return 0.5 * gradient.square().flatten(1).sum(1).mean()
