"""The GAN as an engine: one step from random numbers to the picture, and nothing to set."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import torch
from diffusers.image_processor import VaeImageProcessor
from PIL import Image

from stimage.errors import InvalidRequest, ModelError
from stimage.hardware.cpus import threads_for
from stimage.inference.engine import OnStep, check_model, with_variants
from stimage.inference.gan.folder import Gan, load_gan
from stimage.inference.gan.judge import Judge
from stimage.inference.latent_preview import small_jpeg
from stimage.models import library
from stimage.models.requirements import check_memory
from stimage.opinion import Opinion
from stimage.request import Limits, Picture, Request, Step

LIMITS = Limits(max_steps=1, guidance="none")


class GanEngine:
    """Draws what a `Request` asks for. Any thread may call it; drawings wait for each other.

    The seed gives z; there are no steps, no guidance, no scheduler, and nothing inside to follow.
    """

    def __init__(
        self, gan: Gan, load_judge: Callable[[], Judge], *, name: str, model_hash: str = ""
    ) -> None:
        """Take over a GAN.

        Args:
            gan: draws.
            load_judge: makes what judges, when it is first asked.
            name: what a finished `Picture` names as its model.
            model_hash: first hex digits of the SHA-256 of the generator's weights.
        """
        self._gan, self._pixels = gan, VaeImageProcessor()
        self._load_judge = functools.cache(load_judge)
        self._lock = threading.Lock()
        self.name, self.model_hash = name, model_hash

    @classmethod
    def load(cls, source: str) -> GanEngine:
        """Load a GAN by its name, or from its folder.

        Raises:
            ModelError: if there is no such model or it can't be used.
            TooLittleMemory: before anything big is read.
        """
        folder, entry = library.find(source)
        check_memory(entry)
        gan = load_gan(folder)
        torch.set_num_threads(threads_for(gan.generator, gan.vae, gan.text_encoder))
        load_judge = functools.partial(Judge.load, folder, gan)
        return cls(gan, load_judge, name=entry.name, model_hash=folder.model_hash())

    def completed(self, request: Request) -> Request:
        """Return the request as it is drawn: what has no effect is gone.

        Raises:
            InvalidRequest: if it is out of this model's limits, or has a start of its own.
        """
        check_model(request, self.name)
        if request.start is not None:
            raise InvalidRequest("start_unheeded")
        steps = request.num_inference_steps
        return replace(
            request,
            variants=tuple(self.completed(variant) for variant in request.variants),
            num_inference_steps=1 if steps is None else steps,
            guidance_scale=None,
            negative_prompt="",
            scheduler=None,
            trace=False,
            limits=LIMITS,
        )

    def opinion(self, image: Image.Image, prompt: str) -> Opinion:
        """See `Judging.opinion`: what the discriminator says."""
        with self._lock:
            return self._load_judge().opinion(image, prompt)

    def generate(self, request: Request, on_step: OnStep | None = None) -> Picture:
        """Draw; see `Engine.generate`."""
        request = self.completed(request)
        asked = (request, *request.variants)
        with self._lock, torch.inference_mode():
            started = time.perf_counter()
            pixels = self._gan.draw([each.prompt for each in asked], [each.seed for each in asked])
            if not torch.isfinite(pixels).all():
                raise ModelError("latents_not_finite")
            images = self._pixels.postprocess(pixels)
            seconds = time.perf_counter() - started
        if on_step is not None:
            on_step(Step(1, 1, lambda: small_jpeg(images[0])))
        return with_variants(
            Picture(image, each, seconds, self.name, self.model_hash)
            for image, each in zip(images, asked, strict=True)
        )
