"""Latents to a small rough picture, by one matrix: 4 numbers a place to red, green and blue.

A decoder is nearly linear where colors are concerned, so a 4x3 matrix and a bias show what is
being drawn for less than a thousandth of the decoder's work.
"""

from __future__ import annotations

import io
import json
import math
from dataclasses import dataclass
from pathlib import Path

import torch
from diffusers import AutoencoderKL, SchedulerMixin
from PIL import Image

PREVIEW_PIXELS = 256  # the longer side is never larger


@dataclass(frozen=True, slots=True)
class LatentToRGB:
    """rgb = latents @ matrix + bias, with rgb in [-1, 1].

    Attributes:
        matrix: (channels, 3), for latents as the U-Net sees them (unit variance).
        bias: (3,).
    """

    matrix: torch.Tensor
    bias: torch.Tensor

    def jpeg(self, latents: torch.Tensor) -> bytes:
        """Return latents (1, channels, height, width) as a small JPEG."""
        rgb = torch.einsum("chw,cr->hwr", latents[0].float().cpu(), self.matrix) + self.bias
        pixels = (rgb.clamp(-1, 1) + 1).mul(127.5).nan_to_num().byte().numpy()
        return small_jpeg(Image.fromarray(pixels))


def small_jpeg(image: Image.Image) -> bytes:
    """Return a picture as a JPEG whose longer side has at most `PREVIEW_PIXELS`."""
    scale = min(8, PREVIEW_PIXELS / max(image.size))
    image = image.resize((round(image.width * scale), round(image.height * scale)))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=80)
    return file.getvalue()


def read_latent_to_rgb(file: Path) -> LatentToRGB:
    """Read {"matrix": channels x 3, "bias": 3} from a JSON file.

    Raises:
        OSError, ValueError, KeyError: if it is not there or not like this.
    """
    values = json.loads(file.read_text(encoding="utf-8"))
    matrix, bias = torch.tensor(values["matrix"]).float(), torch.tensor(values["bias"]).float()
    if matrix.ndim != 2 or matrix.shape[1] != 3 or bias.shape != (3,):
        raise ValueError(f"{file.name} must hold a channels x 3 matrix and 3 biases.")
    return LatentToRGB(matrix, bias)


@torch.no_grad()
def fit_latent_to_rgb(vae: AutoencoderKL, places: int = 16, pictures: int = 2) -> LatentToRGB:
    """Find matrix and bias by least squares on a few random decodes.

    Args:
        vae: the pipeline's autoencoder, in whatever dtype it runs.
        places: height and width of the random latents.
        pictures: how many to decode.
    """
    channels = int(vae.config.latent_channels)
    noise = torch.Generator().manual_seed(0)
    # Smooth noise: a decoder answers to patches of color, not to salt and pepper.
    coarse = torch.randn((pictures, channels, 4, 4), generator=noise)
    latents = torch.nn.functional.interpolate(coarse, size=places, mode="bicubic")
    scaled = (latents / vae.config.scaling_factor).to(vae.device, vae.dtype)
    decoded = vae.decode(scaled, return_dict=False)[0].float().cpu().clamp(-1, 1)
    colors = torch.nn.functional.interpolate(decoded, size=places, mode="area")
    return least_squares(latents, colors)


def least_squares(latents: torch.Tensor, rgb: torch.Tensor, ridge: float = 0.0) -> LatentToRGB:
    """Fit rgb = latents @ matrix + bias.

    Args:
        latents: (pictures, channels, height, width), about unit variance.
        rgb: (pictures, 3, height, width), in [-1, 1].
        ridge: over 0, no number grows large where channels of the latents say the same.
    """
    channels = latents.shape[1]
    x = latents.permute(0, 2, 3, 1).reshape(-1, channels)
    x = torch.cat([x, torch.ones(len(x), 1)], dim=1)
    y = rgb.permute(0, 2, 3, 1).reshape(-1, 3)
    penalty = ridge * len(x) * torch.diag(torch.tensor([1.0] * channels + [0.0]))
    solution = torch.linalg.solve(x.T @ x + penalty, x.T @ y)
    return LatentToRGB(solution[:-1], solution[-1])


def predicted_latents(
    scheduler: SchedulerMixin,
    model_output: torch.Tensor,
    timestep: torch.Tensor,
    sample: torch.Tensor,
) -> torch.Tensor:
    """Return what the U-Net expects the finished latents to be, from one step's numbers.

    x_t = a x_0 + s e with a^2 = alphas_cumprod[t] = 1 - s^2; v = a e - s x_0 (Salimans & Ho
    2022, "Progressive Distillation", appendix D). Schedulers that count in sigmas hold x_t / a.

    Args:
        scheduler: any of `schedulers.SCHEDULERS`, after `set_timesteps`.
        model_output: (1, channels, height, width), after guidance.
        timestep: a scalar, in [0, num_train_timesteps).
        sample: x_t, or x_t / a; shaped like `model_output`.
    """
    a = _alpha(scheduler, timestep)
    s = (1 - a * a) ** 0.5
    x_t = noisy_latents(scheduler, timestep, sample)
    kind = str(scheduler.config.prediction_type)
    x_0: torch.Tensor = model_output
    if kind == "v_prediction":
        x_0 = a * x_t - s * model_output
    elif kind == "epsilon":
        x_0 = (x_t - s * model_output) / max(a, 0.01)
    return x_0


def noisy_latents(
    scheduler: SchedulerMixin, timestep: torch.Tensor, sample: torch.Tensor
) -> torch.Tensor:
    """Return x_t of a step, of about unit variance, from a scheduler's x_t or x_t / a."""
    in_sigmas = float(scheduler.init_noise_sigma) != 1
    return sample * _alpha(scheduler, timestep) if in_sigmas else sample


def _alpha(scheduler: SchedulerMixin, timestep: torch.Tensor) -> float:
    alphas: torch.Tensor = scheduler.alphas_cumprod
    return math.sqrt(float(alphas[min(int(timestep), len(alphas) - 1)]))
