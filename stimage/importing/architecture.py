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
from stimage.models.catalog import read_json

CONFIGS = paths.CHECKPOINT_CONFIGS
OWN_CONFIGS = "stimage"  # where our own checkpoints keep theirs, as JSON
NEEDED = "A whole Stable Diffusion 1.x or 2.x is needed."
SIGNS = (  # a piece of a name that only this kind of file has; the first that fits decides
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
SENTENCES = {
    "lora": "This is a LoRA, a small addition to a model, not a model.",
    "embedding": "This is a textual-inversion embedding, one word for a model, not a model.",
    "controlnet": "This is a ControlNet, an addition to a model, not a model.",
    "motion": "This is a motion module for videos, not a model for pictures.",
    "sdxl": "This is Stable Diffusion XL, too large for Stimage: it needs 7 GB and more.",
    "sd3": "This is Stable Diffusion 3, which Stimage does not draw with.",
    "flux": "This is FLUX, which Stimage does not draw with.",
    "language_model": "This is a language model: it writes texts, it does not draw.",
    "vae_only": "This is only an autoencoder (VAE), one of a model's three parts.",
    "unet_only": "This is only a U-Net, one of a model's three parts.",
    "text_only": "This is only a text encoder, one of a model's three parts.",
    "inpainting": "This model fills holes in pictures (inpainting); words alone are not enough.",
    "other_input": "This model changes a given picture; it does not draw from words alone.",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A recognised checkpoint: its configs by part, and a name for people."""

    title: str
    configs: Mapping[str, dict[str, Any]]  # unet, vae, text_encoder, scheduler
    tokenizer: Mapping[str, str] | Path  # texts of the tokenizer's files, or a folder with them


def recognise(opened: Opened, file_name: str) -> Kind:
    """Return what the weights of one file in the original layout are.

    Raises:
        ModelError: with a code from `SENTENCES`, "incomplete" or "other_kind".
    """
    names = opened.tensors.keys()
    for sign, code in SIGNS:
        if any(sign in name for name in names):
            raise refused(code)
    if "string_to_param" in opened.facts:
        raise refused("embedding")
    _check_parts(list(names))
    own = opened.facts.get(OWN_CONFIGS)
    if isinstance(own, str):
        return _own_kind(own)
    first = opened.tensors.get(UNET + "input_blocks.0.0.weight")
    inputs = 0 if first is None or first.ndim != 4 else first.shape[1]
    if inputs != 4:
        raise refused({0: "unet_only", 9: "inpainting"}.get(inputs, "other_input"))
    width = next((t.shape[-1] for n, t in opened.tensors.items() if "attn2.to_k.weight" in n), 0)
    if width == 768:
        return kind_of(CONFIGS / "sd-v1", "Stable Diffusion 1.x")
    if width == 1024:
        style = _prediction(opened, file_name.lower())
        return kind_of(CONFIGS / f"sd-v2-{style}", f"Stable Diffusion 2.x ({style})")
    raise ModelError(
        f"The U-Net listens to texts of width {width}; Stable Diffusion 1.x has 768 and 2.x has "
        "1024. This is another kind of model, which Stimage does not know.",
        code="other_kind",
    )


def refused(code: str) -> ModelError:
    """Return the error for a file that is something else."""
    return ModelError(f"{SENTENCES[code]} {NEEDED}", code=code)


def kind_of(folder: Path, title: str) -> Kind:
    """Return the kind whose configs lie in a folder as diffusers keeps them."""
    configs = {
        part: read_json(folder / part / f"{name}.json")
        for part, name in (
            ("unet", "config"),
            ("vae", "config"),
            ("text_encoder", "config"),
            ("scheduler", "scheduler_config"),
        )
    }
    return Kind(title, configs, folder / "tokenizer")


def check_parts(parts: Parts, kind: Kind) -> Parts:
    """Return the parts without surplus, after each name and shape was compared with the configs.

    Raises:
        ModelError: "incomplete", "wrong_shape", "other_kind", or "config" for impossible configs.
    """
    kept = Parts()
    missing: list[str] = []
    total = 0
    for part, wanted in expected_shapes(kind.configs).items():
        have: dict[str, torch.Tensor] = getattr(parts, part)
        total += len(wanted)
        missing += [f"{part}: {name}" for name in wanted if name not in have]
        surplus = [name for name in have if name not in wanted]
        if surplus and part == "unet":
            raise ModelError(
                f"The U-Net has weights that a {kind.title} has not ({len(surplus)}, first: "
                f"{surplus[0][:80]}). This is another kind of model.",
                code="other_kind",
            )
        for name in wanted.keys() & have.keys():
            _check_tensor(name, have[name], wanted[name])
            getattr(kept, part)[name] = have[name]
    if missing:
        raise ModelError(
            f"{len(missing)} of {total} weights are missing (first: {missing[0][:80]}). {NEEDED}",
            code="incomplete",
        )
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
        raise ModelError(
            f"The model's configs contradict themselves ({str(error)[:120]}).", code="config"
        ) from error
    return {
        part: {name: tensor.shape for name, tensor in model.state_dict().items()}
        for part, model in models.items()
    }


def parts_of(opened: Opened, kind: Kind) -> Parts:
    """Return the three checked parts of a file in the original layout."""
    return check_parts(
        from_original(opened.tensors, kind.configs["unet"], kind.configs["vae"]), kind
    )


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
        raise refused(found[0])
    words = {"unet_only": "U-Net", "vae_only": "autoencoder (VAE)", "text_only": "text encoder"}
    gone = " and ".join(words[code] for code, there in has.items() if not there)
    raise ModelError(f"The {gone} is missing in this file. {NEEDED}", code="incomplete")


def _check_tensor(name: str, tensor: torch.Tensor, shape: torch.Size) -> None:
    if tensor.shape != shape:
        raise ModelError(
            f"{name[:80]} has the shape {tuple(tensor.shape)} instead of {tuple(shape)}: this is "
            "another kind of model, or the file is damaged.",
            code="wrong_shape",
        )
    if tensor.layout is not torch.strided or not tensor.is_floating_point() or tensor.is_meta:
        raise ModelError(f"{name[:80]} does not hold plain numbers.", code="wrong_type")


def _own_kind(text: str) -> Kind:
    try:
        own = json.loads(text)
        configs = {p: dict(own[p]) for p in ("unet", "vae", "text_encoder", "scheduler")}
        tokenizer = {str(name): str(value) for name, value in own["tokenizer"].items()}
        return Kind(str(own.get("title", "Stimage"))[:80], configs, tokenizer)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ModelError("The configs in this checkpoint are damaged.", code="config") from error


def _prediction(opened: Opened, file_name: str) -> str:
    """Return "base" (predicts noise) or "v": the shapes are the same, so hints must decide.

    The published 512-pixel base model was saved at step 875,000.
    """
    if opened.facts.get("global_step") in (875000, "875000") or "base" in file_name:
        return "base"
    return "v"
