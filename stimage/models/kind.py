"""Whether a model folder holds a Stable Diffusion that draws from a prompt: told by its configs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from stimage.errors import ModelError
from stimage.models.folder import PARTS, ModelFolder, read_json
from stimage.models.scheduler_names import name_in_config

Config = Mapping[str, Any]
LATENT_CHANNELS = 4
PIPELINES = (  # how the name of a pipeline's class looks, and the code for it; the first fits
    (r"StableDiffusionXL|Kolors", "sdxl"),
    (r"StableDiffusion3", "sd3"),
    (r"Flux", "flux"),
    (r"\w*InpaintPipelineLegacy", ""),
    (r"\w*Inpaint", "inpainting"),
    (
        r"StableDiffusion\w*(Depth|Pix2Pix|Upscale|ImageVariation|ControlNet|Adapter|GLIGEN)",
        "other_input",
    ),
    (r"Stable(Diffusion)?UnCLIP", "other_input"),
    (r"(Onnx|Flax)?(StableDiffusion|LatentConsistencyModel)|DiffusionPipeline$|$", ""),
)


def check_kind(folder: ModelFolder) -> None:
    """Make sure that a folder is a Stable Diffusion 1.x or 2.x, before any weight is read.

    Raises:
        ModelError: what `check_pipeline` and `check_networks` raise.
    """
    check_pipeline(read_json(folder.index).get("_class_name") or "")
    if folder.part("text_encoder_2").is_dir():
        raise ModelError("sdxl")
    check_networks({part: folder.config(part) for part in PARTS})


def check_pipeline(class_name: object) -> None:
    """Refuse the pipelines of other models, and those that change a picture.

    Raises:
        ModelError: with a code of `PIPELINES`, or "other_pipeline" with the name.
    """
    code = next((code for look, code in PIPELINES if re.match(look, str(class_name))), None)
    if code is None:
        raise ModelError("other_pipeline", name=str(class_name)[:60])
    if code:
        raise ModelError(code)


def check_networks(configs: Mapping[str, Config]) -> None:
    """Refuse a U-Net that wants more than latents, a timestep and the states of one text encoder.

    Args:
        configs: of each of `PARTS`.

    Raises:
        ModelError: "inpainting", "other_input", "sdxl", "other_architecture", or
            "scheduler_unsupported".
    """
    name_in_config(configs["scheduler"])
    unet, latents = configs["unet"], configs["vae"].get("latent_channels", LATENT_CHANNELS)
    if unet.get("addition_embed_type") == "text_time":
        raise ModelError("sdxl")
    inputs = unet.get("in_channels", LATENT_CHANNELS)
    if inputs != latents:
        raise ModelError("inpainting" if inputs == 2 * LATENT_CHANNELS + 1 else "other_input")
    more = ("addition_embed_type", "class_embed_type", "num_class_embeds", "encoder_hid_dim_type")
    if any(unet.get(name) is not None for name in more):
        raise ModelError("other_input")
    width, wanted = configs["text_encoder"].get("hidden_size"), unet.get("cross_attention_dim")
    if type(width) is int and type(wanted) is int and width != wanted:
        raise ModelError("other_architecture", width=wanted)
