"""One pipeline, one drawing at a time. Knows nothing of queues, visitors and pages."""

from __future__ import annotations

import dataclasses
import functools
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack

import torch
from diffusers import DiffusionPipeline, SchedulerMixin, StableDiffusionPipeline
from PIL.Image import Image
from torch import Tensor

from stimage.errors import InvalidRequest, ModelError
from stimage.hardware.cpus import available_cpus, threads_for
from stimage.inference.batch import draw_batch
from stimage.inference.engine import OnStep, check_model, with_variants
from stimage.inference.fallback import on_cpu_if_lacking
from stimage.inference.guidance import WITHOUT, GuidedPipeline
from stimage.inference.latent_preview import (
    LatentToRGB,
    fit_latent_to_rgb,
    predicted_latents,
    read_latent_to_rgb,
)
from stimage.inference.pipeline import load_pipeline, networks_of
from stimage.inference.schedulers import name_of, new_scheduler
from stimage.inference.start import draw_from_start
from stimage.inference.trace import Tracer
from stimage.models.scheduler_names import SCHEDULERS
from stimage.request import Limits, Picture, Request, Step
from stimage.trace import Trace


class DiffusionEngine:
    """Draws what a `Request` asks for. Any thread may call it; drawings wait for each other.

    The same request gives the same picture, bit for bit, on the same machine with the same
    number of threads. Another processor, number of threads or dtype may change last bits.
    """

    def __init__(
        self,
        pipeline: StableDiffusionPipeline,
        *,
        name: str,
        model_hash: str = "",
        steps: int = 20,
        guidance_scale: float = 7.5,
        scheduler: str | None = None,
        size: tuple[int, int] | None = None,
        limits: Limits | None = None,
        preview: LatentToRGB | None = None,
    ) -> None:
        """Take over a pipeline.

        Args:
            pipeline: its networks, tokenizer and scheduler are used.
            name: what a finished `Picture` names as its model.
            model_hash: first hex digits of the SHA-256 of the U-Net's weights.
            steps: for requests that name no number of steps.
            guidance_scale: likewise.
            scheduler: likewise, from `SCHEDULERS`; by default the pipeline's own.
            size: (width, height) in pixels; by default what the U-Net was trained on.
            limits: what a request may ask for.
            preview: latents to colors; by default measured on the pipeline's own decoder.
        """
        self._pipeline = GuidedPipeline(**pipeline.components, requires_safety_checker=False)
        self._pipeline.set_progress_bar_config(disable=True)
        self._scheduler_config = dict(pipeline.scheduler.config)
        self._preview = preview or on_cpu_if_lacking(
            self._pipeline, lambda: fit_latent_to_rgb(pipeline.vae)
        )
        self._lock = threading.Lock()
        self.name, self.model_hash = name, model_hash
        self.steps, self.guidance_scale = steps, guidance_scale
        self.scheduler = scheduler or name_of(pipeline.scheduler)
        self.limits = limits or Limits()
        side = int(pipeline.unet.config.sample_size * pipeline.vae_scale_factor)
        self.width, self.height = size or (side, side)

    @classmethod
    def load(cls, source: str) -> DiffusionEngine:
        """Load a model by its name in the catalog, or from a folder or file.

        Raises:
            ModelError: if there is no such model or it can't be used.
            TooLittleMemory: before anything big is read.
        """
        threads = torch.get_num_threads()
        try:
            torch.set_num_threads(available_cpus())  # for finding the faster dtype
            loaded = load_pipeline(source)
            threads = threads_for(*networks_of(loaded.pipeline))
        finally:
            torch.set_num_threads(threads)
        entry = loaded.entry
        preview = loaded.folder.preview
        return cls(
            loaded.pipeline,
            name=entry.name,
            model_hash=loaded.model_hash,
            steps=entry.steps,
            guidance_scale=entry.guidance_scale,
            scheduler=entry.scheduler,
            size=(entry.width, entry.height),
            limits=entry.limits,
            preview=read_latent_to_rgb(preview) if preview.is_file() else None,
        )

    def completed(self, request: Request) -> Request:
        """Return the request as it is drawn: each None is the default, what has no effect is gone.

        Raises:
            InvalidRequest: if it is out of this model's limits.
        """
        steps, guidance = request.num_inference_steps, request.guidance_scale
        guidance = self.guidance_scale if guidance is None else guidance
        heeded = self.limits.heeds_negative_prompt(guidance)
        check_model(request, self.name)
        scheduler = request.scheduler or self.scheduler
        if scheduler not in SCHEDULERS:
            known = ", ".join(SCHEDULERS)
            raise InvalidRequest("scheduler_unknown", name=scheduler, known=known)
        return dataclasses.replace(
            request,
            variants=tuple(self.completed(variant) for variant in request.variants),
            num_inference_steps=self.steps if steps is None else steps,
            guidance_scale=None if self.limits.guidance == "none" else guidance,
            negative_prompt=request.negative_prompt if heeded else "",
            scheduler=scheduler,
            limits=self.limits,
        )

    def generate(self, request: Request, on_step: OnStep | None = None) -> Picture:
        """Draw.

        Args:
            request: what to draw.
            on_step: called after each step, in the thread that draws. If it raises, the drawing
                ends, the exception passes through and the engine is ready for the next one.

        Raises:
            InvalidRequest: if the request is out of this model's limits.
            ModelError: if the latents became NaN or infinite.
        """
        request = self.completed(request)
        with self._lock, torch.inference_mode():
            started = time.perf_counter()
            images, traces = on_cpu_if_lacking(
                self._pipeline, lambda: self._draw_all(request, on_step)
            )
            seconds = time.perf_counter() - started
        return with_variants(
            Picture(image, asked, seconds, self.name, self.model_hash, trace)
            for image, asked, trace in zip(
                images, (request, *request.variants), traces, strict=True
            )
        )

    def _draw_all(
        self, request: Request, on_step: OnStep | None
    ) -> tuple[list[Image], list[Trace | None]]:
        requests = (request, *request.variants)
        traced = requests if request.trace else ()
        tracers = [Tracer(self._pipeline, each, self._preview) for each in traced]
        if request.variants:
            images = self._draw_batch(request, on_step, tracers)
        else:
            with ExitStack() as listening:
                for tracer in tracers:
                    listening.enter_context(tracer.listening())
                    listening.enter_context(tracer.here())
                images = [self._draw(request, on_step, next(iter(tracers), None))]
        return images, [each.trace() for each in tracers] or [None] * len(images)

    def _draw_batch(
        self, request: Request, on_step: OnStep | None, tracers: list[Tracer]
    ) -> list[Image]:
        def after_step(
            done: int, total: int, latents: Tensor, expected: Callable[[], Tensor]
        ) -> None:
            if not torch.isfinite(latents).all():
                raise ModelError("latents_not_finite")
            if on_step is not None:
                on_step(Step(done, total, lambda: self._preview.jpeg(expected())))

        requests, size = (request, *request.variants), (self.width, self.height)
        new_one = functools.partial(self._scheduler_for, request)
        return draw_batch(
            self._pipeline, requests, size, new_one, after_step=after_step, tracers=tracers
        )

    def _scheduler_for(self, request: Request) -> SchedulerMixin:
        return new_scheduler(
            request.scheduler or self.scheduler,
            self._scheduler_config,
            request.num_inference_steps or self.steps,
        )

    def _draw(self, request: Request, on_step: OnStep | None, tracer: Tracer | None) -> Image:
        pipeline = self._pipeline
        pipeline.scheduler = scheduler = self._scheduler_for(request)
        last_step = _remember_steps(scheduler)

        def rough_picture() -> bytes:
            return self._preview.jpeg(predicted_latents(scheduler, *last_step))

        def after_step(
            running: DiffusionPipeline, index: int, _: Tensor, tensors: dict[str, Tensor]
        ) -> dict[str, Tensor]:
            total = running.num_timesteps
            if tracer is not None:
                tracer.note_step(scheduler, *last_step)
            if index + 1 == total and not torch.isfinite(tensors["latents"]).all():
                raise ModelError("latents_not_finite")
            if on_step is not None:
                on_step(Step(index + 1, total, rough_picture))
            return {}

        return draw_from_start(
            pipeline,
            request,
            (self.width, self.height),
            num_inference_steps=request.num_inference_steps,
            guidance_scale=WITHOUT if request.guidance_scale is None else request.guidance_scale,
            callback_on_step_end=after_step,
        )


def _remember_steps(scheduler: SchedulerMixin) -> list[Tensor]:
    """Make `scheduler.step` leave its [model_output, timestep, sample] in the returned list."""
    step = scheduler.step
    seen: list[Tensor] = []

    @functools.wraps(step)  # the pipeline looks at the signature
    def remembering(
        model_output: Tensor, timestep: Tensor, sample: Tensor, **options: object
    ) -> object:
        seen[:] = model_output, timestep, sample
        return step(model_output, timestep, sample, **options)

    scheduler.step = remembering
    return seen
