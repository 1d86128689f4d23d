"""The schedulers a request can name, and the one a model brings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import diffusers
from diffusers import SchedulerMixin

from stimage.errors import ModelError

SCHEDULERS = {  # name for people -> class in diffusers
    "DDIM": "DDIMScheduler",
    "Euler": "EulerDiscreteScheduler",
    "Euler a": "EulerAncestralDiscreteScheduler",
    "DPM++ 2M": "DPMSolverMultistepScheduler",
    "UniPC": "UniPCMultistepScheduler",
    "LCM": "LCMScheduler",
}


FOR_LATENTS = {  # what a config of Stable Diffusion means where it says nothing
    "clip_sample": False,
    "steps_offset": 1,
    "set_alpha_to_one": False,
}


def new_scheduler(name: str, config: Mapping[str, Any]) -> SchedulerMixin:
    """Return a scheduler of its own for one drawing, since it keeps the state of that."""
    return getattr(diffusers, SCHEDULERS[name]).from_config(_complete(config))


def _complete(config: Mapping[str, Any]) -> dict[str, Any]:
    values = {**FOR_LATENTS, **config}
    if values.get("algorithm_type") in ("dpmsolver", "sde-dpmsolver"):
        values["final_sigmas_type"] = "sigma_min"  # with zero these two divide by it
    return values


def name_of(scheduler: SchedulerMixin) -> str:
    """Return the name of a model's own scheduler, DDIM for one that is not in `SCHEDULERS`."""
    names = {kind: name for name, kind in SCHEDULERS.items()}
    return names.get(type(scheduler).__name__, "DDIM")


def read_scheduler(config: dict[str, Any]) -> Any:  # noqa: ANN401 (diffusers has no types)
    """Return the scheduler of a model's own config.

    Raises:
        ModelError: "scheduler_not_in_diffusers".
    """
    name = str(config.get("_class_name", "PNDMScheduler"))
    if not name.endswith("Scheduler") or not hasattr(diffusers, name):
        raise ModelError("scheduler_not_in_diffusers", name=name[:60])
    try:
        return getattr(diffusers, name).from_config(_complete(config))
    except ImportError:  # LMS wants scipy
        return new_scheduler("DDIM", config)
