"""What a network predicts, noise or velocity: what its file says, or what its weights do."""

from __future__ import annotations

import torch
from accelerate import init_empty_weights
from diffusers import UNet2DConditionModel
from safetensors.torch import load_file

from stimage.importing.reader import Opened
from stimage.models.folder import ModelFolder

CELLS = 32  # a side of the latents that are tried
TOKENS = 77
MOST_FOR_VELOCITY = 0.5  # correlation with the noise; epsilon has over 0.9, velocity under 0.2


def states_zero_snr(opened: Opened) -> bool:
    """Whether the file says that the last timestep of its training was pure noise."""
    return "ztsnr" in opened.tensors or "ztsnr" in opened.facts


def stated_velocity(opened: Opened) -> bool | None:
    """Return whether the network predicts velocity; None if the file does not say.

    Trainers write an empty tensor `v_pred`, or `modelspec.prediction_type` as metadata.
    """
    if "v_pred" in opened.tensors or "v_pred" in opened.facts or states_zero_snr(opened):
        return True
    said = str(opened.facts.get("modelspec.prediction_type", "")).lower()
    return said.startswith("v") if said.startswith(("v", "eps")) else None


def read_unet(folder: ModelFolder) -> UNet2DConditionModel:
    """Return the U-Net of a model folder that was just written, its weights mapped."""
    with init_empty_weights():
        unet = UNet2DConditionModel.from_config(folder.config("unet"))
    unet.load_state_dict(load_file(folder.weights("unet")), strict=True, assign=True)
    return unet.eval()


@torch.inference_mode()
def predicts_velocity(unet: UNet2DConditionModel, last_timestep: int = 999) -> bool:
    """Whether the network's answer to noise at the last timestep is something else than that noise.

    There x_t = a x_0 + s e with a near 0, so who predicts e returns x_t, nearly. Who predicts
    v = a e - s x_0 (Salimans & Ho 2022, appendix D) returns a picture, which has nothing in
    common with the noise.
    """
    shape = (1, unet.config.in_channels, CELLS, CELLS)
    noise = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    no_text = torch.zeros(1, TOKENS, unet.config.cross_attention_dim, dtype=unet.dtype)
    answer = unet(noise.to(unet.dtype), last_timestep, no_text).sample.float()
    alike = torch.nn.functional.cosine_similarity(answer.flatten(), noise.flatten(), dim=0)
    return float(alike) < MOST_FOR_VELOCITY
