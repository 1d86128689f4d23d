"""The usual ways to write the same weights in one file, brought to one: the original layout."""

from __future__ import annotations

import re
from collections.abc import Mapping

import torch

from stimage.errors import ModelError
from stimage.importing.reader import Opened
from stimage.importing.state_dict_keys import CLIP, TEXT, UNET, VAE_ATTENTION
from stimage.models.weights_files import RENAMED

Tensors = Mapping[str, torch.Tensor]
CONDITIONER = "conditioner.embedders."  # generative-models' name for the text encoders
VAE_NAMES = VAE_ATTENTION | {old: VAE_ATTENTION[name] for old, name in RENAMED.items()}
VAE_MODULE = re.compile(
    r"(?<=mid\.attn_1\.)(" + "|".join(map(re.escape, VAE_NAMES)) + r")(?=\.\w+$)"
)
SCALES = (".scale_weight", ".weight_scale")  # of fp8: the weights were divided by these
BESIDE_SCALES = (".scale_input", ".input_scale", ".comfy_quant", "scaled_fp8")


def as_usual(opened: Opened) -> Opened:
    """Return the weights by their names in the original layout, fp8 multiplied by its scales.

    What is written in no way that is known here keeps its name.

    Raises:
        ModelError: with code "fp8_scales".
    """
    tensors = unscaled(opened.tensors)
    renamed = has_one_text_encoder(tensors)
    return Opened(
        {_usual_name(name, renamed=renamed): tensor for name, tensor in tensors.items()},
        opened.facts,
    )


def unscaled(tensors: Tensors) -> dict[str, torch.Tensor]:
    """Return the weights multiplied by the scales that stand beside them, without these.

    Raises:
        ModelError: with code "fp8_scales" for scales that are neither one number nor one for
            each output.
    """
    kept = {name: t for name, t in tensors.items() if not name.endswith(BESIDE_SCALES)}
    for name in [name for name in kept if name.endswith((*SCALES, ".weight_scale_inv"))]:
        scale, weight_name = kept.pop(name), name.rpartition(".")[0] + ".weight"
        weight = kept.get(weight_name)
        if weight is None or not weight.is_floating_point():
            continue
        if not name.endswith(SCALES) or scale.numel() not in (1, weight.shape[0]):
            raise ModelError("fp8_scales", tensor=name[:80])
        each = scale.float().reshape(-1, *[1] * (weight.ndim - 1))
        kept[weight_name] = (weight.float() * each).half()
    return kept


def has_one_text_encoder(tensors: Tensors) -> bool:
    """Whether a file in generative-models' names is no SDXL: one encoder, as wide as the U-Net."""
    if any(name.startswith((CONDITIONER + "1.", UNET + "label_emb.")) for name in tensors):
        return False
    widths = [
        tensor.shape[-1]
        for name, tensor in tensors.items()
        if name.startswith(CONDITIONER) and name.endswith("token_embedding.weight")
    ]
    return widths == [text_width(tensors)]


def text_width(tensors: Tensors) -> int:
    """Return how wide the text embeddings are that a U-Net in the original layout reads, or 0."""
    return next((t.shape[-1] for n, t in tensors.items() if "attn2.to_k.weight" in n), 0)


def _usual_name(name: str, *, renamed: bool) -> str:
    if renamed and name.startswith(CONDITIONER):
        name = TEXT + name.removeprefix(CONDITIONER + "0.")
    clip = TEXT + "transformer."
    if name.startswith(clip) and not name.startswith(CLIP):
        return CLIP + name.removeprefix(clip)
    return VAE_MODULE.sub(lambda found: VAE_NAMES[found[1]], name)
