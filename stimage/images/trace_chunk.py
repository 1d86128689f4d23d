"""What happened inside a drawing, in a PNG chunk of our own: it goes wherever the picture goes."""

from __future__ import annotations

import io

import msgspec
from PIL import Image

from stimage.trace import Trace

TRACE_CHUNK = b"stTR"  # ancillary, private, not to be kept by who changes the pixels


def written(trace: Trace) -> bytes:
    """Return what stands in the chunk."""
    return msgspec.msgpack.encode(trace)


def read_trace(png: bytes) -> Trace | None:
    """Return what happened inside the drawing, if the file tells it; pixels are never decoded."""
    try:
        with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
            chunks = dict(getattr(image, "private_chunks", ()))
        return msgspec.msgpack.decode(chunks[TRACE_CHUNK], type=Trace)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    except (KeyError, msgspec.MsgspecError):  # no such chunk, or not as we write it
        return None
