"""What is drawn to look inside a picture: itself with a trace, and what it would be otherwise."""

from __future__ import annotations

from dataclasses import dataclass, replace

from stimage.images.own_chunks import read_variants
from stimage.request import Request
from stimage.service.api import JobSnapshot

MAX_WORDS = 4  # are left out in turn
# What changes little, and would cost a drawing each.
SMALL_ENGLISH = ("a", "an", "the", "and", "or", "of", "in", "on", "at", "to", "with", "is", "are")
SMALL_GERMAN = (
    "ein",
    "eine",
    "einem",
    "einen",
    "der",
    "die",
    "das",
    "dem",
    "den",
    "und",
    "im",
    "am",
)


@dataclass(frozen=True, slots=True)
class Variants:
    """The drawings for one picture.

    Attributes:
        traced: the picture itself.
        own: the picture with the steps of those below, which are compared with it.
        guided: with another guidance scale, the lowest first.
        without: the prompt without a word, by that word.
    """

    traced: Request
    own: Request
    guided: tuple[Request, ...]
    without: dict[str, Request]

    @property
    def together(self) -> list[Request]:
        """The last three as one request; none where there is nothing to compare with."""
        others = (*self.guided, *self.without.values())
        return [replace(self.own, variants=others)] if others else []


def variants_of(request: Request, most_steps: int | None = None) -> Variants:
    """Return the drawings for a finished picture's request.

    Args:
        request: with every None filled in.
        most_steps: of all but the traced one; None for no limit.
    """
    drawn = replace(request, dice_seed="")
    steps = [each for each in (request.num_inference_steps, most_steps) if each is not None]
    own = replace(drawn, num_inference_steps=min(steps, default=None))
    return Variants(replace(drawn, trace=True), own, _guided(own), _without_each_word(own))


def apart(job: JobSnapshot) -> list[JobSnapshot]:
    """Return a job that draws several pictures as one for each."""
    requests = (replace(job.request, variants=()), *job.request.variants)
    pngs = [None] * len(requests) if job.png is None else [job.png, *read_variants(job.png)]
    return [
        replace(job, request=request, png=png) for request, png in zip(requests, pngs, strict=False)
    ]


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
        matters = shown and shown.lower() not in (*SMALL_ENGLISH, *SMALL_GERMAN)
        if matters and rest and len(found) < MAX_WORDS:
            found.setdefault(shown, replace(request, prompt=rest))
    return found
