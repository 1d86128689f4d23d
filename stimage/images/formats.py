"""A finished PNG in another format, with what it says of itself as far as the format can.

The text of `parameters` becomes EXIF's UserComment, where AUTOMATIC1111's web UI and those who read
its files look for it; our own JSON becomes the MakerNote, which EXIF leaves to the maker of a
picture; the XMP with the mark "made by AI" stays XMP.
"""

from __future__ import annotations

import io
from enum import StrEnum

from PIL import Image
from PIL.ExifTags import IFD, Base

UNICODE = b"UNICODE\0"  # what EXIF 2.32, 4.6.5, puts before a UserComment in UTF-16
MAKER = b"Stimage\0"
QUALITY = 92  # of JPEG and WebP, in [0, 100]


class Format(StrEnum):
    """What a picture can leave as."""

    PNG = "png"
    JPEG = "jpeg"
    WEBP = "webp"


def converted(png: bytes, format: Format, quality: int = QUALITY) -> bytes:
    """Return a PNG of ours as another format; as PNG it stays byte for byte.

    Args:
        png: as `write_png` makes it.
        format: the wanted one.
        quality: of JPEG and WebP, in [0, 100].
    """
    if format is Format.PNG:
        return png
    with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
        texts = image.info
        exif = Image.Exif()
        details = exif.get_ifd(IFD.Exif)
        comment = texts["parameters"].encode("utf-16-be", "surrogatepass")
        details[Base.UserComment] = UNICODE + comment
        details[Base.MakerNote] = MAKER + texts["stimage"].encode()
        file = io.BytesIO()
        image.convert("RGB").save(
            file,
            format.value,
            quality=quality,
            exif=exif,
            xmp=texts["XML:com.adobe.xmp"].encode(),
        )
    return file.getvalue()
