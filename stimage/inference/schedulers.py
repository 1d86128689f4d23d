"""Makes schedulers: the one a model brings, and those a request names, each for one drawing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import diffusers
from diffusers import SchedulerMixin

from stimage.models.scheduler_names import SCHEDULERS, name_in_config, name_of_class

FOR_LATENTS = {  # what a config of Stable Diffusion means where it says nothing
    "clip_sample": False,
    "steps_offset": 1,
    "set_alpha_to_one": False,
    "skip_prk_steps": True,
}
FEW_STEPS = 10  # fewer than this begin at the last timestep, whatever the config says


def new_scheduler(name: str, config: Mapping[str, Any], steps: int = FEW_STEPS) -> SchedulerMixin:
    """Return a scheduler of its own for one drawing, since it keeps the state of that.

    Args:
        name: one of `SCHEDULERS`.
        config: of the model's own scheduler.
        steps: how many will be drawn. "leading" would begin the few at t = 1000 (1 - 1/steps) and
            see too little noise (Lin et al. 2023, "Common Diffusion Noise Schedules and Sample
            Steps Are Flawed"); one step would be at t = 1.
    """
    values = {**FOR_LATENTS, **config}
    if values.get("algorithm_type") in ("dpmsolver", "sde-dpmsolver"):
        values["final_sigmas_type"] = "sigma_min"  # with zero these two divide by it
    if steps < FEW_STEPS:
        values["timestep_spacing"] = "trailing"
    return getattr(diffusers, SCHEDULERS[name]).from_config(values)


def name_of(scheduler: SchedulerMixin) -> str:
    """Return the name of a model's own scheduler.

    Raises:
        ModelError: "scheduler_unsupported".
    """
    return name_of_class(type(scheduler).__name__)


def read_scheduler(config: Mapping[str, Any]) -> SchedulerMixin:
    """Return the scheduler of a model's own config.

    Raises:
        ModelError: "scheduler_unsupported".
    """
    return new_scheduler(name_in_config(config), config)
