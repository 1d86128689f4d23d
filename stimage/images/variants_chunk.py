"""The other pictures of a batch, whole PNGs, in a chunk of the first: one file for a drawing."""

from __future__ import annotations

import io
from collections.abc import Sequence

import msgspec
from PIL import Image

VARIANTS_CHUNK = b"stVA"  # ancillary, private, not to be kept by who changes the pixels


def written(pngs: Sequence[bytes]) -> bytes:
    """Return what stands in the chunk."""
    return msgspec.msgpack.encode(list(pngs))


def read_variants(png: bytes) -> list[bytes]:
    """Return the other pictures of a file in the request's order; pixels are never decoded."""
    try:
        with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
            chunks = dict(getattr(image, "private_chunks", ()))
        return msgspec.msgpack.decode(chunks[VARIANTS_CHUNK], type=list[bytes])
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return []
    except (KeyError, msgspec.MsgspecError):  # no such chunk, or not as we write it
        return []
