"""Draws from whatever a request begins with: noise, a mix of two noises, or a picture."""

from __future__ import annotations

import io
from typing import Any

import PIL.Image
import torch
from diffusers import StableDiffusionImg2ImgPipeline, StableDiffusionPipeline
from torch import Tensor

from stimage.errors import InvalidRequest
from stimage.inference.guidance import GuidedPipeline
from stimage.request import Request
from stimage.start import Start

NOISE = Start()  # that of the seed alone


class GuidedPictureToPicture(StableDiffusionImg2ImgPipeline):  # type: ignore[misc]  # diffusers has no types
    """A pipeline that begins with a picture; guidance means the same as without one."""

    do_classifier_free_guidance = GuidedPipeline.do_classifier_free_guidance


def draw_from_start(
    pipeline: GuidedPipeline, request: Request, size: tuple[int, int], **options: object
) -> PIL.Image.Image:
    """Return the finished picture.

    Args:
        pipeline: with the scheduler of this drawing.
        request: with every None filled in.
        size: (width, height) in pixels.
        options: for the pipeline, besides prompts, size, latents and generator.

    Raises:
        InvalidRequest: "start_picture_unusable".
    """
    start = request.start or NOISE
    generator = torch.Generator("cpu").manual_seed(request.seed)
    given: dict[str, Any] = {**options, **_words(pipeline, request, start), "generator": generator}
    if start.picture:
        given["image"] = _opened(start.picture, size)
        at_least = 1.001 / (request.num_inference_steps or 1)  # one step
        given["strength"] = min(1.0, max(start.strength, at_least))
        picture_to_picture = GuidedPictureToPicture(
            **pipeline.components, requires_safety_checker=False
        )
        picture_to_picture.set_progress_bar_config(disable=True)
        result = picture_to_picture(**given)
    else:
        given["width"], given["height"] = size
        given["latents"] = noise_of(pipeline, size, generator, start)
        result = pipeline(**given)
    image: PIL.Image.Image = result.images[0]
    return image


def _words(pipeline: StableDiffusionPipeline, request: Request, start: Start) -> dict[str, Any]:
    """Return the prompts, or the embeddings of a mix of two."""
    if not start.other_prompt:
        return {"prompt": request.prompt, "negative_prompt": request.negative_prompt}
    device = pipeline.unet.device
    (first, without), (other, _) = (
        pipeline.encode_prompt(prompt, device, 1, True, request.negative_prompt)
        for prompt in (request.prompt, start.other_prompt)
    )
    mixed = torch.lerp(first, other, start.mix)
    return {"prompt_embeds": mixed, "negative_prompt_embeds": without}


def noise_of(
    pipeline: StableDiffusionPipeline,
    size: tuple[int, int],
    generator: torch.Generator,
    start: Start = NOISE,
) -> Tensor:
    """Return unit noise drawn in float32, so that every dtype starts from the same picture.

    Args:
        pipeline: will draw.
        size: (width, height) in pixels.
        generator: of the seed.
        start: tells a second seed, if there is one.
    """
    factor = pipeline.vae_scale_factor
    shape = (1, pipeline.unet.config.in_channels, size[1] // factor, size[0] // factor)
    noise = torch.randn(shape, generator=generator)
    if start.other_seed is not None:
        other = torch.Generator("cpu").manual_seed(start.other_seed)
        noise = slerp(noise, torch.randn(shape, generator=other), start.mix)
    return noise.to(pipeline.unet.dtype)


def slerp(first: Tensor, other: Tensor, share: float) -> Tensor:
    """Return a mix of two noises on the arc between them, so that it is as strong as they are.

    Shoemake 1985, "Animating Rotation with Quaternion Curves", eq. 3.3.

    Args:
        first: where the arc begins.
        other: where it ends, of the same shape.
        share: how far to go, in [0, 1].
    """
    cosine = torch.nn.functional.cosine_similarity(first.flatten(), other.flatten(), dim=0)
    angle = torch.arccos(cosine.clamp(-0.9999, 0.9999))
    before, after = torch.sin((1 - share) * angle), torch.sin(share * angle)
    return (before * first + after * other) / torch.sin(angle)


def _opened(png: bytes, size: tuple[int, int]) -> PIL.Image.Image:
    try:
        with PIL.Image.open(io.BytesIO(png), formats=["PNG"]) as image:
            return image.convert("RGB").resize(size, PIL.Image.Resampling.LANCZOS)
    except (OSError, ValueError, SyntaxError, PIL.Image.DecompressionBombError) as error:
        raise InvalidRequest("start_picture_unusable") from error
