"""What is written into a PNG beside the pixels, and read back from one.

Three text chunks: `parameters` is the text that most programs for Stable Diffusion understand
(the form of AUTOMATIC1111's web UI), `stimage` is our own JSON and the truth, and
`XML:com.adobe.xmp` marks the picture as made by a trained model (IPTC digital source type).
The same picture gives the same bytes: no date, no name, no path is written.
"""

from __future__ import annotations

import io
import json
import re
from typing import Any
from xml.sax.saxutils import escape

from PIL import Image, PngImagePlugin

from stimage.errors import InvalidRequest
from stimage.request import Picture

MAX_FILE_BYTES = 20_000_000
KINDS: dict[str, type | tuple[type, ...]] = {
    "prompt": str,
    "negative_prompt": str,
    "seed": int,
    "num_inference_steps": int,
    "guidance_scale": (int, float),
    "scheduler": str,
    "dice_seed": str,
    "model": str,
    "model_hash": str,
}
A1111_NAMES = {
    "Steps": "num_inference_steps",
    "Sampler": "scheduler",
    "CFG scale": "guidance_scale",
    "Seed": "seed",
    "Model": "model",
    "Model hash": "model_hash",
}
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
    """Return the picture as a PNG file with its settings and the mark "made by AI"."""
    text = PngImagePlugin.PngInfo()
    text.add_text("parameters", _a1111_text(picture))
    text.add_itxt("stimage", json.dumps(recipe(picture), ensure_ascii=False))
    alt = f"A picture made by AI: {picture.request.prompt}"
    xmp = XMP.format(model=escape(picture.model), alt=escape(alt))
    text.add_itxt("XML:com.adobe.xmp", xmp)
    file = io.BytesIO()
    picture.image.save(file, "PNG", pnginfo=text)
    return file.getvalue()


def recipe(picture: Picture) -> dict[str, Any]:
    """Return all one needs to draw the picture again, by the names of `KINDS`."""
    wish = picture.request
    values = {
        "prompt": wish.prompt,
        "negative_prompt": wish.negative_prompt,
        "seed": wish.seed,
        "num_inference_steps": wish.num_inference_steps,
        "guidance_scale": wish.guidance_scale,
        "scheduler": wish.scheduler,
        "dice_seed": wish.dice_seed,
        "model": picture.model,
        "model_hash": picture.model_hash,
    }
    return {name: value for name, value in values.items() if value not in (None, "")}


def read_png(data: bytes) -> dict[str, Any]:
    """Return what a PNG tells about how it was made: some of the names of `KINDS`, or nothing.

    The values have the right types, but nobody has checked their limits: that is what `Request`
    does. Pixels are never decoded.

    Raises:
        InvalidRequest: with a sentence, if this is no PNG.
    """
    if len(data) > MAX_FILE_BYTES:
        raise InvalidRequest("file_too_large", most=MAX_FILE_BYTES // 1_000_000)
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            texts = dict(image.info)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InvalidRequest("not_a_png") from error
    own, others = texts.get("stimage"), texts.get("parameters")
    if isinstance(own, str):
        return _checked(_json(own))
    return _checked(_from_a1111(others)) if isinstance(others, str) else {}


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _checked(values: object) -> dict[str, Any]:
    """Keep what has a known name and the right type."""
    if not isinstance(values, dict):
        return {}
    return {
        name: values[name]
        for name, kind in KINDS.items()
        if isinstance(values.get(name), kind) and not isinstance(values[name], bool)
    }


def _a1111_text(picture: Picture) -> str:
    wish = picture.request
    settings = {
        "Steps": wish.num_inference_steps,
        "Sampler": wish.scheduler,
        "CFG scale": wish.guidance_scale,
        "Seed": wish.seed,
        "Size": f"{picture.image.width}x{picture.image.height}",
        "Model hash": picture.model_hash[:10],
        "Model": picture.model,
        "RNG": "CPU",
        "Version": "Stimage",
    }
    lines = [wish.prompt]
    if wish.negative_prompt:
        lines.append(f"Negative prompt: {wish.negative_prompt}")
    lines.append(
        ", ".join(f"{k}: {_quoted(str(v))}" for k, v in settings.items() if v not in (None, ""))
    )
    return "\n".join(lines)


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False) if re.search(r"[,:\n]", value) else value


def _from_a1111(text: str) -> dict[str, Any]:
    """Read the prompt, the negative prompt and the last line's `Key: value` pairs."""
    *lines, last = text.strip().split("\n")
    pairs = re.findall(r'\s*([\w ]+):\s*("(?:\\.|[^"\\])+"|[^,]*)(?:,|$)', last)
    if len(pairs) < 3:
        lines, pairs = [*lines, last], []
    start = next((i for i, line in enumerate(lines) if line.startswith("Negative prompt:")), None)
    prompt, negative = lines[:start], lines[start:] if start is not None else []
    values: dict[str, Any] = {"prompt": "\n".join(prompt)}
    if negative:
        values["negative_prompt"] = "\n".join(negative).removeprefix("Negative prompt:").strip()
    for key, value in pairs:
        name = A1111_NAMES.get(key)
        if name:
            values[name] = _number(value) if KINDS[name] is not str else value.strip('"')
    return values


def _number(text: str) -> int | float | None:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return None
