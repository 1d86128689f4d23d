"""The text chunks of a PNG, wherever they stand in the file (PNG specification, section 11.3.3).

Ours, because Pillow sees those after the pixels only once it has decoded them, and gives up a
whole file for one text that is too long.
"""

from __future__ import annotations

import zlib

START = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
KINDS = (b"tEXt", b"zTXt", b"iTXt")
MAX_TEXT_BYTES = 8_000_000  # of all texts of a file together, unpacked


def png_texts(data: bytes) -> dict[str, str]:
    """Return the texts of a PNG by their keywords; of two with one keyword, the last.

    A text that is damaged or too long is left out. Pixels are never decoded.

    Raises:
        ValueError: if it is no PNG.
    """
    if not data.startswith(START):
        raise ValueError("no PNG")
    texts: dict[str, str] = {}
    place, left = 8, MAX_TEXT_BYTES
    while len(head := data[place : place + 8]) == 8:
        kind, end = head[4:], place + 8 + int.from_bytes(head[:4], "big")
        if kind in KINDS and zlib.crc32(data[place + 4 : end]).to_bytes(4) == data[end : end + 4]:
            keyword, _, rest = data[place + 8 : end].partition(b"\0")
            text = _unpacked(kind, rest, left)
            left -= len(text)
            if text:
                texts[keyword.decode("latin-1")] = _decoded(text)
        place = end + 4
    return texts


def _unpacked(kind: bytes, rest: bytes, most: int) -> bytes:
    """Return the text after a keyword, b"" if it is damaged or longer than `most` bytes."""
    is_packed, packing = kind == b"zTXt", rest[:1]
    if kind == b"zTXt":
        rest = rest[1:]
    elif kind == b"iTXt":
        is_packed, packing = rest[:1] == b"\1", rest[1:2]
        rest = rest[2:].partition(b"\0")[2].partition(b"\0")[2]  # after language and translation
    if not is_packed:
        return rest if len(rest) <= most else b""
    try:
        stream = zlib.decompressobj()
        text = stream.decompress(rest, most + 1) if packing == b"\0" else b""
    except zlib.error:
        return b""
    return text if len(text) <= most and stream.eof else b""


def _decoded(text: bytes) -> str:
    """Read UTF-8, which many programs write where the specification wants Latin-1."""
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1")
