"""The text that most programs for Stable Diffusion write into a picture and read from one."""

from __future__ import annotations

import json
import re
from typing import Any

from stimage import __version__
from stimage.request import SHORT_NAMES, Picture

NUMBERS: dict[str, type | tuple[type, ...]] = {
    "seed": int,
    "num_inference_steps": int,
    "guidance_scale": (int, float),
}
KINDS = {name: NUMBERS.get(name, str) for name in (*SHORT_NAMES, "model", "model_hash", "program")}
MAX_DIGITS = 30
NEGATIVE = "Negative prompt:"
NAMES = {  # AUTOMATIC1111's -> ours
    "Steps": "num_inference_steps",
    "Sampler": "scheduler",
    "CFG scale": "guidance_scale",
    "Seed": "seed",
    "Model": "model",
    "Model hash": "model_hash",
}


def infotext(picture: Picture) -> str:
    """Return prompt, negative prompt and settings as AUTOMATIC1111's web UI writes them.

    A mark inside a prompt is parted by a space, because some programs fail on a second one.
    """
    request = picture.request
    settings = {
        "Steps": request.num_inference_steps,
        "Sampler": request.scheduler,
        "CFG scale": request.guidance_scale,
        "Seed": request.seed,
        "Size": f"{picture.image.width}x{picture.image.height}",
        "Model hash": picture.model_hash[:10],
        "Model": picture.model,
        "RNG": "CPU",
        "Version": f"Stimage {__version__}",
    }
    prompt, negative = (
        words.replace(NEGATIVE, NEGATIVE.replace(":", " :"))
        for words in (request.prompt, request.negative_prompt)
    )
    lines = [prompt]
    if negative:
        lines.append(f"{NEGATIVE} {negative}")
    lines.append(
        ", ".join(f"{k}: {_quoted(str(v))}" for k, v in settings.items() if v not in (None, ""))
    )
    return "\n".join(lines)


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False) if re.search(r"[,:\n]", value) else value


def _unquoted(value: str) -> str:
    try:
        text = json.loads(value) if value.startswith('"') else value
    except ValueError:
        text = value.strip('"')
    return str(text)


def read_infotext(text: str) -> dict[str, Any]:
    """Read the prompt, the negative prompt and the `Key: value` pairs of the settings.

    The last line that looks like settings counts; programs write other lines after it.
    """
    lines = [line.strip("\r") for line in text.strip().split("\n")]
    found = [(place, pairs) for place, line in enumerate(lines) if (pairs := _settings(line))]
    end, pairs = found[-1] if found else (len(lines), [])
    lines = lines[:end]
    start = next((i for i, line in enumerate(lines) if line.startswith(NEGATIVE)), None)
    prompt, negative = lines[:start], lines[start:] if start is not None else []
    values: dict[str, Any] = {"prompt": "\n".join(prompt)}
    if negative:
        values["negative_prompt"] = "\n".join(negative).removeprefix(NEGATIVE).strip()
    for key, value in pairs:
        name = NAMES.get(key)
        if name:
            values[name] = number(value) if KINDS[name] is not str else _unquoted(value)
    return values


def _settings(line: str) -> list[tuple[str, str]]:
    """Return the pairs of a line, none if it does not look like settings."""
    pairs = re.findall(r'\s*(\w[\w \-/]*):\s*("(?:\\.|[^"\\])+"|[^,]*)(?:,|$)', line)
    return pairs if len(pairs) >= 3 and any(key in NAMES for key, _ in pairs) else []


def number(text: str) -> int | float | None:
    """Return a number, a whole one also where it is written as 20.0; None if it is none."""
    if len(text) > MAX_DIGITS:
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    if text.strip().isdecimal():
        return int(text)
    return int(number) if number.is_integer() else number
