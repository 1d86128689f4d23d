"""Training by hand: a guess with two weights, and how wrong each setting of them is.

The guess at the noise is `a * noisy + b * soft`, where `soft` is the noisy picture, blurred. The
loss is the mean squared error, for real: of one training picture at one level of the schedule.
"""

from __future__ import annotations

from typing import Any

import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import avg_pool2d

from stimage.training.figures.data import noised_scene
from stimage.training.figures.sheet import Workshop, control, frames
from stimage.training.pixels import contact_sheet, to_images, to_tensor

LEVEL = 500  # of 1,000
SIDE_PX = 64
A = torch.linspace(0, 2, 9)
B = torch.linspace(-2, 0, 9)
START = 0


def knobs(workshop: Workshop) -> dict[str, Any]:
    """Every setting of two knobs: the noise, the guess, what is wrong, and the loss."""
    seed, picture = noised_scene()
    clean = avg_pool2d(to_tensor(picture), picture.width // SIDE_PX)
    noise = torch.randn(clean.shape, generator=torch.Generator().manual_seed(seed))
    kept = float(workshop.artist.scheduler.alphas_cumprod[LEVEL])
    noisy = kept**0.5 * clean + (1 - kept) ** 0.5 * noise
    soft = avg_pool2d(noisy, 5, stride=1, padding=2, count_include_pad=False)
    cells, notes = [], []
    for a in A:
        for b in B:
            wrong = a * noisy + b * soft - noise
            cells.append(_panels(noise, a * noisy + b * soft, wrong))
            notes.append(f"Loss {float(wrong.square().mean()):.2f}. Smaller is hotter.")
    return frames(
        [workshop.sprite("knobs", cells, len(B))],
        cells[0].size,
        "The real noise, the guess with the first knob at {0} and the second at {1}, and what is "
        "wrong. {note}",
        {"by": "Calculated from a training picture of our own", "seed": seed},
        columns=len(B),
        rows=len(A),
        width=480,
        controls=[
            control("First knob", [f"{a:.2f}" for a in A], "slider", start=START),
            control("Second knob", [f"{b:.2f}" for b in B], "slider", start=START),
        ],
        notes=[notes],
        panels=(3, 1),
        labels=[["real noise", "your guess", "what is wrong"]],
    )


def _panels(*parts: Tensor) -> Image.Image:
    return contact_sheet([to_images(part / 3)[0] for part in parts], len(parts))
