"""The generator: random numbers and a sentence to the latents of a picture, in one step."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from diffusers import UNet2DConditionModel
from torch import Tensor, nn

LAST_TIMESTEP = 999  # where a diffusion model sees no picture at all, as the generator never does


@dataclass(frozen=True, slots=True)
class GeneratorConfig:
    """The sizes of a generator."""

    z_width: int = 32  # random numbers a picture
    unet: dict[str, Any] = field(
        default_factory=dict
    )  # the config of its U-Net, as diffusers has it


class Generator(nn.Module):
    """A U-Net that sees z instead of noise: spread over its cells, and beside the timestep."""

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.config = config
        self.unet = UNet2DConditionModel.from_config(
            config.unet,
            class_embed_type="simple_projection",
            projection_class_embeddings_input_dim=config.z_width,
        )
        self.shape = (self.unet.config.in_channels, *2 * (self.unet.config.sample_size,))
        channels, height, width = self.shape
        self.to_cells = nn.Linear(config.z_width, channels * height * width)
        nn.init.normal_(self.to_cells.weight, std=config.z_width**-0.5)  # cells of unit spread
        nn.init.zeros_(self.to_cells.bias)
        nn.init.zeros_(self.unet.class_embedding.weight)
        nn.init.zeros_(self.unet.class_embedding.bias)

    def forward(self, z: Tensor, prompt_embeds: Tensor) -> Tensor:
        """Return latents of unit spread, (B, C, H, W).

        Args:
            z: (B, z_width), normal.
            prompt_embeds: the text encoder's last hidden state, (B, T, W).
        """
        cells = self.to_cells(z).unflatten(1, self.shape)
        return self.unet(cells, LAST_TIMESTEP, prompt_embeds, class_labels=z).sample
