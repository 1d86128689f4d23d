"""The code of a dice sentence: its seed, the words that were re-rolled, and those locked.

    K7Q2M                              a seed: five characters, 2^25 of them
    K7Q2M~small                        rolled within the words the shipped model can draw
    K7Q2M~subject.2~verb-sleep         subject re-rolled twice, verb locked to "sleep"

It fits into a link as it stands. The alphabet is Crockford's base 32 (no I, L, O, U).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from stimage.errors import InvalidRequest

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SEED_CHARS = 5
MAX_CHARS = 300
MAX_REROLLS = 999
SLOTS = (
    "pattern", "number", "character", "look", "subject", "partner", "aspect", "verb",
    "preposition", "relation", "object_number", "object_look", "object", "place", "light", "style",
)  # fmt: skip

_READ_AS = str.maketrans("OILU", "011V")
_REROLL = re.compile(r"([a-z_]+)\.([0-9]{1,3})")
_LOCK = re.compile(r"([a-z_]+)-([a-z]+)")


def new_seed() -> str:
    """Return a seed nobody chose."""
    return "".join(secrets.choice(ALPHABET) for _ in range(SEED_CHARS))


@dataclass(frozen=True, slots=True)
class Code:
    """What a sentence depends on besides the vocabulary."""

    seed: str = field(default_factory=new_seed)
    small: bool = False  # within the words the shipped model can draw
    rerolls: Mapping[str, int] = field(default_factory=dict)
    locks: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """Write the code as it stands in links and pictures."""
        rerolls = [f"{s}.{self.rerolls[s]}" for s in SLOTS if s in self.rerolls]
        locks = [f"{s}-{self.locks[s]}" for s in SLOTS if s in self.locks]
        return "~".join([self.seed, *(["small"] if self.small else []), *rerolls, *locks])

    def rerolled(self, slot: str) -> Code:
        """Return the code with the next word in one slot, which is unlocked by that."""
        count = (self.rerolls.get(slot, 0) + 1) % (MAX_REROLLS + 1)
        locks = {s: word for s, word in self.locks.items() if s != slot}
        return replace(self, rerolls={**self.rerolls, slot: count}, locks=locks)

    def locked(self, words: Mapping[str, str]) -> Code:
        """Return the code with exactly these words locked."""
        return replace(self, locks=dict(words))


def parse(text: str) -> Code:
    """Read a code, forgiving small letters and spaces.

    Raises:
        InvalidRequest: when it is none.
    """
    if len(text) > MAX_CHARS:
        raise InvalidRequest("dice_code_too_long")
    seed, *rest = text.strip().split("~")
    seed = seed.upper().translate(_READ_AS)
    if len(seed) != SEED_CHARS or not set(seed) <= set(ALPHABET):
        raise InvalidRequest("dice_code_unknown")
    small, rerolls, locks = False, {}, {}
    for piece in rest:
        if piece == "small":
            small = True
        elif (match := _REROLL.fullmatch(piece)) and match[1] in SLOTS:
            rerolls[match[1]] = int(match[2])
        elif (match := _LOCK.fullmatch(piece)) and match[1] in SLOTS:
            locks[match[1]] = match[2]
        else:
            raise InvalidRequest("dice_code_damaged")
    return Code(seed, small, rerolls, locks)
