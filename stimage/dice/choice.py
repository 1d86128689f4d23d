"""Choose words by hash: the same code gives the same word, whatever is chosen elsewhere.

Weighted rendezvous hashing (Thaler and Ravishankar 1998; weights after Schindelhauer and
Schomaker 2005): each word gets the score weight / -ln(u), with u in (0, 1) from a hash of seed,
slot, re-roll and word, and the highest score wins. A new word takes its own share and moves
nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from hashlib import blake2b

from stimage.dice.code import Code


class Choice:
    """Answers every question of a sentence from one code."""

    def __init__(self, code: Code) -> None:
        self.code = code

    def word(
        self, slot: str, candidates: Iterable[str], weight: Callable[[str], float] | None = None
    ) -> str:
        """Return the locked word of this slot if it is possible, else the one the hash gives.

        A word that wins among many also wins among fewer: to lock another slot changes nothing.

        Raises:
            LookupError: when there are no candidates.
        """
        words = list(candidates)
        if not words:
            raise LookupError(f"no word for {slot}")
        locked = self.code.locks.get(slot)
        if locked in words:
            return locked
        return min(words, key=lambda w: (self._score(slot, w, weight(w) if weight else 1.0), w))

    def happens(self, slot: str, probability: float) -> bool:
        """Return whether an optional part is there; always, once it was locked or re-rolled."""
        if slot in self.code.locks or slot in self.code.rerolls:
            return True
        return self._uniform(f"{slot}?", "") < probability

    def _score(self, slot: str, word: str, weight: float) -> float:
        reroll = self.code.rerolls.get(slot, 0)
        return -math.log(self._uniform(f"{slot}.{reroll}", word)) / weight

    def _uniform(self, slot: str, word: str) -> float:
        """Return a number in (0, 1) that depends on the seed and the two names alone."""
        digest = blake2b(f"{self.code.seed}/{slot}/{word}".encode(), digest_size=6).digest()
        return (int.from_bytes(digest) + 0.5) / 2**48
