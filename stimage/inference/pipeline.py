"""Where a drawing pipeline comes from: `load_pipeline(source)`. Reads files, never the network.

The weights of a file in the compute type are mapped, not copied: they stay clean pages of the
file, which the system may drop and read again.
"""

from __future__ import annotations

import gc
from dataclasses import dataclass
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    AutoencoderTiny,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from transformers import CLIPTextConfig, CLIPTextModel

from stimage.hardware.device import best_device, computes
from stimage.hardware.dtype import dtype_for
from stimage.inference.offload import offload_between_uses
from stimage.inference.schedulers import read_scheduler
from stimage.inference.weights import load_network
from stimage.models import library
from stimage.models.catalog import Entry
from stimage.models.folder import ModelFolder, folder_of, read_json
from stimage.models.requirements import check_memory
from stimage.models.tokenizer import read_tokenizer

LARGE_TEXT_ENCODER_BYTES = 100 * 2**20


@dataclass(frozen=True, slots=True)
class Loaded:
    """A pipeline ready to draw."""

    pipeline: Any  # a `diffusers.StableDiffusionPipeline`
    entry: Entry
    model_hash: str  # first 12 hex digits of the SHA-256 of the U-Net's file
    dtype: torch.dtype
    folder: ModelFolder


def load_pipeline(source: str) -> Loaded:
    """Open an installed model.

    Args:
        source: a name or hub id of the catalog, the name of an imported checkpoint, or the path
            of a diffusers folder.

    Raises:
        ModelError: it is unknown, not downloaded, incomplete, or its tokenizer is broken.
        TooLittleMemory: before anything is loaded.
    """
    folder, entry = library.find(source)
    check_memory(entry)
    dtype = dtype_for(folder.config("unet"))
    pipeline = _assemble(folder, entry, dtype)
    if dtype is torch.bfloat16:
        _keep_channels_last(pipeline)
    device = best_device(*networks_of(pipeline))
    if device != "cpu" and computes(device, dtype):
        pipeline.to(device)
    elif pipeline.text_encoder.num_parameters() * dtype.itemsize > LARGE_TEXT_ENCODER_BYTES:
        offload_between_uses(pipeline.text_encoder, folder.part("text_encoder"))
    gc.collect()
    return Loaded(pipeline, entry, folder.model_hash(), dtype, folder)


def networks_of(pipeline: Any) -> tuple[Any, ...]:  # noqa: ANN401 (diffusers has no types)
    """Return what of a pipeline has weights."""
    return pipeline.unet, pipeline.vae, pipeline.text_encoder


def _assemble(folder: ModelFolder, entry: Entry, dtype: torch.dtype) -> Any:  # noqa: ANN401 (diffusers has no types)
    vae_folder = folder.part("vae")
    if entry.tiny_decoder and (decoder := folder_of(entry.tiny_decoder)).decoder_config.is_file():
        vae_folder = decoder.path
    kinds = {"AutoencoderKL": AutoencoderKL, "AutoencoderTiny": AutoencoderTiny}
    kind = kinds.get(str(read_json(vae_folder / "config.json").get("_class_name")), AutoencoderKL)
    text_config: Any = folder.config("text_encoder")
    tokenizer = read_tokenizer(folder.tokenizer, int(text_config.get("vocab_size", 0)))
    longest = int(text_config.get("max_position_embeddings", 77))
    tokenizer.model_max_length = min(tokenizer.model_max_length, longest)
    pipeline = StableDiffusionPipeline(
        unet=load_network(folder.part("unet"), UNet2DConditionModel.from_config, dtype),
        vae=load_network(vae_folder, kind.from_config, dtype),
        text_encoder=load_network(
            folder.part("text_encoder"),
            lambda config: CLIPTextModel(CLIPTextConfig(**config)),
            dtype,
        ),
        tokenizer=tokenizer,
        scheduler=read_scheduler(folder.config("scheduler")),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def _keep_channels_last(pipeline: Any) -> None:  # noqa: ANN401 (diffusers has no types)
    """Let activations, not weights, be channels_last: as fast, and no weight is copied."""

    def reorder(_module: torch.nn.Module, inputs: tuple[torch.Tensor, ...]) -> Any:  # noqa: ANN401 (diffusers has no types)
        return (inputs[0].contiguous(memory_format=torch.channels_last), *inputs[1:])

    decoder = pipeline.vae.decoder
    first = decoder.conv_in if hasattr(decoder, "conv_in") else decoder.layers[0]
    for conv in (pipeline.unet.conv_in, first):
        conv.register_forward_pre_hook(reorder)
