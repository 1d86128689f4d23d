"""What can go wrong, as codes and values. `stimage.i18n` has the sentence for each code."""

from __future__ import annotations

import errno
import re
from dataclasses import dataclass, field

NO_MEMORY = re.compile(  # in the words of Linux, Windows, CUDA, MPS, XPU, mmap and C++
    r"out[ _]of[ _]((host|device)[ _])?memory|(can'?t|cannot|could not|unable to) allocate"
    r"|insufficient memory|not enough (memory|storage|virtual memory)|paging file is too small"
    r"|os error (12|1455|8|14)\b|\b(bad_alloc|bad allocation)\b|_ALLOC_FAILED|memory exhausted",
    re.I,
)
WINDOWS_NO_MEMORY = (8, 14, 1450, 1455)  # ERROR_NOT_ENOUGH_MEMORY ... ERROR_COMMITMENT_LIMIT


@dataclass(frozen=True)
class Message:
    """Something to be said to a person: a key of the catalog and the values in its sentence."""

    key: str
    values: dict[str, object] = field(default_factory=dict)


class StimageError(Exception):
    """The base of every error with a sentence for a person.

    Attributes:
        code: a stable name such as "queue_full"; the key of its sentence.
        values: what the sentence names; numbers, text, or a `Message`.
    """

    def __init__(self, code: str, /, **values: object) -> None:
        super().__init__(code)
        self.code, self.values = code, values

    def __reduce__(self) -> tuple[object, ...]:
        """Let it cross to another process with its values."""
        return _again, (type(self), self.code, self.values)

    def __str__(self) -> str:
        """Return code and values, for a log."""
        facts = ", ".join(f"{name}={value!r}" for name, value in self.values.items())
        return f"{self.code} ({facts})" if facts else self.code

    @property
    def message(self) -> Message:
        """What to tell a person."""
        return Message(self.code, self.values)


def _again(kind: type[StimageError], code: str, values: dict[str, object]) -> StimageError:
    return kind(code, **values)


class InvalidRequest(StimageError):
    """The request itself is out of its limits: an empty prompt, too many steps."""


class QueueFull(StimageError):
    """Too many pictures are queued, in all or of this visitor."""


class Cancelled(StimageError):
    """A person stopped the work; what it had made is thrown away."""

    def __init__(self, code: str = "cancelled", /, **values: object) -> None:
        super().__init__(code, **values)


class ModelError(StimageError):
    """A model can't be found, opened or used."""


class TooLittleMemory(ModelError):
    """The model does not fit into the memory that is left."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out, the computer's or an accelerator's, in whatever words."""
    if isinstance(error, OSError):
        number = getattr(error, "winerror", None)
        return error.errno == errno.ENOMEM or number in WINDOWS_NO_MEMORY
    if isinstance(error, StimageError):
        return False
    return isinstance(error, MemoryError) or bool(NO_MEMORY.search(str(error)))
