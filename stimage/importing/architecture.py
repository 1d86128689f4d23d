"""What a pile of weights is: which Stable Diffusion, if it is one.

`models/configs/` holds what the weights alone cannot tell (head counts, group counts, the
schedule). A checkpoint that we wrote carries its own configs under the key `stimage`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from stimage import paths
from stimage.errors import ModelError
from stimage.importing.prediction import stated_velocity, states_zero_snr
from stimage.importing.reader import Opened
from stimage.importing.spellings import text_width
from stimage.importing.state_dict_keys import CLIP, OPEN_CLIP, UNET, VAE
from stimage.models.folder import PARTS, ModelFolder
from stimage.models.kind import check_networks

OWN_CONFIGS = "stimage"  # where our own checkpoints keep theirs, as JSON
SIGNS = (  # a piece of a name that only such a file has, and its code; the first that fits decides
    ("lora_", "lora"),
    (".lora", "lora"),
    (".hada_w1", "lora"),
    ("emb_params", "embedding"),
    ("control_model.", "controlnet"),
    ("controlnet_", "controlnet"),
    ("motion_modules", "motion"),
    ("conditioner.embedders.", "sdxl"),
    ("joint_blocks.", "sd3"),
    ("double_blocks.", "flux"),
    ("model.layers.0.", "language_model"),
    ("transformer.h.0.", "language_model"),
)


@dataclass(frozen=True, slots=True)
class Architecture:
    """The networks of a model: their configs by part, and a name for people.

    Attributes:
        configs: of unet, vae, text_encoder and scheduler.
        tokenizer: texts of the tokenizer's files, or a folder with them.
        if_velocity: what it is instead if the U-Net predicts velocity, where only a trial tells.
    """

    title: str
    configs: Mapping[str, dict[str, Any]]
    tokenizer: Mapping[str, str] | Path
    if_velocity: Architecture | None = None


def recognize(opened: Opened) -> Architecture:
    """Return the architecture of the weights in one file of the original layout.

    Raises:
        ModelError: with a code from `SIGNS`, one for a part that is missing or alone, or
            "inpainting", "other_input", "other_architecture", "config_damaged".
    """
    _check_signs(opened)
    _check_parts(list(opened.tensors))
    own = opened.facts.get(OWN_CONFIGS)
    if isinstance(own, str):
        return _own_architecture(own)
    first = opened.tensors.get(UNET + "input_blocks.0.0.weight")
    inputs = 0 if first is None or first.ndim != 4 else first.shape[1]
    if inputs != 4:
        raise ModelError({0: "unet_only", 9: "inpainting"}.get(inputs, "other_input"))
    width = text_width(opened.tensors)
    if width == 768:
        noise = _published("sd-v1", "Stable Diffusion 1.x")
        velocity = _published("sd-v1", "Stable Diffusion 1.x (v)")
        velocity.configs["scheduler"]["prediction_type"] = "v_prediction"
    elif width == 1024:
        noise = _published("sd-v2-base", "Stable Diffusion 2.x (base)")
        velocity = _published("sd-v2-v", "Stable Diffusion 2.x (v)")
    else:
        raise ModelError("other_architecture", width=width)
    return _decided(opened, noise, velocity)


def _decided(opened: Opened, noise: Architecture, velocity: Architecture) -> Architecture:
    """Return which of two architectures of the same shapes it is, as far as the file tells."""
    if states_zero_snr(opened):
        schedule = {"rescale_betas_zero_snr": True, "timestep_spacing": "trailing"}
        velocity.configs["scheduler"].update(schedule)
    condition = opened.tensors.get(UNET + "time_embed.cond_proj.weight")
    if condition is not None:  # a latent consistency model that is told the guidance
        for each in (noise, velocity):
            each.configs["unet"]["time_cond_proj_dim"] = condition.shape[-1]
    stated = stated_velocity(opened)
    if stated is None:
        return replace(noise, if_velocity=velocity)
    return velocity if stated else noise


def architecture_of(folder: ModelFolder, title: str) -> Architecture:
    """Return the architecture whose configs lie in a model folder."""
    configs = {part: folder.config(part) for part in PARTS}
    return Architecture(title, configs, folder.tokenizer)


def _published(name: str, title: str) -> Architecture:
    return architecture_of(ModelFolder(paths.CHECKPOINT_CONFIGS / name), title)


def _check_signs(opened: Opened) -> None:
    for sign, code in SIGNS:
        if any(sign in name for name in opened.tensors):
            raise ModelError(code)
    if "string_to_param" in opened.facts:
        raise ModelError("embedding")


def _check_parts(names: list[str]) -> None:
    has = {
        "unet_only": any(name.startswith(UNET) for name in names),
        "vae_only": any(name.startswith(VAE) for name in names),
        "text_only": any(name.startswith((CLIP, OPEN_CLIP)) for name in names),
    }
    if all(has.values()):
        return
    bare = {  # the same networks as single files, in both ways to name them
        "unet_only": ("input_blocks.0.0.", "down_blocks.0.resnets.", "time_embedding."),
        "vae_only": ("encoder.conv_in.", "decoder.conv_in.", "quant_conv."),
        "text_only": ("text_model.", "transformer.text_model.", "embeddings.token_embedding."),
    }
    found = [code for code, there in has.items() if there] or [
        code for code, starts in bare.items() if any(name.startswith(starts) for name in names)
    ]
    if len(found) == 1:
        raise ModelError(found[0])
    gone = [code.replace("_only", "") for code, there in has.items() if not there]
    codes = {"unet": "no_unet", "vae": "no_vae", "text": "no_text_encoder"}
    raise ModelError(codes[gone[0]] if len(gone) == 1 else "no_parts")


def _own_architecture(text: str) -> Architecture:
    try:
        own = json.loads(text)
        configs = {part: dict(own[part]) for part in PARTS}
        tokenizer = {str(name): str(value) for name, value in own["tokenizer"].items()}
        title = str(own.get("title", "Stimage"))[:80]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ModelError("config_damaged") from error
    check_networks(configs)
    return Architecture(title, configs, tokenizer)
