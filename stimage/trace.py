"""What happened inside one drawing: plain values, without torch."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class Token(msgspec.Struct, frozen=True):
    """One piece of the prompt as the model reads it.

    Attributes:
        text: the piece.
        number: its place in the model's vocabulary.
        ends_word: whether the word ends with it.
    """

    text: str
    number: int
    ends_word: bool


class Moment(msgspec.Struct, frozen=True):
    """A drawing before one of its steps, in rough colors: two small JPEGs.

    Attributes:
        step: how many steps are done.
        now: the latents as they are.
        expected: what the model expects in the end when it looks at them.
    """

    step: int
    now: bytes
    expected: bytes


class Word(msgspec.Struct, frozen=True):
    """A word of the prompt.

    Attributes:
        text: its pieces together.
        first: the place of its first token in `Trace.tokens`.
        end: the place after its last.
    """

    text: str
    first: int
    end: int


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens, moments and attention of one drawing.

    Attributes:
        tokens: with the mark before the prompt, and the one after it.
        moments: the start, then after a step or several, the last one before the last step.
        steps: how many steps the drawing had.
        attention: float16, (tokens, height, width): which share of a place's attention went to a
            token, a mean over layers, heads and steps; over the tokens it sums to one. What
            stands behind the mark after the prompt counts with that mark.
        height: of the attention maps.
        width: likewise.
    """

    tokens: tuple[Token, ...]
    moments: tuple[Moment, ...]
    steps: int
    attention: bytes
    height: int
    width: int

    def __post_init__(self) -> None:
        """Check that the maps have the size they say.

        Raises:
            ValueError: if not.
        """
        sizes = (len(self.tokens), self.height, self.width)
        if min(sizes) < 1 or len(self.attention) != 2 * math.prod(sizes):
            raise ValueError("The attention maps don't fit the tokens.")

    @property
    def maps(self) -> npt.NDArray[np.float32]:
        """The attention, (tokens, height, width)."""
        import numpy as np  # 11 MB that no first paint needs

        found = np.frombuffer(self.attention, "<f2").astype(np.float32)
        return found.reshape(len(self.tokens), self.height, self.width)

    @property
    def words(self) -> tuple[Word, ...]:
        """The words between the marks."""
        found, first = [], 1
        for place, token in enumerate(self.tokens[1:-1], start=1):
            if token.ends_word or place == len(self.tokens) - 2:
                text = "".join(each.text for each in self.tokens[first : place + 1])
                found.append(Word(text, first, place + 1))
                first = place + 1
        return tuple(found)

    def map_of(self, word: Word) -> npt.NDArray[np.float32]:
        """Return which share of each place's attention went to a word, (height, width)."""
        total: npt.NDArray[np.float32] = self.maps[word.first : word.end].sum(axis=0)
        return total
