"""The noise schedule: cosine, ending in pure noise, predicted as velocity; as pure functions.

Noising and the velocity are diffusers' own: `scheduler.add_noise`, `scheduler.get_velocity`.
"""

from __future__ import annotations

import torch
from diffusers import DDIMScheduler
from torch import Tensor


def new_scheduler() -> DDIMScheduler:
    """Return the noise schedule that training and drawing share.

    Cosine (arXiv 2102.09672, eq. 17), rescaled so that the last step holds no picture at all
    (arXiv 2305.08891, alg. 1), with steps counted from that end ("trailing").
    """
    return DDIMScheduler(
        num_train_timesteps=1000,
        beta_schedule="squaredcos_cap_v2",
        prediction_type="v_prediction",
        rescale_betas_zero_snr=True,
        timestep_spacing="trailing",
        steps_offset=1,
        clip_sample=False,
        set_alpha_to_one=True,
    )


def alpha_sigma(scheduler: DDIMScheduler, t: Tensor) -> tuple[Tensor, Tensor]:
    """Return alpha and sigma, (B, 1, 1, 1): what x_t holds of picture and noise at `t`, (B,)."""
    alphas_cumprod = scheduler.alphas_cumprod.to(t.device)[t].view(-1, 1, 1, 1)
    return alphas_cumprod.sqrt(), (1 - alphas_cumprod).sqrt()


def noise_from_velocity(x_t: Tensor, v: Tensor, alpha: Tensor, sigma: Tensor) -> Tensor:
    """Return the noise that `v` claims to be in x_t: alpha v + sigma x_t."""
    return alpha * v + sigma * x_t


def picture_from_velocity(x_t: Tensor, v: Tensor, alpha: Tensor, sigma: Tensor) -> Tensor:
    """Return the x_0 that `v` claims to be under x_t: alpha x_t - sigma v."""
    return alpha * x_t - sigma * v


def snr(alpha: Tensor, sigma: Tensor) -> Tensor:
    """Return the signal-to-noise ratio alpha^2 / sigma^2, (B,)."""
    return (alpha / sigma.clamp(min=1e-4)).square().flatten()


def random_timesteps(count: int, generator: torch.Generator) -> Tensor:
    """Return `count` timesteps, int64 in [0, 1000), one from each of `count` equal parts."""
    places = (torch.arange(count) + torch.rand(count, generator=generator)) / count
    return (places * 1000).long().clamp(max=999)[torch.randperm(count, generator=generator)]
