"""The two ways to name the weights of a Stable Diffusion: diffusers' and the original one.

Both directions come from one table of module names that the configs determine: how many levels,
how many layers in each, which levels attend to the text. The original layout is that of
CompVis' latent-diffusion (one flat file; `model.diffusion_model.`, `first_stage_model.`,
`cond_stage_model.`), with the text encoder of Stable Diffusion 1 (CLIP, as in transformers) or
of Stable Diffusion 2 (OpenCLIP, with query, key and value in one matrix).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import torch

from stimage.models.weights_files import modern_name

Tensors = Mapping[str, torch.Tensor]
Config = Mapping[str, Any]
Pairs = Iterator[tuple[str, str]]  # a module's name in diffusers, and in the original layout

UNET, VAE, TEXT = "model.diffusion_model.", "first_stage_model.", "cond_stage_model."
CLIP, OPEN_CLIP = TEXT + "transformer.text_model.", TEXT + "model."
UNET_RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
SAME = {name: name for name in ("norm1", "conv1", "norm2", "conv2")}
VAE_RESNET = {**SAME, "conv_shortcut": "nin_shortcut"}
QKV = {"to_q": "q", "to_k": "k", "to_v": "v"}
VAE_ATTENTION = {"group_norm": "norm", **QKV, "to_out.0": "proj_out"}
OPEN_CLIP_LAYER = {
    "layer_norm1": "ln_1",
    "layer_norm2": "ln_2",
    "self_attn.out_proj": "attn.out_proj",
    "mlp.fc1": "mlp.c_fc",
    "mlp.fc2": "mlp.c_proj",
}


@dataclass(frozen=True, slots=True)
class Parts:
    """The weights of the three networks by their names in diffusers and transformers."""

    unet: dict[str, torch.Tensor] = field(default_factory=dict)
    vae: dict[str, torch.Tensor] = field(default_factory=dict)
    text_encoder: dict[str, torch.Tensor] = field(default_factory=dict)


def to_original(
    parts: Parts,
    unet_config: Config,
    vae_config: Config,
    text_style: Literal["clip", "open_clip"] = "clip",
) -> dict[str, torch.Tensor]:
    """Return one flat dict in the original layout; no tensor is copied for `text_style="clip"`.

    Raises:
        KeyError: for a weight that the configs do not explain.
    """
    flat = {}
    for prefix, tensors, table in (
        (UNET, parts.unet, dict(unet_pairs(unet_config))),
        (VAE, parts.vae, dict(vae_pairs(vae_config))),
    ):
        for name, tensor in tensors.items():
            original = prefix + _renamed(modern_name(name), table)
            flat[original] = tensor[..., None, None] if _is_vae_matrix(original) else tensor
    text = {modern_name(name): tensor for name, tensor in parts.text_encoder.items()}
    clip = text_style == "clip"
    return flat | ({CLIP + n: t for n, t in text.items()} if clip else _to_open_clip(text))


def from_original(flat: Tensors, unet_config: Config, vae_config: Config) -> Parts:
    """Return the three networks of a flat dict in the original layout, as views of its tensors.

    What belongs to none of them (EMA copies, losses) is left out. A name that the configs do not
    explain stays as it is, for whoever checks the parts.
    """
    parts = Parts()
    to_unet = {original: name for name, original in unet_pairs(unet_config)}
    to_vae = {original: name for name, original in vae_pairs(vae_config)}
    for key, tensor in flat.items():
        if key.startswith(UNET):
            parts.unet[_known_or_same(key.removeprefix(UNET), to_unet)] = tensor
        elif key.startswith((VAE + "loss.", VAE + "model_ema.")):
            continue
        elif key.startswith(VAE):
            name = _known_or_same(key.removeprefix(VAE), to_vae)
            parts.vae[name] = tensor.reshape(tensor.shape[:2]) if _is_vae_matrix(key) else tensor
        elif key.startswith(CLIP) and not key.endswith("position_ids"):
            parts.text_encoder[key.removeprefix(CLIP)] = tensor
    if any(key.startswith(OPEN_CLIP) for key in flat):
        parts.text_encoder.update(_from_open_clip(flat))
    return parts


def unet_pairs(config: Config) -> Pairs:
    """Yield the module names of `UNet2DConditionModel` and of openaimodel.UNetModel."""
    layers = int(config.get("layers_per_block", 2))
    down, up = config["down_block_types"], config["up_block_types"]
    yield from (
        ("time_embedding.linear_1", "time_embed.0"),
        ("time_embedding.linear_2", "time_embed.2"),
        ("time_embedding.cond_proj", "time_embed.cond_proj"),
        ("conv_in", "input_blocks.0.0"),
        ("conv_norm_out", "out.0"),
        ("conv_out", "out.2"),
    )
    number = 1
    for level, kind in enumerate(down):
        for layer in range(layers):
            yield from _unet_layer(f"down_blocks.{level}", layer, f"input_blocks.{number}", kind)
            number += 1
        if level < len(down) - 1:
            yield f"down_blocks.{level}.downsamplers.0.conv", f"input_blocks.{number}.0.op"
            number += 1
    yield from _inner("mid_block.resnets.0", "middle_block.0", UNET_RESNET)
    yield "mid_block.attentions.0", "middle_block.1"
    yield from _inner("mid_block.resnets.1", "middle_block.2", UNET_RESNET)
    number = 0
    for level, kind in enumerate(up):
        for layer in range(layers + 1):
            yield from _unet_layer(f"up_blocks.{level}", layer, f"output_blocks.{number}", kind)
            number += 1
        if level < len(up) - 1:
            place = f"output_blocks.{number - 1}.{2 if 'CrossAttn' in kind else 1}.conv"
            yield f"up_blocks.{level}.upsamplers.0.conv", place


def vae_pairs(config: Config) -> Pairs:
    """Yield the module names of `AutoencoderKL` and of latent-diffusion's autoencoder."""
    levels, layers = len(config["block_out_channels"]), int(config.get("layers_per_block", 1))
    yield from (("quant_conv", "quant_conv"), ("post_quant_conv", "post_quant_conv"))
    for half in ("encoder", "decoder"):
        for name, original in (("conv_in",) * 2, ("conv_norm_out", "norm_out"), ("conv_out",) * 2):
            yield f"{half}.{name}", f"{half}.{original}"
        for i in (0, 1):
            place = f"{half}.mid.block_{i + 1}"
            yield from _inner(f"{half}.mid_block.resnets.{i}", place, VAE_RESNET)
        yield from _inner(f"{half}.mid_block.attentions.0", f"{half}.mid.attn_1", VAE_ATTENTION)
    for level in range(levels):
        for layer in range(layers):
            name = f"encoder.down_blocks.{level}.resnets.{layer}"
            yield from _inner(name, f"encoder.down.{level}.block.{layer}", VAE_RESNET)
        for layer in range(layers + 1):
            place = f"decoder.up.{levels - 1 - level}.block.{layer}"
            yield from _inner(f"decoder.up_blocks.{level}.resnets.{layer}", place, VAE_RESNET)
        yield (
            f"encoder.down_blocks.{level}.downsamplers.0.conv",
            (f"encoder.down.{level}.downsample.conv"),
        )
        yield (
            f"decoder.up_blocks.{level}.upsamplers.0.conv",
            (f"decoder.up.{levels - 1 - level}.upsample.conv"),
        )


def _unet_layer(block: str, layer: int, place: str, kind: str) -> Pairs:
    yield from _inner(f"{block}.resnets.{layer}", f"{place}.0", UNET_RESNET)
    if "CrossAttn" in kind:
        yield f"{block}.attentions.{layer}", f"{place}.1"


def _inner(module: str, place: str, names: Mapping[str, str]) -> Pairs:
    return ((f"{module}.{name}", f"{place}.{original}") for name, original in names.items())


def _renamed(key: str, table: Mapping[str, str]) -> str:
    """Return `key` with its longest leading module name that `table` knows replaced.

    Raises:
        KeyError: if the table knows none.
    """
    words = key.split(".")
    for length in range(len(words) - 1, 0, -1):
        module = ".".join(words[:length])
        if module in table:
            return ".".join([table[module], *words[length:]])
    raise KeyError(key)


def _known_or_same(key: str, table: Mapping[str, str]) -> str:
    try:
        return _renamed(key, table)
    except KeyError:
        return key


def _is_vae_matrix(original: str) -> bool:
    """Whether the original layout keeps this matrix of the autoencoder as a 1 x 1 convolution."""
    attends = original.startswith(VAE) and ".mid.attn_1." in original
    return attends and original.endswith(".weight") and not original.endswith("norm.weight")


def _to_open_clip(text: Tensors) -> dict[str, torch.Tensor]:
    flat = {
        OPEN_CLIP + "token_embedding.weight": text["embeddings.token_embedding.weight"],
        OPEN_CLIP + "positional_embedding": text["embeddings.position_embedding.weight"],
    }
    for kind in ("weight", "bias"):
        flat[f"{OPEN_CLIP}ln_final.{kind}"] = text[f"final_layer_norm.{kind}"]
        for i in _layer_numbers(text, "encoder.layers."):
            layer, block = f"encoder.layers.{i}", f"{OPEN_CLIP}transformer.resblocks.{i}"
            three = [text[f"{layer}.self_attn.{x}_proj.{kind}"] for x in "qkv"]
            flat[f"{block}.attn.in_proj_{kind}"] = torch.cat(three)
            for name, original in OPEN_CLIP_LAYER.items():
                flat[f"{block}.{original}.{kind}"] = text[f"{layer}.{name}.{kind}"]
    return flat


def _from_open_clip(flat: Tensors) -> dict[str, torch.Tensor]:
    """Return OpenCLIP's weights as those of a `CLIPTextModel`; what is missing stays missing."""
    text: dict[str, torch.Tensor | None] = {
        "embeddings.token_embedding.weight": flat.get(OPEN_CLIP + "token_embedding.weight"),
        "embeddings.position_embedding.weight": flat.get(OPEN_CLIP + "positional_embedding"),
    }
    for kind in ("weight", "bias"):
        text[f"final_layer_norm.{kind}"] = flat.get(f"{OPEN_CLIP}ln_final.{kind}")
        for i in _layer_numbers(flat, OPEN_CLIP + "transformer.resblocks."):
            layer, block = f"encoder.layers.{i}", f"{OPEN_CLIP}transformer.resblocks.{i}"
            together = flat.get(f"{block}.attn.in_proj_{kind}")
            if together is not None and together.shape[0] % 3 == 0:
                for x, tensor in zip("qkv", together.chunk(3), strict=True):
                    text[f"{layer}.self_attn.{x}_proj.{kind}"] = tensor
            for name, original in OPEN_CLIP_LAYER.items():
                text[f"{layer}.{name}.{kind}"] = flat.get(f"{block}.{original}.{kind}")
    return {name: tensor for name, tensor in text.items() if tensor is not None}


def _layer_numbers(names: Iterable[str], prefix: str) -> list[int]:
    numbers = {n.removeprefix(prefix).split(".")[0] for n in names if n.startswith(prefix)}
    return sorted(int(number) for number in numbers if number.isdecimal())
