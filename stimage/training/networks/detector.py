"""A small detector that says what stands where in a picture."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stimage.training.scenes.words import NOUNS, PLACES, PLAIN, STYLES, VERBS

GROUNDS = [*PLACES, *(f"plain {color}" for color in PLAIN)]
ACTS = ["none", *VERBS]
LOOKS = ["none", *STYLES]
FOUND = 0.3  # a peak of the heat map above this is a thing


@dataclass(frozen=True, slots=True)
class Detections:
    """What the detector finds in one picture."""

    things: list[tuple[str, int, int, float]]  # noun, column, row of its center, certainty
    ground: str
    act: str
    look: str


class Detector(nn.Module):
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
    def detect(self, pixels: Tensor) -> list[Detections]:
        """Return what stands in each of `pixels`, (B, 3, 128, 128) in [-1, 1]."""
        heat, ground, act, look = self(pixels)
        certainty, nouns = heat.sigmoid().max(1)  # (B, 16, 16)
        peaks = F.max_pool2d(certainty[:, None], 5, 1, 2)[:, 0]
        is_thing = (certainty == peaks) & (certainty > FOUND)
        found = []
        for i in range(len(pixels)):
            places = is_thing[i].nonzero().tolist()
            things = [
                (NOUNS[int(nouns[i, y, x])], x, y, float(certainty[i, y, x])) for y, x in places
            ]
            whole = (GROUNDS[ground[i].argmax()], ACTS[act[i].argmax()], LOOKS[look[i].argmax()])
            found.append(Detections(sorted(things, key=lambda thing: -thing[3]), *whole))
        return found
