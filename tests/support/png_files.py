"""Small PNG files with texts in them, as other programs write them."""

from __future__ import annotations

import io
import zlib

from PIL import Image, PngImagePlugin


def file_with(**texts: str) -> bytes:
    """Return a picture with these texts before its pixels."""
    info = PngImagePlugin.PngInfo()
    for key, text in texts.items():
        info.add_itxt(key, text)
    file = io.BytesIO()
    Image.new("RGB", (4, 4)).save(file, "PNG", pnginfo=info)
    return file.getvalue()


def chunk(kind: bytes, content: bytes, spoiled: int = 0) -> bytes:
    """Return one chunk of a PNG; a spoiled one has a wrong checksum."""
    checksum = zlib.crc32(kind + content) ^ spoiled
    return len(content).to_bytes(4) + kind + content + checksum.to_bytes(4)


def plain(keyword: str, text: str, encoding: str = "latin-1") -> bytes:
    """Return a text chunk that is not packed."""
    return chunk(b"tEXt", keyword.encode() + b"\0" + text.encode(encoding))


def packed(keyword: str, text: str) -> bytes:
    """Return a packed text chunk."""
    return chunk(b"zTXt", keyword.encode() + b"\0\0" + zlib.compress(text.encode()))


def before_pixels(*chunks: bytes) -> bytes:
    """Return a picture with these chunks before its pixels."""
    return _with_chunks(b"IDAT", chunks)


def after_pixels(*chunks: bytes) -> bytes:
    """Return a picture with these chunks after its pixels, as lodepng and ImageMagick write it."""
    return _with_chunks(b"IEND", chunks)


def _with_chunks(where: bytes, chunks: tuple[bytes, ...]) -> bytes:
    file = file_with()
    place = file.index(where) - 4
    return file[:place] + b"".join(chunks) + file[place:]
