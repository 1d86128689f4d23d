"""The values that travel: a `Request` goes in, `Step`s are reported, a `Picture` comes out.

Knows neither torch nor Streamlit. Every value checks its own limits, because a browser's
limits (`max_chars`, sliders, option lists) are only hints that any client can ignore.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from stimage.errors import InvalidRequest
from stimage.numbers import check_number, invalid, read_number, read_whole
from stimage.opinion import Opinion
from stimage.paths import SHIPPED
from stimage.start import Start
from stimage.trace import Trace

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PROMPT_CHARS = 300
MAX_SEED = 2**32 - 1
MAX_IMAGES = 4
MAX_VARIANTS = 7  # of one request
Guidance = Literal["classifier_free", "embedded", "none"]
SHORT_NAMES = {  # in an address, in the form of the page, on the command line: field -> its name
    "prompt": "prompt",
    "negative_prompt": "negative_prompt",
    "seed": "seed",
    "num_inference_steps": "steps",
    "guidance_scale": "guidance",
    "scheduler": "scheduler",
    "dice_seed": "dice_seed",
}


def new_seed() -> int:
    """Return a seed nobody chose, in [0, MAX_SEED]."""
    return secrets.randbelow(MAX_SEED + 1)


@dataclass(frozen=True, slots=True)
class Limits:
    """What the model in use allows and heeds; its catalog entry has them.

    Attributes:
        guidance: "classifier_free" weighs a prediction with the prompt against one without it,
            "embedded" hands the scale to the network as a number, "none" knows no scale.
    """

    max_steps: int = 50
    max_guidance_scale: float = 12.0
    guidance: Guidance = "classifier_free"

    def heeds_negative_prompt(self, guidance_scale: float) -> bool:
        """Whether a negative prompt changes the picture: at scale 1 only the prompt counts."""
        return self.guidance == "classifier_free" and guidance_scale != 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What one picture is to be. None means the model's own default.

    Raises:
        InvalidRequest: when a value is out of its limits; `field` among its values names it.
    """

    prompt: str
    negative_prompt: str = ""
    seed: int = field(default_factory=new_seed)
    num_inference_steps: int | None = None
    guidance_scale: float | None = None
    scheduler: str | None = None  # a name from `schedulers.SCHEDULERS`
    dice_seed: str = ""  # the code of the dice that wrote the prompt, if one did
    model: str = ""  # another of those that ship, beside the model in use; "" for that one
    trace: bool = False  # whether to keep what happened inside; the picture is the same
    judged: bool = False  # whether to ask the judge that ships what it says of the picture
    start: Start | None = None  # None: the noise of the seed
    # Drawn with it in one batch, by its steps and scheduler; all are traced and judged, or none.
    variants: tuple[Request, ...] = ()
    limits: Limits = field(default=Limits(), repr=False, compare=False)

    def __post_init__(self) -> None:
        """Clean the texts and check the numbers."""
        for name in ("prompt", "negative_prompt", "dice_seed"):
            object.__setattr__(self, name, clean_text(getattr(self, name), name))
        if not self.prompt:
            raise invalid("prompt_empty", "prompt")
        check_number(self.seed, 0, MAX_SEED, "seed", whole=True)
        if self.num_inference_steps is not None:
            most = self.limits.max_steps
            check_number(self.num_inference_steps, 1, most, "num_inference_steps", whole=True)
        if self.guidance_scale is not None:
            most_guidance = self.limits.max_guidance_scale
            check_number(self.guidance_scale, 0, most_guidance, "guidance_scale")
        if not isinstance(self.scheduler, str | None):
            raise invalid("not_text", "scheduler")
        if self.model not in ("", *SHIPPED):
            raise invalid("model_not_beside", "model", asked=str(self.model)[:80])
        if self.start is not None:
            object.__setattr__(self, "start", _checked(self.start))
        if self.variants and not self._fits_its_variants:
            raise InvalidRequest("variants_do_not_fit", most=MAX_VARIANTS)

    @property
    def _fits_its_variants(self) -> bool:
        pictures = (self, *self.variants)
        settings = {
            (each.num_inference_steps, each.scheduler, each.trace, each.judged, each.model)
            for each in pictures
        }
        plain = not any(each.start for each in pictures)
        deep = any(each.variants for each in self.variants)
        return plain and not deep and len(settings) == 1 and len(self.variants) <= MAX_VARIANTS

    @classmethod
    def from_mapping(cls, values: Mapping[str, object], limits: Limits = Limits()) -> Request:
        """Read a request that came from outside: an address, a form, a file, a command line.

        Args:
            values: by the field's name or its short one; numbers may be text. What is None or
                empty counts as not given, and unknown names are left alone.
            limits: of the model in use.

        Raises:
            InvalidRequest: for the first value that is wrong.
        """
        given: dict[str, Any] = {}
        for name, short in SHORT_NAMES.items():
            value = values.get(name, values.get(short))
            if value is not None and value != "":
                given[name] = _READERS.get(name, _as_it_is)(value, name)
        return cls(**{"prompt": "", **given}, limits=limits)

    def to_mapping(self, *, short: bool = False) -> dict[str, str | int | float]:
        """Return what is set, by the fields' names or the short ones."""
        found = {name: getattr(self, name) for name in SHORT_NAMES}
        return {
            SHORT_NAMES[name] if short else name: value
            for name, value in found.items()
            if value is not None and value != ""
        }


def clean_text(text: str, name: str) -> str:
    """Return `text` in one line, NFC, without control characters.

    Raises:
        InvalidRequest: "not_text", or "too_long" if it is longer than `MAX_PROMPT_CHARS`.
    """
    if not isinstance(text, str):
        raise invalid("not_text", name)
    if len(text) > 20 * MAX_PROMPT_CHARS:
        raise _too_long(name, len(text))
    printable = "".join(
        " " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c
        for c in unicodedata.normalize("NFC", text)
        if unicodedata.category(c) not in ("Cs", "Co") and not _is_noncharacter(c)
    )
    line = " ".join(printable.split())
    if len(line) > MAX_PROMPT_CHARS:
        raise _too_long(name, len(line))
    return line


def _checked(start: Start) -> Start:
    for name in ("strength", "mix"):
        check_number(getattr(start, name), 0, 1, name)
    if start.other_seed is not None:
        check_number(start.other_seed, 0, MAX_SEED, "other_seed", whole=True)
    if start.picture and not start.picture_is_usable:
        raise InvalidRequest("start_picture_unusable")
    return replace(start, other_prompt=clean_text(start.other_prompt, "other_prompt"))


def _is_noncharacter(c: str) -> bool:
    """Whether Unicode reserves it for ever; what is only not assigned yet may be a newer emoji."""
    return 0xFDD0 <= ord(c) <= 0xFDEF or ord(c) & 0xFFFE == 0xFFFE


def _too_long(name: str, length: int) -> InvalidRequest:
    over = length - MAX_PROMPT_CHARS
    return invalid("too_long", name, length=length, most=MAX_PROMPT_CHARS, over=over)


def _as_it_is(value: object, _name: str) -> object:
    return value


_READERS: dict[str, Callable[[object, str], object]] = {
    "seed": read_whole,
    "num_inference_steps": read_whole,
    "guidance_scale": read_number,
}


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
    model: str  # the name of the model in the catalog, or of its folder
    model_hash: str = ""  # first 12 hex digits of the SHA-256 of the weights that draw
    trace: Trace | None = None  # if the request asked for it
    opinion: Opinion | None = None  # likewise, where there is a judge
    variants: tuple[Picture, ...] = ()  # in the order of the request's
