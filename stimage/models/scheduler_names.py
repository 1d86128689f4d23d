"""The schedulers a request or a model can name: our name for each, and its class in diffusers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stimage.errors import ModelError

SCHEDULERS = {  # name for people -> class in diffusers
    "DDIM": "DDIMScheduler",
    "Euler": "EulerDiscreteScheduler",
    "Euler a": "EulerAncestralDiscreteScheduler",
    "DPM++ 2M": "DPMSolverMultistepScheduler",
    "UniPC": "UniPCMultistepScheduler",
    "LCM": "LCMScheduler",
    "PNDM": "PNDMScheduler",
    "DEIS": "DEISMultistepScheduler",
    "Heun": "HeunDiscreteScheduler",
    "DPM++ 2S": "DPMSolverSinglestepScheduler",
}
STAND_INS = {  # what is slow to prepare or wants SciPy or torchsde, and the nearest of ours
    "LMSDiscreteScheduler": "Euler",  # linear multistep of order 1
    "KDPM2DiscreteScheduler": "Heun",  # both of order 2, with two passes a step
    "KDPM2AncestralDiscreteScheduler": "Euler a",
    "DPMSolverSDEScheduler": "DPM++ 2M",
    "DDPMScheduler": "DDIM",
    "DDPMParallelScheduler": "DDIM",
    "DDIMParallelScheduler": "DDIM",
    "TCDScheduler": "DDIM",  # the same for gamma = 0
}


def name_of_class(class_name: object) -> str:
    """Return the name of the scheduler that draws for a class of diffusers.

    Raises:
        ModelError: with code "scheduler_unsupported" for a class that can't draw latents here.
    """
    names = {kind: name for name, kind in SCHEDULERS.items()} | STAND_INS
    if (name := names.get(str(class_name))) is None:
        raise ModelError("scheduler_unsupported", name=str(class_name)[:60])
    return name


def name_in_config(config: Mapping[str, Any]) -> str:
    """Return the name of the scheduler that a model's config asks for; PNDM if it does not say.

    Raises:
        ModelError: as `name_of_class`.
    """
    return name_of_class(config.get("_class_name", SCHEDULERS["PNDM"]))
