"""What is drawn to look inside a picture: itself with a trace, and what it would be otherwise."""

from __future__ import annotations

from dataclasses import dataclass, replace

from stimage.request import Request

MAX_WORDS = 4  # are left out in turn
SHORTEST_WORD = 3  # letters; shorter ones change little, and each costs a drawing


@dataclass(frozen=True, slots=True)
class Variants:
    """The drawings for one picture; each group is submitted as one batch.

    Attributes:
        traced: the picture itself.
        guided: with another guidance scale, the lowest first.
        without: the prompt without a word, by that word.
    """

    traced: Request
    guided: tuple[Request, ...]
    without: dict[str, Request]


def variants_of(request: Request) -> Variants:
    """Return the drawings for a finished picture's request."""
    drawn = replace(request, dice_seed="")
    return Variants(replace(drawn, trace=True), _guided(drawn), _without_each_word(drawn))


def _guided(request: Request) -> tuple[Request, ...]:
    """Return it without the words, with the words alone, and with a strong push."""
    if request.limits.guidance != "classifier_free":
        return ()
    scales = sorted({0.0, 1.0, request.limits.max_guidance_scale} - {request.guidance_scale})
    return tuple(replace(request, guidance_scale=scale) for scale in scales)


def _without_each_word(request: Request) -> dict[str, Request]:
    words = request.prompt.split()
    found: dict[str, Request] = {}
    for place, word in enumerate(words):
        shown = word.strip(".,;:!?\"'()")
        rest = " ".join(words[:place] + words[place + 1 :])
        if len(shown) >= SHORTEST_WORD and rest and len(found) < MAX_WORDS:
            found.setdefault(shown, replace(request, prompt=rest))
    return found
