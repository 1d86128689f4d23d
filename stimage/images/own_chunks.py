"""What goes wherever a picture goes, in PNG chunks of our own: MessagePack, pixels untouched."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import TypeVar

import msgspec

from stimage.opinion import Opinion
from stimage.trace import Trace

# Ancillary, private, not to be kept by who changes the pixels.
TRACE, VARIANTS, OPINION = b"stTR", b"stVA", b"stOP"
Told = TypeVar("Told")


def chunks_of(
    trace: Trace | None, variants: Sequence[bytes], opinion: Opinion | None
) -> Iterator[tuple[bytes, bytes]]:
    """Yield name and content of each chunk that is needed.

    Args:
        trace: what happened inside.
        variants: the other pictures of the batch, whole PNGs.
        opinion: what the judge says of it.
    """
    told = ((TRACE, trace), (VARIANTS, list(variants) or None), (OPINION, opinion))
    for name, value in told:
        if value is not None:
            yield name, msgspec.msgpack.encode(value)


def read_trace(png: bytes) -> Trace | None:
    """Return what happened inside the drawing, if the file tells it."""
    return _read(png, TRACE, Trace)


def read_variants(png: bytes) -> list[bytes]:
    """Return the other pictures of a file in the request's order."""
    return _read(png, VARIANTS, list[bytes]) or []


def read_opinion(png: bytes) -> Opinion | None:
    """Return what the judge says of the picture, if it was asked."""
    return _read(png, OPINION, Opinion)


def _read(png: bytes, name: bytes, kind: type[Told]) -> Told | None:
    from PIL import Image  # megabytes that no first paint needs

    try:
        with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
            chunks = dict(getattr(image, "private_chunks", ()))
        return msgspec.msgpack.decode(chunks[name], type=kind)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    except (KeyError, msgspec.MsgspecError):  # no such chunk, or not as we write it
        return None
