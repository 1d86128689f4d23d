"""What draws, seen from outside: a request in, a picture out. Imports no torch."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from stimage.numbers import invalid
from stimage.opinion import Opinion
from stimage.request import Picture, Request, Step

if TYPE_CHECKING:
    from PIL.Image import Image

OnStep = Callable[[Step], None]


class Engine(Protocol):
    """Draws what a `Request` asks for, one picture at a time."""

    @property
    def name(self) -> str:
        """The name of the model."""

    def completed(self, request: Request) -> Request:
        """Return the request as it is drawn: each None is the default, what has no effect is gone.

        Raises:
            InvalidRequest: if it is out of this model's limits.
        """

    def generate(self, request: Request, on_step: OnStep | None = None) -> Picture:
        """Draw.

        Args:
            request: what to draw.
            on_step: called after each step, in the thread that draws. If it raises, the drawing
                ends, the exception passes through and the engine is ready for the next one.

        Raises:
            InvalidRequest: if the request is out of this model's limits.
            ModelError: if the latents became NaN or infinite.
        """


@runtime_checkable
class Judging(Protocol):
    """An engine that can also say what it thinks of a picture."""

    def opinion(self, image: Image, prompt: str) -> Opinion:
        """Return what it says of a picture beside a prompt.

        Raises:
            ModelError: if what judges can't be loaded.
        """


def check_model(request: Request, name: str) -> None:
    """Refuse a request that asks for another model than the one called `name`.

    Raises:
        InvalidRequest: "model_not_beside".
    """
    if request.model not in ("", name):
        raise invalid("model_not_beside", "model", asked=request.model)


def with_variants(pictures: Iterable[Picture]) -> Picture:
    """Return the first of the pictures of one batch, the others as its variants."""
    first, *others = pictures
    return replace(first, variants=tuple(others))
