"""A Stable Diffusion pipeline of real classes with a few thousand random weights: draws 32x32."""

from __future__ import annotations

import functools
import logging
from pathlib import Path

import torch
from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from stimage.inference.diffusion import DiffusionEngine

START, END = "<|startoftext|>", "<|endoftext|>"
LETTERS = "abcdefghijklmnopqrstuvwxyz"
MERGES = [("f", "o"), ("fo", "x</w>"), ("c", "a"), ("ca", "t</w>")]


def tiny_tokenizer(max_tokens: int = 32) -> CLIPTokenizer:
    """Return a CLIP tokenizer that knows letters, and "fox" and "cat" as whole words."""
    pieces = [*LETTERS, *(f"{letter}</w>" for letter in LETTERS)]
    pieces += ["".join(pair) for pair in MERGES] + [START, END]
    return CLIPTokenizer(
        vocab={piece: number for number, piece in enumerate(pieces)},
        merges=list(MERGES),
        model_max_length=max_tokens,
    )


def tiny_pipeline(seed: int = 0) -> StableDiffusionPipeline:
    """Return a new pipeline; the same seed gives the same weights."""
    logging.getLogger("diffusers").setLevel(logging.ERROR)
    tokenizer = tiny_tokenizer()
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        unet = UNet2DConditionModel(
            sample_size=4,
            in_channels=4,
            out_channels=4,
            block_out_channels=(8, 16),
            layers_per_block=1,
            norm_num_groups=4,
            attention_head_dim=8,
            cross_attention_dim=16,
            down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
            up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        )
        vae = AutoencoderKL(
            block_out_channels=(8, 8, 8, 8),
            down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4,
            latent_channels=4,
            norm_num_groups=4,
            sample_size=32,
        )
        text_encoder = CLIPTextModel(
            CLIPTextConfig(
                vocab_size=len(tokenizer),
                hidden_size=16,
                intermediate_size=32,
                num_hidden_layers=1,
                num_attention_heads=2,
                max_position_embeddings=tokenizer.model_max_length,
                bos_token_id=tokenizer.bos_token_id,
                eos_token_id=tokenizer.eos_token_id,
                pad_token_id=tokenizer.pad_token_id,
            )
        )
    return StableDiffusionPipeline(
        vae=vae,
        text_encoder=text_encoder,
        tokenizer=tokenizer,
        unet=unet,
        scheduler=DDIMScheduler(
            prediction_type="v_prediction",
            beta_schedule="scaled_linear",
            rescale_betas_zero_snr=True,
            timestep_spacing="trailing",
            clip_sample=False,
            steps_offset=1,
        ),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def tiny_engine(seed: int = 0) -> DiffusionEngine:
    """Return an engine over a new tiny pipeline: 4 steps, guidance 3."""
    return DiffusionEngine(tiny_pipeline(seed), name="tiny", steps=4, guidance_scale=3.0)


@functools.cache
def shared_engine() -> DiffusionEngine:
    """Return one engine for all tests that leave it as it was."""
    return tiny_engine()


def save_tiny(folder: Path, seed: int = 0) -> Path:
    """Write a tiny pipeline as a diffusers folder and return the folder."""
    tiny_pipeline(seed).save_pretrained(folder)
    return folder
