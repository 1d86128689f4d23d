"""Whether all the weights of a model are there, and fit its configs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from accelerate import init_empty_weights
from diffusers import AutoencoderKL, AutoencoderTiny, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel

from stimage.errors import ModelError
from stimage.importing.architecture import Architecture
from stimage.importing.reader import Opened
from stimage.importing.state_dict_keys import Parts, from_original


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
            getattr(kept, part)[name] = _fitted(name, have[name], wanted[name])
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


def _fitted(name: str, tensor: torch.Tensor, shape: torch.Size) -> torch.Tensor:
    """Return a weight in the shape the config wants: a matrix may be a 1 x 1 filter, or one it."""
    alike = tensor.shape[:2] == shape[:2] and tensor.numel() == shape.numel()
    if tensor.shape != shape and not (alike and {tensor.ndim, len(shape)} == {2, 4}):
        shapes = {"shape": str(tuple(tensor.shape)), "expected": str(tuple(shape))}
        raise ModelError("wrong_shape", tensor=name[:80], **shapes)
    if tensor.layout is not torch.strided or not tensor.is_floating_point() or tensor.is_meta:
        raise ModelError("wrong_type", tensor=name[:80])
    return tensor.reshape(shape)
