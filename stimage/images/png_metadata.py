"""What is written into a PNG beside the pixels, and read back from one.

Three text chunks: `parameters` is the text that most programs for Stable Diffusion understand
(the form of AUTOMATIC1111's web UI), `stimage` is our own JSON and the truth, and
`XML:com.adobe.xmp` marks the picture as made by a trained model (IPTC digital source type).
The same picture gives the same bytes: no date, no name, no path is written.
"""

from __future__ import annotations

import io
import json
from typing import Any
from xml.sax.saxutils import escape

from PIL import PngImagePlugin

from stimage import __version__
from stimage.errors import InvalidRequest
from stimage.images.infotext import KINDS, infotext
from stimage.images.other_programs import json_object, read_other
from stimage.images.own_chunks import chunks_of
from stimage.images.png_text import png_texts
from stimage.request import Picture

MAX_FILE_BYTES = 20_000_000
XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">
<xmp:CreatorTool>Stimage</xmp:CreatorTool>
<Iptc4xmpExt:DigitalSourceType rdf:resource=
"http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"/>
<Iptc4xmpExt:AISystemUsed>{model}</Iptc4xmpExt:AISystemUsed>
<Iptc4xmpCore:AltTextAccessibility><rdf:Alt><rdf:li xml:lang="x-default">{alt}</rdf:li></rdf:Alt>
</Iptc4xmpCore:AltTextAccessibility>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


def write_png(picture: Picture) -> bytes:
    """Return the picture as a PNG file with its settings and the mark "made by AI".

    One that did not begin with the noise of its seed has no settings: they would not draw it again.
    """
    text = PngImagePlugin.PngInfo()
    if picture.request.start is None:
        text.add_text("parameters", infotext(picture))
        settings = {**recipe(picture), "version": __version__}
        text.add_itxt("stimage", json.dumps(settings, ensure_ascii=False))
    alt = f"A picture made by AI: {picture.request.prompt}"
    xmp = XMP.format(model=escape(picture.model), alt=escape(alt))
    text.add_itxt("XML:com.adobe.xmp", xmp)
    variants = [write_png(variant) for variant in picture.variants]
    for name, content in chunks_of(picture.trace, variants, picture.opinion):
        text.add(name, content)
    file = io.BytesIO()
    picture.image.save(file, "PNG", pnginfo=text)
    return file.getvalue()


def recipe(picture: Picture) -> dict[str, Any]:
    """Return all one needs to draw the picture again: the request's fields, and the model."""
    values = {
        **picture.request.to_mapping(),
        "model": picture.model,
        "model_hash": picture.model_hash,
    }
    return {name: value for name, value in values.items() if value != ""}


def read_png(data: bytes) -> dict[str, Any]:
    """Return what a PNG tells about how it was made: some of `infotext.KINDS`, or nothing.

    Our own text counts before those of other programs; `program` names another whose own form was
    read. The values have the right types, but nobody has checked their limits: that is what
    `Request` does. Pixels are never decoded.

    Raises:
        InvalidRequest: "file_too_large", or "not_a_png".
    """
    if len(data) > MAX_FILE_BYTES:
        raise InvalidRequest("file_too_large", most=MAX_FILE_BYTES // 1_000_000)
    try:
        texts = png_texts(data)
    except ValueError as error:
        raise InvalidRequest("not_a_png") from error
    return _checked(json_object(texts.get("stimage", ""))) or _checked(read_other(texts))


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    """Keep what has a known name and the right type."""
    return {
        name: values[name]
        for name, kind in KINDS.items()
        if isinstance(values.get(name), kind) and not isinstance(values[name], bool)
    }
