"""Follows one drawing and keeps what happened inside. The picture stays the same, bit for bit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from diffusers import SchedulerMixin, StableDiffusionPipeline
from torch import Tensor

from stimage.inference.attention_maps import AttentionMaps
from stimage.inference.latent_preview import LatentToRGB, noisy_latents, predicted_latents
from stimage.request import Request
from stimage.trace import Moment, Token, Trace

MAX_MOMENTS = 21  # of a drawing with more steps, some are left out
END_OF_WORD = "</w>"


class Tracer:
    """Keeps the tokens, the moments and the attention of one drawing."""

    def __init__(
        self, pipeline: StableDiffusionPipeline, request: Request, preview: LatentToRGB
    ) -> None:
        """Read the prompt as the pipeline will.

        Args:
            pipeline: will draw.
            request: what it will draw.
            preview: latents to colors.
        """
        self._tokens = tokens_of(pipeline, request.prompt)
        self._unet, self._preview = pipeline.unet, preview
        self._maps = AttentionMaps(len(self._tokens))
        self._seen: list[tuple[Tensor, Tensor]] = []  # (1, channels, height, width) each

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Be told of the attention meanwhile; see `AttentionMaps.listening`."""
        with self._maps.listening(self._unet):
            yield

    @contextmanager
    def here(self, place: int = -1) -> Iterator[None]:
        """Note meanwhile what this thread draws, of the pass at `place` in its batch."""
        with self._maps.here(place):
            yield

    def note_step(
        self, scheduler: SchedulerMixin, model_output: Tensor, timestep: Tensor, sample: Tensor
    ) -> None:
        """Note the numbers of one step, those that `predicted_latents` takes."""
        expected = predicted_latents(scheduler, model_output, timestep, sample)
        self._seen.append((noisy_latents(scheduler, timestep, sample), expected))

    def trace(self) -> Trace:
        """Return all of it, when the drawing is over."""
        steps = len(self._seen)
        every = -(-steps // MAX_MOMENTS)
        moments = [
            Moment(step, self._preview.jpeg(now), self._preview.jpeg(expected))
            for step, (now, expected) in enumerate(self._seen)
            if step % every == 0
        ]
        maps = self._maps.mean(*self._seen[0][0].shape[-2:])
        return Trace(
            tokens=self._tokens,
            moments=tuple(moments),
            steps=steps,
            attention=maps.to(torch.float16).numpy().astype("<f2").tobytes(),
            height=maps.shape[1],
            width=maps.shape[2],
        )


def tokens_of(pipeline: StableDiffusionPipeline, prompt: str) -> tuple[Token, ...]:
    """Return the tokens the pipeline reads of a prompt, with the marks before and after it."""
    tokenizer = pipeline.tokenizer
    numbers = tokenizer(prompt, truncation=True, max_length=tokenizer.model_max_length).input_ids
    pieces = tokenizer.convert_ids_to_tokens(numbers)
    return tuple(
        Token(_readable(tokenizer.decode([number]), piece), number, piece.endswith(END_OF_WORD))
        for number, piece in zip(numbers, pieces, strict=True)
    )


def _readable(text: str, piece: str) -> str:
    """Return a piece as text; part of a letter has none, and stays as the vocabulary writes it."""
    return piece.removesuffix(END_OF_WORD) if "\ufffd" in text else text.strip()
