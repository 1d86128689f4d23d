"""A tiny U-Net that was truly trained, for a second, to predict noise or velocity."""

from __future__ import annotations

import torch
from diffusers import DDIMScheduler, UNet2DConditionModel
from torch.nn.functional import interpolate, mse_loss

STEPS, BATCH, SIDE, TOKENS = 40, 8, 8, 4


def trained_unet(prediction_type: str, width: int = 768, *, zero_snr: bool = False):
    """Train on smooth random latents with Stable Diffusion's noise schedule, most of it late."""
    scheduler = DDIMScheduler(
        prediction_type=prediction_type,
        beta_schedule="scaled_linear",
        beta_start=0.00085,
        beta_end=0.012,
        rescale_betas_zero_snr=zero_snr,
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        unet = UNet2DConditionModel(
            sample_size=4,
            block_out_channels=(8, 16),
            layers_per_block=1,
            norm_num_groups=4,
            attention_head_dim=8,
            cross_attention_dim=width,
            down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
            up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        )
        optimizer = torch.optim.AdamW(unet.parameters(), lr=1e-2)
        for _ in range(STEPS):
            pictures = interpolate(torch.randn(BATCH, 4, 2, 2), size=SIDE, mode="bicubic")
            noise, t = torch.randn_like(pictures), torch.randint(500, 1000, (BATCH,))
            velocity = scheduler.get_velocity(pictures, noise, t)
            target = noise if prediction_type == "epsilon" else velocity
            states = torch.randn(BATCH, TOKENS, width)
            answer = unet(scheduler.add_noise(pictures, noise, t), t, states).sample
            optimizer.zero_grad()
            mse_loss(answer, target).backward()
            optimizer.step()
    return unet.eval()
