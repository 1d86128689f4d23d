"""Write a model's folder as one file in the original layout, `.ckpt` or `.safetensors`.

The file carries the model's configs and its tokenizer as JSON under the key `stimage`, because
names and shapes alone don't tell how many heads attend or which schedule it learned.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from stimage.importing.architecture import OWN_CONFIGS, architecture_of
from stimage.importing.state_dict_keys import Parts, to_original
from stimage.models.folder import TOKENIZER_FILES, WEIGHTS, ModelFolder


def save_checkpoint(folder: Path, target: Path) -> None:
    """Write the diffusers folder `folder` as the file `target`, every weight as it is.

    Args:
        folder: with unet/, vae/, text_encoder/, tokenizer/ and scheduler/.
        target: ends in ".ckpt" or ".safetensors".
    """
    model = ModelFolder(folder)
    configs = architecture_of(model, model.name).configs
    parts = Parts(*(load_file(model.weights(part)) for part in WEIGHTS))
    flat = to_original(parts, configs["unet"], configs["vae"])
    own = json.dumps(
        {
            **configs,
            "title": model.record().title or model.name,
            "tokenizer": _tokenizer_texts(model.tokenizer),
        }
    )
    if target.suffix == ".safetensors":
        plain = {name: tensor.contiguous() for name, tensor in flat.items()}
        save_file(plain, target, metadata={"format": "pt", OWN_CONFIGS: own})
    else:
        torch.save({"state_dict": flat, OWN_CONFIGS: own}, target)


def _tokenizer_texts(folder: Path) -> dict[str, str]:
    files = [folder / name for name in TOKENIZER_FILES]
    return {file.name: file.read_text(encoding="utf-8") for file in files if file.is_file()}
