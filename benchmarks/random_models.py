"""Models of real size with random weights: drawing costs the same, the pictures mean nothing.

They are written as an import leaves them, tensor by tensor, so that building one takes no memory.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import torch

from stimage.hardware.dtype import compute_dtype
from stimage.importing.architecture import architecture_of
from stimage.importing.checking import expected_shapes
from stimage.importing.convert import model_index, write_json
from stimage.importing.safetensors_writer import write_safetensors
from stimage.models.folder import ModelFolder
from stimage.paths import CHECKPOINT_CONFIGS

POOL = 40_000_000  # the largest matrix is CLIP's vocabulary: 49408 x 768
TINY_VAE = {"_class_name": "AutoencoderTiny", "scaling_factor": 1.0}
SMALL_BLOCKS = {  # arXiv 2305.15798: one layer in each block, no block in the middle
    "layers_per_block": 1,
    "mid_block_type": None,
    "block_out_channels": [320, 640, 1280],
}
UNETS: dict[str, dict[str, Any]] = {
    "sd-1-5": {},
    "lcm-dreamshaper": {"time_cond_proj_dim": 256},
    "tiny-sd": SMALL_BLOCKS
    | {
        "down_block_types": ["CrossAttnDownBlock2D"] * 3,
        "up_block_types": ["CrossAttnUpBlock2D"] * 3,
    },
    "sdxs-512": SMALL_BLOCKS  # arXiv 2403.16627: no attention in the first level
    | {
        "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
        "up_block_types": ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"],
    },
}


def configs_of(name: str) -> dict[str, dict[str, Any]]:
    """Return the configs of a catalog model's architecture."""
    first = architecture_of(ModelFolder(CHECKPOINT_CONFIGS / "sd-v1"), name)
    configs = {part: dict(config) for part, config in first.configs.items()}
    configs["unet"] |= UNETS[name]
    if name == "sdxs-512":
        configs["vae"] = dict(TINY_VAE)
    if name == "lcm-dreamshaper":
        configs["scheduler"] |= {"_class_name": "LCMScheduler", "original_inference_steps": 50}
    return configs


def random_tensors(shapes: dict[str, torch.Size]) -> dict[str, torch.Tensor]:
    """Return views of one pool of small numbers, and ones for the scales of norms."""
    generator = torch.Generator().manual_seed(0)
    pool = torch.randn(POOL, generator=generator).mul_(0.03).to(torch.bfloat16)
    ones = torch.ones(5120, dtype=torch.bfloat16)
    return {
        name: (ones if "norm" in name and name.endswith("weight") else pool)[: shape.numel()].view(
            shape
        )
        for name, shape in shapes.items()
    }


def build(name: str, models: Path) -> Path:
    """Write a model of the catalog with random weights into `models`, unless it is there."""
    model, configs = ModelFolder(models / name), configs_of(name)
    dtype = compute_dtype(320)
    if model.record_file.is_file():
        return model.path
    shutil.copytree(CHECKPOINT_CONFIGS / "sd-v1", model.path, dirs_exist_ok=True)
    shutil.copytree(CHECKPOINT_CONFIGS / "clip", model.tokenizer, dirs_exist_ok=True)
    for part, config in configs.items():
        write_json(model.config_file(part), config)
    write_json(model.index, model_index(configs))
    for part, shapes in expected_shapes(configs).items():
        write_safetensors(model.weights(part), random_tensors(shapes), dtype, lambda _size: None)
    write_json(model.record_file, {"catalog": name, "unet_sha256": "0" * 64})
    return model.path


def build_tiny_decoder(models: Path) -> None:
    """Write a TAESD with random weights, in float16 as it is published."""
    folder = models / "taesd"
    folder.mkdir(parents=True, exist_ok=True)
    write_json(ModelFolder(folder).decoder_config, TINY_VAE)
    configs = configs_of("sd-1-5") | {"vae": dict(TINY_VAE)}
    shapes = expected_shapes(configs)["vae"]
    path = folder / "diffusion_pytorch_model.safetensors"
    write_safetensors(path, random_tensors(shapes), compute_dtype(320), lambda _size: None)


def memory_of(process: int | str = "self") -> dict[str, float]:
    """Return Linux' figures of a process in MiB: peak of all, and own and mapped now."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    values = dict(line.split(":", 1) for line in lines if line.startswith(("VmHWM", "Rss")))
    return {name: int(value.split()[0]) / 1024 for name, value in values.items()}
