"""Several pictures in one batch: for a small network far cheaper than one after the other.

Its passes are the same as those of a picture alone, in other company: last bits may differ.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from inspect import signature

import PIL.Image
import torch
from diffusers import SchedulerMixin
from torch import Tensor

from stimage.errors import Cancelled
from stimage.hardware.cpus import available_cpus
from stimage.inference.guidance import WITHOUT, GuidedPipeline
from stimage.inference.latent_preview import predicted_latents
from stimage.inference.start import noise_of
from stimage.inference.trace import Tracer
from stimage.request import Request

MAX_PLACES = 8192  # of latents in one call of the U-Net: those of one picture of 512 x 512 pixels
# Steps done, steps in all, latents, and what the U-Net expects them to be in the end.
AfterStep = Callable[[int, int, Tensor, Callable[[], Tensor]], None]


class Passes:
    """What the U-Net is asked for at each step, and how a prediction is made of its answers.

    Without guidance, or at scale 1, a picture takes one pass with its prompt; at scale 0, unless
    it is traced, one with its negative prompt; else both (Ho & Salimans 2022, "Classifier-Free
    Diffusion Guidance").

    Attributes:
        seeds: B of them.
        rows: (P,), which picture a pass looks at.
        embeddings: (P, tokens, channels), what it reads.
        told: (P, channels) of the guidance scale, for a network that takes it as a number.
        shares: (B, P), how much a pass counts in the prediction of a picture.
        prompts: by picture, the place of its last pass: if it is traced, the one with its prompt.
    """

    def __init__(self, pipeline: GuidedPipeline, requests: Sequence[Request]) -> None:
        """Read the prompts.

        Args:
            pipeline: will draw.
            requests: B of them, with every None filled in.
        """
        unet = pipeline.unet
        self.seeds = [request.seed for request in requests]
        channels = unet.config.time_cond_proj_dim
        asked = [
            (row, words, share)
            for row, request in enumerate(requests)
            for words, share in _passes_of(request, guided=channels is None)
        ]
        self.rows = torch.tensor([row for row, _, _ in asked])
        self.prompts = {row: place for place, (row, _, _) in enumerate(asked)}
        words = [words for _, words, _ in asked]
        self.embeddings = pipeline.encode_prompt(words, unet.device, 1, False)[0]
        self.shares = torch.zeros(len(requests), len(asked))
        for place, (row, _, share) in enumerate(asked):
            self.shares[row, place] = share
        self.shares = self.shares.to(unet.device)
        self.told = None
        if channels is not None:
            scales = torch.tensor([(requests[row].guidance_scale or 0) - 1 for row, _, _ in asked])
            told = pipeline.get_guidance_scale_embedding(scales, embedding_dim=channels)
            self.told = told.to(unet.device, unet.dtype)

    def prediction(self, pipeline: GuidedPipeline, latents: Tensor, timestep: Tensor) -> Tensor:
        """Return what the pictures' predictions are at one step, shaped like `latents`."""
        answers: Tensor = pipeline.unet(
            latents[self.rows],
            timestep,
            encoder_hidden_states=self.embeddings,
            timestep_cond=self.told,
            return_dict=False,
        )[0]
        mixed = self.shares @ answers.flatten(1).float()
        return mixed.to(latents.dtype).view_as(latents)


def _passes_of(request: Request, *, guided: bool) -> list[tuple[str, float]]:
    """Return which prompts are read for a picture, and how much each counts."""
    scale = request.guidance_scale
    if not guided or scale is None or scale == WITHOUT:
        return [(request.prompt, 1.0)]
    if scale == 0 and not request.trace:
        return [(request.negative_prompt, 1.0)]
    return [(request.negative_prompt, 1 - scale), (request.prompt, scale)]


def draw_batch(
    pipeline: GuidedPipeline,
    requests: Sequence[Request],
    size: tuple[int, int],
    new_scheduler: Callable[[], SchedulerMixin],
    *,
    after_step: AfterStep,
    tracers: Sequence[Tracer] = (),
) -> list[PIL.Image.Image]:
    """Return the finished pictures.

    A network that leaves processors free draws as many groups of pictures side by side.

    Args:
        pipeline: its networks draw; its scheduler is not used.
        requests: with every None filled in, all with the same steps; each begins with its noise.
        size: (width, height) in pixels.
        new_scheduler: makes one for a drawing.
        after_step: called after each step, by one thread at a time; if it raises, the drawing ends.
        tracers: one for each request, or none.
    """
    on_cpu = pipeline.unet.device.type == "cpu"
    side_by_side = max(1, available_cpus() // torch.get_num_threads()) if on_cpu else 1
    places = (size[0] * size[1]) // pipeline.vae_scale_factor**2
    groups = _groups(len(requests), places, side_by_side)
    threads = torch.get_num_threads()
    passes = [Passes(pipeline, requests[group]) for group in groups]
    schedulers = [new_scheduler() for _ in groups]
    for scheduler in schedulers:
        scheduler.set_timesteps(requests[0].num_inference_steps, device=pipeline.unet.device)
    follower = _Follower(after_step, sum(len(each.timesteps) for each in schedulers))

    def draw(passes: Passes, scheduler: SchedulerMixin, group: slice) -> list[PIL.Image.Image]:
        torch.set_num_threads(threads)  # a new thread would take all processors
        with torch.inference_mode(), follower.stopping_all(), ExitStack() as noting:
            for row, tracer in enumerate(tracers[group]):
                noting.enter_context(tracer.here(passes.prompts[row]))
            latents = _latents(
                pipeline, passes, scheduler, size, follower=follower, tracers=tracers[group]
            )
            return [_decoded(pipeline, each) for each in latents]

    with ExitStack() as listening, ThreadPoolExecutor(side_by_side) as pool:
        for tracer in tracers:
            listening.enter_context(tracer.listening())
        return [image for images in pool.map(draw, passes, schedulers, groups) for image in images]


class _Follower:
    """Tells of the steps of all groups; what goes wrong in one of them ends the others, too."""

    def __init__(self, after_step: AfterStep, total: int) -> None:
        self._after_step, self._total, self._done = after_step, total, 0
        self._lock, self._error = threading.Lock(), threading.Event()

    @contextmanager
    def stopping_all(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self._error.set()
            raise

    def step_done(self, latents: Tensor, expected: Callable[[], Tensor]) -> None:
        with self._lock:
            if self._error.is_set():
                raise Cancelled
            self._done += 1
            self._after_step(self._done, self._total, latents, expected)


def _latents(
    pipeline: GuidedPipeline,
    passes: Passes,
    scheduler: SchedulerMixin,
    size: tuple[int, int],
    *,
    follower: _Follower,
    tracers: Sequence[Tracer],
) -> Tensor:
    """Return the finished latents of a group, (B, channels, height, width)."""
    generators = [torch.Generator("cpu").manual_seed(seed) for seed in passes.seeds]
    noises = [noise_of(pipeline, size, generator) for generator in generators]
    latents = torch.cat(noises).to(pipeline.unet.device) * scheduler.init_noise_sigma
    takes = signature(scheduler.step).parameters
    options = {"generator": generators} if "generator" in takes else {}
    for timestep in scheduler.timesteps:
        inputs = scheduler.scale_model_input(latents, timestep)
        prediction, before = passes.prediction(pipeline, inputs, timestep), latents
        latents = scheduler.step(prediction, timestep, latents, **options, return_dict=False)[0]
        for row, tracer in enumerate(tracers):
            tracer.note_step(scheduler, prediction[row, None], timestep, before[row, None])
        follower.step_done(
            latents, partial(predicted_latents, scheduler, prediction, timestep, before)
        )
    finished: Tensor = latents
    return finished


def _groups(pictures: int, places: int, side_by_side: int) -> list[slice]:
    """Return equal groups of pictures, none larger than one call of the U-Net may take."""
    most = max(1, MAX_PLACES // (2 * places))
    size = min(most, math.ceil(pictures / side_by_side))
    return [slice(first, first + size) for first in range(0, pictures, size)]


def _decoded(pipeline: GuidedPipeline, latents: Tensor) -> PIL.Image.Image:
    scaled = latents[None] / pipeline.vae.config.scaling_factor
    pixels = pipeline.vae.decode(scaled, return_dict=False)[0]
    image: PIL.Image.Image = pipeline.image_processor.postprocess(pixels)[0]
    return image
