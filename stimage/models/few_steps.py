"""How a model likes to draw that is not in the catalog: told by its configs and its names.

Distilled models look like others inside; what they call themselves tells them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from stimage.models.folder import ModelFolder, Record
from stimage.request import Guidance, Limits

STEPS = {  # a word in its names -> how many steps it was made for
    "turbo": 4,
    "lcm": 4,
    "tcd": 4,
    "lightning": 4,
    "hyper": 8,
    "flash": 4,
    "dmd": 4,
    "schnell": 4,
    "sdxs": 1,
    "instaflow": 1,
}
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")  # "v51HyperVAE" has v, 51, Hyper and VAE
COUNT = re.compile(r"(?<!\d)([1-9]\d?)[ _-]?steps?(?![a-z])", re.I)
BY_SCHEDULER = {"LCMScheduler": "lcm", "TCDScheduler": "tcd"}
STYLE = re.compile(r"hyper (real|detail)\w*")


@dataclass(frozen=True, slots=True)
class Habits:
    """What a model's drawings begin with."""

    steps: int = 20
    guidance_scale: float = 7.5
    scheduler: str | None = None
    guidance: Guidance = "classifier_free"
    max_steps: int = Limits().max_steps


def habits_of(folder: ModelFolder, record: Record) -> Habits:
    """Return how the model in a folder likes to draw; few-step models do without guidance."""
    if folder.is_gan:
        return Habits(1, 1.0, None, "none", max_steps=1)
    unet, scheduler = folder.config("unet"), folder.config("scheduler").get("_class_name")
    file = record.origin.file if record.origin else ""
    names = [folder.name, record.title, file, record.source, str(unet.get("_name_or_path", ""))]
    embedded = unet.get("time_cond_proj_dim") is not None
    made_for = BY_SCHEDULER.get(str(scheduler)) or ("lcm" if embedded else _made_for(names))
    if made_for is None:
        return Habits()
    counts = [int(match[1]) for name in names for match in COUNT.finditer(name)]
    steps = counts[0] if counts else STEPS[made_for]
    own = "LCM" if made_for == "lcm" else None
    if embedded:
        return Habits(steps, 8.0, own, "embedded")
    return Habits(steps, 1.0, own)


def _made_for(names: Iterable[str]) -> str | None:
    for name in names:
        words = STYLE.sub("", " ".join(WORD.findall(name)).lower()).split()
        for word in words:
            if (plain := word if word in STEPS else word.removeprefix("sd")) in STEPS:
                return plain
    return None
