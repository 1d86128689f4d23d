"""What a visit remembers of the dice, and what its buttons do to that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from stimage.config import DEFAULT_MODEL
from stimage.dice import Code, Roll, parse, roll
from stimage.dice.custom_text import CustomVocabulary, custom_vocabulary
from stimage.dice.model_vocabulary import vocabulary_of
from stimage.dice.vocabulary import Vocabulary, vocabulary
from stimage.errors import InvalidRequest, Message
from stimage.models.folder import folder_of

MAX_SEEN = 500  # sentences of a visit that do not come again
MAX_TRIES = 100


@dataclass
class DiceState:
    """The dice of one visit.

    Attributes:
        roll: the last sentence; None before the first.
        kept: what stands before it in the box.
        link_opened: whether the address was looked at.
        seen: sentences that do not come again.
        subjects: those that came last.
        custom: the words of the visitor's text, where they are in use.
        code_problem: what is wrong with the code that was typed.
        custom_problem: what is wrong with the text that was pasted.
    """

    roll: Roll | None = None
    kept: str = ""
    link_opened: bool = False
    seen: list[str] = field(default_factory=list)
    subjects: list[str] = field(default_factory=list)
    custom: CustomVocabulary | None = None
    code_problem: Message | None = None
    custom_problem: Message | None = None

    def roll_in(self, box: str) -> Roll | None:
        """Return the roll whose sentence stands in the box, unless the person has changed it."""
        return self.roll if self.roll is not None and box == self.text else None

    def code_in(self, box: str) -> str:
        """Return the dice's code for `Request.dice_seed`: "" when the box holds no whole roll."""
        rolled = self.roll_in(box)
        return "" if rolled is None or self.custom is not None or self.kept else str(rolled.code)

    @property
    def text(self) -> str:
        """What the dice puts into the box."""
        return f"{self.kept} {self.roll.text}".strip() if self.roll is not None else ""

    def words(self, code: Code) -> Vocabulary:
        """Return the words a code is rolled from: of the visitor's text, our model's, or all."""
        if self.custom is not None:
            return self.custom.words
        if code.small:
            return vocabulary_of(folder_of(DEFAULT_MODEL))
        return vocabulary()

    def throw(self, box: str, *, small: bool) -> None:
        """Roll until a sentence and a subject come that this visit has not just seen.

        Args:
            box: what stands in the box.
            small: whether the model in use knows only its own words.
        """
        old = self.roll_in(box)
        locks = old.code.locks if old else {}
        # A locked word stays even where a link brought it that the model in use can't draw.
        small = old.code.small if old and locks else small
        try:
            rolled = self._roll(Code(small=small, locks=locks))
        except InvalidRequest:  # other words are in use than those that were locked
            locks = {}
            rolled = self._roll(Code(small=small))
        for _ in range(MAX_TRIES):
            fresh = rolled.text not in self.seen
            if fresh and ("subject" in locks or rolled.plan["subject"] not in self.subjects):
                break
            rolled = self._roll(Code(small=small, locks=locks))
        if old is None:
            self.kept = ""
        self.show(rolled)

    def take_code(self, text: str) -> None:
        """Roll the sentence of a code.

        Raises:
            InvalidRequest: if it is none.
        """
        self.show(self._roll(parse(text)))

    def another(self, slot: str) -> None:
        """Re-roll one word until it is another one, and leave the rest."""
        old = rolled = self._shown()
        for _ in range(MAX_TRIES):
            rolled = self._roll(rolled.code.rerolled(slot))
            if rolled.plan.get(slot) != old.plan[slot]:
                break
        self.show(rolled)

    def lock(self, slot: str) -> None:
        """Lock the word of a slot, or let it go."""
        old = self._shown()
        locks = dict(old.code.locks)
        if locks.pop(slot, None) is None:
            locks[slot] = old.plan[slot]
        self.show(self._roll(old.code.locked(locks)))

    def use_custom_text(self, text: str) -> None:
        """Take the words of a text.

        Raises:
            InvalidRequest: if there are none in it.
        """
        self.custom = custom_vocabulary(text, vocabulary())

    def show(self, rolled: Roll) -> None:
        """Make this the sentence of the dice, and remember it."""
        self.roll = rolled
        self.seen.append(rolled.text)
        self.subjects.append(rolled.plan["subject"])
        del self.seen[:-MAX_SEEN]
        del self.subjects[: -len(self.words(rolled.code).nouns) // 2]

    def _shown(self) -> Roll:
        assert self.roll is not None, "only a sentence that shows has buttons"
        return self.roll

    def _roll(self, code: Code) -> Roll:
        return roll(code, self.words(code))


def problem_of(action: Callable[[], None]) -> Message | None:
    """Do something, and return why it can't be done."""
    try:
        action()
    except InvalidRequest as error:
        return error.message
    return None
