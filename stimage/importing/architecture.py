"""What a pile of weights is: which Stable Diffusion, and whether all of it is there.

`models/configs/` holds what the weights alone cannot tell (head counts, group counts, the
schedule). A checkpoint that we wrote carries its own configs under the key `stimage`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from accelerate import init_empty_weights
from diffusers import AutoencoderKL, AutoencoderTiny, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel

from stimage import paths
from stimage.errors import ModelError
from stimage.importing.reader import Opened
from stimage.importing.state_dict_keys import CLIP, OPEN_CLIP, UNET, VAE, Parts, from_original
from stimage.models.folder import PARTS, ModelFolder

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
    """The networks of a model: their configs by part, and a name for people."""

    title: str
    configs: Mapping[str, dict[str, Any]]  # unet, vae, text_encoder, scheduler
    tokenizer: Mapping[str, str] | Path  # texts of the tokenizer's files, or a folder with them


def recognize(opened: Opened, file_name: str) -> Architecture:
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
    width = next((t.shape[-1] for n, t in opened.tensors.items() if "attn2.to_k.weight" in n), 0)
    if width == 768:
        return architecture_of(_configs("sd-v1"), "Stable Diffusion 1.x")
    if width == 1024:
        style = _prediction(opened, file_name.lower())
        return architecture_of(_configs(f"sd-v2-{style}"), f"Stable Diffusion 2.x ({style})")
    raise ModelError("other_architecture", width=width)


def architecture_of(folder: ModelFolder, title: str) -> Architecture:
    """Return the architecture whose configs lie in a model folder."""
    configs = {part: folder.config(part) for part in PARTS}
    return Architecture(title, configs, folder.tokenizer)


def _configs(name: str) -> ModelFolder:
    return ModelFolder(paths.CHECKPOINT_CONFIGS / name)


def _check_signs(opened: Opened) -> None:
    for sign, code in SIGNS:
        if any(sign in name for name in opened.tensors):
            raise ModelError(code)
    if "string_to_param" in opened.facts:
        raise ModelError("embedding")


def check_parts(parts: Parts, architecture: Architecture) -> Parts:
    """Return the parts without surplus, after each name and shape was compared with the configs.

    Raises:
        ModelError: "incomplete", "wrong_shape", "wrong_type", "surplus_weights", or
            "config_contradicts" for impossible configs.
    """
    kept = Parts()
    missing: list[str] = []
    total = 0
    for part, wanted in expected_shapes(architecture.configs).items():
        have: dict[str, torch.Tensor] = getattr(parts, part)
        total += len(wanted)
        missing += [f"{part}: {name}" for name in wanted if name not in have]
        surplus = [name for name in have if name not in wanted]
        if surplus and part == "unet":
            values = {"architecture": architecture.title, "first": surplus[0][:80]}
            raise ModelError("surplus_weights", count=len(surplus), **values)
        for name in wanted.keys() & have.keys():
            _check_tensor(name, have[name], wanted[name])
            getattr(kept, part)[name] = have[name]
    if missing:
        first = missing[0][:80]
        raise ModelError("incomplete", count=len(missing), total=total, first=first)
    return kept


def expected_shapes(configs: Mapping[str, Any]) -> dict[str, dict[str, torch.Size]]:
    """Return for each part the names and shapes of its weights; no memory is taken for them."""
    tiny = configs["vae"].get("_class_name") == "AutoencoderTiny"
    try:
        with init_empty_weights():
            models = {
                "unet": UNet2DConditionModel.from_config(configs["unet"]),
                "vae": (AutoencoderTiny if tiny else AutoencoderKL).from_config(configs["vae"]),
                "text_encoder": CLIPTextModel(CLIPTextConfig(**configs["text_encoder"])),
            }
    except Exception as error:
        raise ModelError("config_contradicts", reason=str(error)[:120]) from error
    return {
        part: {name: tensor.shape for name, tensor in model.state_dict().items()}
        for part, model in models.items()
    }


def parts_of(opened: Opened, architecture: Architecture) -> Parts:
    """Return the three checked parts of a file in the original layout.

    Raises:
        ModelError: as `check_parts`, or "config_damaged" where the configs lack what is needed.
    """
    unet, vae = architecture.configs["unet"], architecture.configs["vae"]
    try:
        parts = from_original(opened.tensors, unet, vae)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise ModelError("config_damaged") from error
    return check_parts(parts, architecture)


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


def _check_tensor(name: str, tensor: torch.Tensor, shape: torch.Size) -> None:
    if tensor.shape != shape:
        shapes = {"shape": str(tuple(tensor.shape)), "expected": str(tuple(shape))}
        raise ModelError("wrong_shape", tensor=name[:80], **shapes)
    if tensor.layout is not torch.strided or not tensor.is_floating_point() or tensor.is_meta:
        raise ModelError("wrong_type", tensor=name[:80])


def _own_architecture(text: str) -> Architecture:
    try:
        own = json.loads(text)
        configs = {part: dict(own[part]) for part in PARTS}
        tokenizer = {str(name): str(value) for name, value in own["tokenizer"].items()}
        return Architecture(str(own.get("title", "Stimage"))[:80], configs, tokenizer)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ModelError("config_damaged") from error


def _prediction(opened: Opened, file_name: str) -> str:
    """Return "base" (predicts noise) or "v": the shapes are the same, so hints must decide.

    The published 512-pixel base model was saved at step 875,000.
    """
    if opened.facts.get("global_step") in (875000, "875000") or "base" in file_name:
        return "base"
    return "v"
