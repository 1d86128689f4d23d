"""What the discriminator says of a picture, as two probabilities; nothing of another world."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from stimage.errors import ModelError
from stimage.inference.gan.discriminator import Discriminator, Verdict
from stimage.inference.gan.folder import Gan, load_discriminator, load_gan
from stimage.inference.gan.world import fidelity_db, ground_distance, load_grounds
from stimage.models.folder import ModelFolder
from stimage.opinion import Opinion


@dataclass(frozen=True, slots=True)
class Calibration:
    """What its scores mean, measured on pictures that are known.

    A score s is the probability 1 / (1 + exp(-(weight s + bias))) (Platt 1999, "Probabilistic
    Outputs for Support Vector Machines", eq. 1).

    Attributes:
        real: weight and bias, of a true drawing or a good picture against a bad one.
        fit: likewise, of a true drawing with its caption against one with a wrong caption.
        least_db: a picture of our world comes back from the autoencoder with at least this PSNR.
        most_distance: it is at most so far from a ground that was seen in training.
    """

    real: tuple[float, float]
    fit: tuple[float, float]
    least_db: float
    most_distance: float

    def knows(self, fidelity: float, distance: float) -> bool:
        """Whether a picture is of our world, by its PSNR in dB and its distance to a ground."""
        return fidelity >= self.least_db and distance <= self.most_distance


class Judge:
    """The discriminator of a GAN and what its scores mean."""

    def __init__(
        self, gan: Gan, discriminator: Discriminator, calibration: Calibration, grounds: Tensor
    ) -> None:
        """Take over the networks, and the latents of all grounds, (G, C, H, W)."""
        self._gan, self._discriminator, self._calibration = gan, discriminator, calibration
        self._grounds = grounds

    @classmethod
    def load(cls, folder: ModelFolder, gan: Gan | None = None) -> Judge:
        """Load the judge in the folder of a GAN.

        Args:
            folder: of the model.
            gan: what was loaded from it before, if it was.

        Raises:
            ModelError: "judge_missing" if it was never calibrated, or as `load_gan`.
        """
        file = calibration_file(folder)
        try:
            calibration = msgspec.json.decode(file.read_bytes(), type=Calibration)
        except (OSError, msgspec.MsgspecError) as error:
            raise ModelError("judge_missing", name=folder.name) from error
        networks = gan or load_gan(folder), load_discriminator(folder)
        return cls(*networks, calibration, load_grounds(folder))

    def opinion(self, image: Image.Image, prompt: str) -> Opinion:
        """Return what it says of a picture beside a prompt.

        Args:
            image: of any size; its middle square is looked at.
            prompt: what it is to show.
        """
        pixels = as_pixels(image, self._gan.vae.config.sample_size)
        latents = self._gan.encode(pixels)
        if not self._knows(pixels, latents):
            return Opinion(known=False)
        with torch.no_grad():
            verdict = self._discriminator(latents, self._gan.prompt_embeds([prompt]))
        return Opinion(
            real=probability(verdict.real, self._calibration.real),
            fit=probability(verdict.fit, self._calibration.fit),
            score=verdict.total.item(),
        )

    def _knows(self, pixels: Tensor, latents: Tensor) -> bool:
        fidelity = fidelity_db(self._gan, pixels, latents)[0]
        return self._calibration.knows(fidelity, ground_distance(latents, self._grounds)[0])


def calibration_file(folder: ModelFolder) -> Path:
    """Return where a judge keeps what its scores mean."""
    return folder.part("discriminator") / "calibration.json"


def probability(score: Tensor, scale: tuple[float, float]) -> float:
    """Return what a score, (1,), means by weight and bias, in [0, 1]."""
    weight, bias = scale
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, weight * score.item() + bias))))


@torch.no_grad()
def scores_of(
    gan: Gan, discriminator: Discriminator, images: list[Image.Image], prompt: str
) -> Verdict:
    """Return the scores of pictures beside one prompt, (B,) each."""
    pixels = torch.cat([as_pixels(image, gan.vae.config.sample_size) for image in images])
    words = gan.prompt_embeds([prompt]).expand(len(images), -1, -1)
    verdict: Verdict = discriminator(gan.encode(pixels), words)
    return verdict


def as_pixels(image: Image.Image, side: int) -> Tensor:
    """Return the middle square of a picture as (1, 3, side, side) in [-1, 1]."""
    square = ImageOps.fit(image.convert("RGB"), (side, side), Image.Resampling.LANCZOS)
    values = torch.from_numpy(np.array(square, dtype=np.float32))
    return (values / 127.5 - 1).permute(2, 0, 1)[None].contiguous()
