"""Write a model's folder as one file in the original layout, `.ckpt` or `.safetensors`.

The file carries the model's configs and its tokenizer as JSON under the key `stimage`, because
names and shapes alone don't tell how many heads attend or which schedule it learnt.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from stimage.importing.architecture import OWN_CONFIGS, kind_of
from stimage.importing.state_dict_keys import Parts, to_original
from stimage.importing.worker import WEIGHTS
from stimage.models.catalog import read_json
from stimage.models.tokenizer import FILES


def save_checkpoint(folder: Path, target: Path) -> None:
    """Write the diffusers folder `folder` as the file `target`, every weight as it is.

    Args:
        folder: with unet/, vae/, text_encoder/, tokenizer/ and scheduler/.
        target: ends in ".ckpt" or ".safetensors".
    """
    kind = kind_of(folder, folder.name)
    parts = Parts(*(load_file(folder / part / file) for part, file in WEIGHTS.items()))
    flat = to_original(parts, kind.configs["unet"], kind.configs["vae"])
    files = [folder / "tokenizer" / name for name in FILES]
    configs = json.dumps(
        {
            **kind.configs,
            "title": read_json(folder / "model.json").get("title") or folder.name,
            "tokenizer": {f.name: f.read_text(encoding="utf-8") for f in files if f.is_file()},
        }
    )
    if target.suffix == ".safetensors":
        plain = {name: tensor.contiguous() for name, tensor in flat.items()}
        save_file(plain, target, metadata={"format": "pt", OWN_CONFIGS: configs})
    else:
        torch.save({"state_dict": flat, OWN_CONFIGS: configs}, target)
