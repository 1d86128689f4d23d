"""The values that travel: a `Request` goes in, `Step`s are reported, a `Picture` comes out.

Knows neither torch nor Streamlit. Every value checks its own limits, because a browser's
limits (`max_chars`, sliders, option lists) are only hints that any client can ignore.
"""

from __future__ import annotations

import math
import secrets
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stimage.errors import InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL.Image import Image

MAX_PROMPT_CHARS = 300
MAX_SEED = 2**32 - 1
MAX_IMAGES = 4


def new_seed() -> int:
    """Return a seed nobody chose, in [0, MAX_SEED]."""
    return secrets.randbelow(MAX_SEED + 1)


@dataclass(frozen=True, slots=True)
class Limits:
    """What the model in use allows; `catalog.py` gives one for each model."""

    max_steps: int = 50
    max_guidance_scale: float = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One wish for one picture. None means "as the model likes it best".

    Raises:
        InvalidRequest: with a sentence, when a value is out of its limits.
    """

    prompt: str
    negative_prompt: str = ""
    seed: int = field(default_factory=new_seed)
    num_inference_steps: int | None = None
    guidance_scale: float | None = None
    scheduler: str | None = None  # a name from `engine.SCHEDULERS`
    dice_seed: str = ""  # the code of the dice that wrote the prompt, if one did
    limits: Limits = field(default=Limits(), repr=False, compare=False)

    def __post_init__(self) -> None:
        """Clean the texts and check the numbers."""
        object.__setattr__(self, "prompt", clean_text(self.prompt, "prompt"))
        negative_prompt = clean_text(self.negative_prompt, "negative prompt")
        object.__setattr__(self, "negative_prompt", negative_prompt)
        object.__setattr__(self, "dice_seed", clean_text(self.dice_seed, "code of the dice"))
        if not self.prompt:
            raise InvalidRequest("The box is empty. Type what you want to see, or press the dice.")
        _check_number(self.seed, 0, MAX_SEED, "The seed", whole=True)
        if self.num_inference_steps is not None:
            most = self.limits.max_steps
            _check_number(self.num_inference_steps, 1, most, "The number of steps", whole=True)
        if self.guidance_scale is not None:
            _check_number(self.guidance_scale, 0, self.limits.max_guidance_scale, "The guidance")
        if not isinstance(self.scheduler, str | None):
            raise InvalidRequest("The scheduler must be a name.")


def clean_text(text: str, name: str) -> str:
    """Return `text` in one line, NFC, without control characters.

    Raises:
        InvalidRequest: if it is longer than `MAX_PROMPT_CHARS`.
    """
    if not isinstance(text, str):
        raise InvalidRequest(f"The {name} must be text.")
    if len(text) > 20 * MAX_PROMPT_CHARS:
        raise InvalidRequest(_too_long(name, len(text)))
    printable = "".join(
        " " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c
        for c in unicodedata.normalize("NFC", text)
        if unicodedata.category(c) not in ("Cs", "Co", "Cn")
    )
    line = " ".join(printable.split())
    if len(line) > MAX_PROMPT_CHARS:
        raise InvalidRequest(_too_long(name, len(line)))
    return line


def _too_long(name: str, length: int) -> str:
    return (
        f"The {name} has {length} characters; {MAX_PROMPT_CHARS} are possible. "
        f"Shorten it by {length - MAX_PROMPT_CHARS}."
    )


def _check_number(value: float, low: float, high: float, name: str, *, whole: bool = False) -> None:
    kinds = (int,) if whole else (int, float)
    endless = isinstance(value, float) and not math.isfinite(value)
    if isinstance(value, bool) or not isinstance(value, kinds) or endless:
        raise InvalidRequest(f"{name} must be a {'whole ' if whole else ''}number.")
    if not low <= value <= high:
        it_was = f"; it was {value:.10g}" if abs(value) < 1e15 else ""
        raise InvalidRequest(f"{name} must be from {low:.10g} to {high:.10g}{it_was}.")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a drawing is done: number `index` of `total`, both from 1.

    `preview()` makes a small rough picture, a JPEG. It costs a little: call it when somebody
    looks, and before the next step.
    """

    index: int
    total: int
    preview: Callable[[], bytes]

    @property
    def fraction(self) -> float:
        """How much is done, in [0, 1]."""
        return self.index / self.total


@dataclass(frozen=True, slots=True)
class Picture:
    """A finished picture and all one needs to draw it again."""

    image: Image
    request: Request  # with every None filled in by the engine
    seconds: float
    model: str  # the name of the model in the catalogue, or of its folder
    model_hash: str = ""  # first 12 hex digits of the SHA-256 of the U-Net's weights
