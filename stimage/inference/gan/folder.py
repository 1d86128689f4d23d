"""The folder of a GAN: networks in 8 bits on the disk, in float32 where they compute.

Beside `generator/` and `discriminator/` lie the text encoder, the tokenizer and the autoencoder
that they were trained with, so that no other model's new weights can take them away.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import torch
from diffusers import AutoencoderKL
from safetensors.torch import save_file
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel

from stimage.errors import ModelError
from stimage.inference.gan.discriminator import Discriminator, DiscriminatorConfig
from stimage.inference.gan.generator import Generator, GeneratorConfig
from stimage.inference.gan.quantized import packed, unpacked
from stimage.inference.weights import load_network
from stimage.models.folder import GAN_CLASS, ModelFolder
from stimage.models.tokenizer import read_tokenizer

WEIGHTS = "model.safetensors"


@dataclass(frozen=True, slots=True)
class Gan:
    """Everything that draws in one step, ready in float32."""

    generator: Generator
    text_encoder: CLIPTextModel
    tokenizer: Any  # a `transformers.CLIPTokenizer`
    vae: AutoencoderKL

    def new_z(self, seeds: list[int]) -> Tensor:
        """Return the random numbers that each seed stands for, (B, z_width)."""
        width = self.generator.config.z_width
        return torch.stack(
            [torch.randn(width, generator=torch.Generator().manual_seed(seed)) for seed in seeds]
        )

    @torch.no_grad()
    def prompt_embeds(self, prompts: list[str]) -> Tensor:
        """Return the states of all tokens of each prompt, (B, T, text_width)."""
        tokens = self.tokenizer(
            prompts, padding="max_length", truncation=True, return_tensors="pt"
        ).input_ids
        return self.text_encoder(tokens).last_hidden_state

    @torch.no_grad()
    def encode(self, pixels: Tensor) -> Tensor:
        """Return the latents of pictures, (B, 3, H, W) in [-1, 1], as a discriminator sees them."""
        return self.vae.encode(pixels).latent_dist.mean * self.vae.config.scaling_factor

    @torch.no_grad()
    def decode(self, latents: Tensor) -> Tensor:
        """Return the pictures of latents, (B, 3, H, W), about [-1, 1]."""
        return self.vae.decode(latents / self.vae.config.scaling_factor).sample

    @torch.no_grad()
    def draw(self, prompts: list[str], seeds: list[int]) -> Tensor:
        """Return one picture for each prompt and seed, (B, 3, H, W) in [-1, 1]."""
        latents = self.generator(self.new_z(seeds), self.prompt_embeds(prompts))
        return self.decode(latents).clamp(-1, 1)


def load_gan(folder: ModelFolder) -> Gan:
    """Return what draws.

    Raises:
        ModelError: if a part is missing, cut off, or does not fit its config.
    """
    text_config: dict[str, Any] = folder.config("text_encoder")
    float32 = partial(load_network, dtype=torch.float32)
    return Gan(
        generator=load_generator(folder),
        text_encoder=float32(
            folder.part("text_encoder"), lambda config: CLIPTextModel(CLIPTextConfig(**config))
        ),
        tokenizer=read_tokenizer(folder.tokenizer, int(text_config.get("vocab_size", 0))),
        vae=float32(folder.part("vae"), AutoencoderKL.from_config),
    )


def load_generator(folder: ModelFolder) -> Generator:
    """Return the generator of a model folder.

    Raises:
        ModelError: as `load_gan`.
    """
    return load_part(folder, "generator", Generator, GeneratorConfig)


def load_discriminator(folder: ModelFolder) -> Discriminator:
    """Return the discriminator of a model folder.

    Raises:
        ModelError: as `load_gan`.
    """
    return load_part(folder, "discriminator", Discriminator, DiscriminatorConfig)


def load_part(folder: ModelFolder, part: str, kind: Any, config_type: Any) -> Any:  # noqa: ANN401 (one of several kinds)
    """Return one network of a model folder; `kind` is made of a `config_type`.

    Raises:
        ModelError: as `load_gan`.
    """
    found = folder.config(part)
    try:
        config = msgspec.convert(found, config_type) if found else None
    except msgspec.ValidationError:
        config = None
    if config is None:
        raise ModelError("configs_missing", parts=f"{part}/")
    return load_network(folder.part(part), lambda _: kind(config), torch.float32, unpacked)


def save_network(network: nn.Module, config: Any, folder: Path) -> None:  # noqa: ANN401 (any dataclass)
    """Write a network's weights in 8 bits and its config, a dataclass, into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file(packed(network.state_dict()), folder / WEIGHTS, metadata={"format": "pt"})
    config_file = folder / "config.json"
    config_file.write_bytes(msgspec.json.format(msgspec.json.encode(asdict(config)), indent=2))


def save_index(folder: Path) -> None:
    """Write `model_index.json`, which says what kind of model lies here."""
    index = {"_class_name": GAN_CLASS}
    ModelFolder(folder).index.write_bytes(msgspec.json.format(msgspec.json.encode(index)))
