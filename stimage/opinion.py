"""What a judge says of a picture: plain values, without torch."""

from __future__ import annotations

import msgspec


class Opinion(msgspec.Struct, frozen=True, kw_only=True):
    """How sure a discriminator is, and how it would order pictures of one prompt.

    Attributes:
        known: whether the picture is of the world it knows; where not, the others mean nothing.
        real: that it looks as a true drawing of the training's kind does, in [0, 1].
        fit: that the words are those of the picture, in [0, 1].
        score: its whole score, without unit or bounds: more is better.
    """

    known: bool = True
    real: float = 0.0
    fit: float = 0.0
    score: float = 0.0
