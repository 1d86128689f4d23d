"""The model as the figures need it: every step of a drawing, latents to pixels, attention maps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from diffusers import DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from diffusers.models.attention_processor import Attention, AttnProcessor
from PIL import Image
from torch import Tensor

from stimage.config import DEFAULT_MODEL
from stimage.models.catalog import entry
from stimage.models.folder import ModelFolder
from stimage.training.pixels import to_images, to_tensor

DEFAULTS = entry(DEFAULT_MODEL)  # what the studio draws with
STEPS, GUIDANCE = DEFAULTS.steps, DEFAULTS.guidance_scale


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment of a drawing: what it is now and what the model expects in the end.

    Both are latents, (B, 8, h, w).
    """

    now: Tensor
    expected: Tensor


class Artist:
    """Draws with a Stable Diffusion folder, by DDIM, on the processor, in float32."""

    def __init__(self, folder: Path) -> None:
        """Load the pipeline in `folder`."""
        torch.set_num_threads(1)  # sums in one order: the same pixels on any number of cores
        pipeline = StableDiffusionPipeline.from_pretrained(
            folder, dtype=torch.float32, safety_checker=None, local_files_only=True
        )
        self.unet, self.vae = pipeline.unet.eval(), pipeline.vae.eval()
        self.tokenizer, self.text_encoder = pipeline.tokenizer, pipeline.text_encoder.eval()
        self.scheduler = DDIMScheduler.from_config(pipeline.scheduler.config)
        self.hash = ModelFolder(folder).model_hash()
        self.side = self.vae.config.sample_size  # pixels
        self.shape = (self.unet.config.in_channels,) + (self.unet.config.sample_size,) * 2

    def embed(self, prompts: list[str]) -> Tensor:
        """Return prompt_embeds, (B, T, C)."""
        tokens = self.tokenizer(
            prompts, padding="max_length", truncation=True, return_tensors="pt"
        ).input_ids
        return self.text_encoder(tokens).last_hidden_state

    def noise(self, seeds: list[int]) -> Tensor:
        """Return the start noise of each seed, (B, 8, h, w): the studio's own."""
        return torch.cat(
            [
                torch.randn((1, *self.shape), generator=torch.Generator().manual_seed(s))
                for s in seeds
            ]
        )

    @torch.no_grad()
    def moments(
        self, prompts: list[str], seeds: list[int], steps: int = STEPS, guidance: float = GUIDANCE
    ) -> Iterator[Moment]:
        """Yield the start and each step of drawing `prompts`: steps + 1 moments.

        Guidance: arXiv 2207.12598, eq. 6; the step: DDIM, arXiv 2010.02502, eq. 12.
        """
        words, none = self.embed(prompts), self.embed([""] * len(prompts))
        latents = self.noise(seeds)
        self.scheduler.set_timesteps(steps)
        for i, t in enumerate(self.scheduler.timesteps):
            both = self.unet(torch.cat([latents, latents]), t, torch.cat([none, words])).sample
            without, with_words = both.chunk(2)
            step = self.scheduler.step(without + guidance * (with_words - without), t, latents)
            if i == 0:
                yield Moment(latents, step.pred_original_sample)
            latents = step.prev_sample
            yield Moment(latents, step.pred_original_sample)

    def draw(
        self, prompts: list[str], seeds: list[int], steps: int = STEPS, guidance: float = GUIDANCE
    ) -> list[Image.Image]:
        """Return the finished picture of each prompt with its seed."""
        *_, last = self.moments(prompts, seeds, steps, guidance)
        return self.pictures(last.now)

    @torch.no_grad()
    def pictures(self, latents: Tensor) -> list[Image.Image]:
        """Return latents, (B, 8, h, w), as B pictures."""
        pixels = self.vae.decode(latents / self.vae.config.scaling_factor).sample  # [-1, 1]
        return to_images(pixels)

    @torch.no_grad()
    def latents(self, image: Image.Image) -> Tensor:
        """Return the latent of a picture, (1, 8, h, w)."""
        posterior = self.vae.encode(to_tensor(image)).latent_dist
        return posterior.mean * self.vae.config.scaling_factor

    def pieces(self, prompt: str) -> list[tuple[str, int]]:
        """Return the tokens of a prompt between the two marks: the piece and its number."""
        numbers = self.tokenizer(prompt).input_ids[1:-1]
        return list(zip(self.tokenizer.convert_ids_to_tokens(numbers), numbers, strict=True))

    def attention(self, prompt: str, seed: int) -> tuple[Image.Image, Tensor]:
        """Draw a picture and return it with its attention maps.

        The maps, (tokens, h, w), are means over all steps, layers and heads of the guess with
        words, brought to the size of the latent.
        """
        with _listening(self.unet, self.shape[1:]) as heard:
            image = self.draw([prompt], [seed])[0]
        return image, torch.stack(heard).mean(0)


class _Listener(AttnProcessor):  # type: ignore[misc]  # diffusers is not typed
    """Calculates attention as usual and keeps the weights of the conditioned half."""

    def __init__(self, heard: list[Tensor], size: tuple[int, int]) -> None:
        super().__init__()
        self.heard, self.size = heard, size

    def __call__(
        self,
        attn: Attention,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        **kwargs: Tensor | None,
    ) -> Tensor:
        if encoder_hidden_states is not None:
            query = attn.head_to_batch_dim(attn.to_q(hidden_states))
            key = attn.head_to_batch_dim(attn.to_k(encoder_hidden_states))
            weights = attn.get_attention_scores(query, key).unflatten(0, (-1, attn.heads))
            places = weights[-1].mean(0).T  # (tokens, places)
            side = int(places.shape[1] ** 0.5)
            maps = places.view(-1, 1, side, side)
            big = torch.nn.functional.interpolate(maps, self.size, mode="bilinear")
            self.heard.append(big[:, 0])
        return super().__call__(attn, hidden_states, encoder_hidden_states, **kwargs)


@contextmanager
def _listening(unet: UNet2DConditionModel, size: tuple[int, int]) -> Iterator[list[Tensor]]:
    heard: list[Tensor] = []
    before = unet.attn_processors
    unet.set_attn_processor(_Listener(heard, size))
    try:
        yield heard
    finally:
        unet.set_attn_processor(before)
