"""What a service and its worker process say to each other: frozen values, as MessagePack.

A message is its length in 4 bytes, the highest first, and the value. Nothing is unpickled: both
sides read only the types that stand here.
"""

from __future__ import annotations

from typing import IO

import msgspec

from stimage.errors import Message
from stimage.request import Request


class Said(msgspec.Struct, frozen=True):
    """A `Message` whose values are plain, or such again."""

    key: str
    values: dict[str, str | int | float | Said | None]

    @classmethod
    def of(cls, message: Message) -> Said:
        """Return a message in this form; a value that is not plain becomes text."""
        return cls(message.key, {name: _plain(value) for name, value in message.values.items()})

    def message(self) -> Message:
        """Return the message."""
        values = self.values.items()
        return Message(self.key, {n: v.message() if isinstance(v, Said) else v for n, v in values})


def _plain(value: object) -> str | int | float | Said | None:
    if isinstance(value, Message):
        return Said.of(value)
    return value if isinstance(value, str | int | float | None) else str(value)


class Load(msgspec.Struct, tag=True, frozen=True):
    """Load this model; answered by `Loaded` or `Failed`."""

    model: str


class Draw(msgspec.Struct, tag=True, frozen=True):
    """Draw this; answered by `Begun`, `Stepped` for each step, and `Finished` or `Failed`."""

    request: Request


class Look(msgspec.Struct, tag=True, frozen=True):
    """Put a preview into the next `Stepped`."""


class Stop(msgspec.Struct, tag=True, frozen=True):
    """End the drawing that was asked for last with its next step; `Failed` says "cancelled"."""


class Loaded(msgspec.Struct, tag=True, frozen=True):
    """The model can draw."""


class Begun(msgspec.Struct, tag=True, frozen=True):
    """The drawing begins, with every None of its request filled in."""

    request: Request


class Stepped(msgspec.Struct, tag=True, frozen=True):
    """A step is done."""

    index: int
    total: int
    preview: bytes | None


class Finished(msgspec.Struct, tag=True, frozen=True):
    """The picture is there."""

    png: bytes
    seconds: float
    model: str


class Failed(msgspec.Struct, tag=True, frozen=True):
    """Loading or drawing ended with an error."""

    error: Said


Order = Load | Draw | Look | Stop
Answer = Loaded | Begun | Stepped | Finished | Failed


def write(stream: IO[bytes], message: Order | Answer) -> None:
    """Write one message.

    Raises:
        OSError: if nobody reads any more.
    """
    data = msgspec.msgpack.encode(message)
    stream.write(len(data).to_bytes(4, "big") + data)
    stream.flush()


def read_order(stream: IO[bytes]) -> Order | None:
    """Return the next order; None when there will be no more."""
    data = _frame(stream)
    return None if data is None else msgspec.msgpack.decode(data, type=Order)


def read_answer(stream: IO[bytes]) -> Answer | None:
    """Return the next answer; None when there will be no more."""
    data = _frame(stream)
    return None if data is None else msgspec.msgpack.decode(data, type=Answer)


def _frame(stream: IO[bytes]) -> bytes | None:
    size = stream.read(4)
    length = int.from_bytes(size, "big")
    data = stream.read(length) if len(size) == 4 else b""
    return data if len(size) == 4 and len(data) == length else None
