"""How much the prompt counts: classifier-free guidance at every scale."""

from __future__ import annotations

from diffusers import StableDiffusionPipeline

WITHOUT = 1.0  # the scale at which the prompt alone draws


class GuidedPipeline(StableDiffusionPipeline):  # type: ignore[misc]  # diffusers has no types
    """A Stable Diffusion pipeline whose guidance means the same at every scale.

    prediction = without + scale * (with - without), where `with` has read the prompt and
    `without` the negative prompt (Ho & Salimans 2022, "Classifier-Free Diffusion Guidance"). At
    scale 0 the prompt does not count; at 1 nothing else does, and one pass is enough. diffusers
    itself draws every scale up to 1 as 1.
    """

    @property
    def do_classifier_free_guidance(self) -> bool:
        """Whether both predictions are made; a network that is told the scale makes one."""
        return bool(self.guidance_scale != WITHOUT and self.unet.config.time_cond_proj_dim is None)
