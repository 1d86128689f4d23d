"""What a training takes over from a finished model to go on from it: weights, log, snapshots."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import torch
from diffusers import UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTokenizer

from stimage.models.folder import ModelFolder
from stimage.training.networks.unet import TextToVelocity
from stimage.training.scenes.words import NOUNS
from stimage.training.tokenizer import load_tokenizer


@torch.no_grad()
def take_weights(model: TextToVelocity, folder: Path, tokenizer: CLIPTokenizer) -> None:
    """Give `model` the weights of a model folder.

    Tokens of `tokenizer` that are new to the folder's own keep their random rows.
    """
    source = ModelFolder(folder)
    unet = UNet2DConditionModel.from_pretrained(source.part("unet"))
    text_encoder = CLIPTextModel.from_pretrained(source.part("text_encoder"))
    old, new = load_tokenizer(source.tokenizer).get_vocab(), tokenizer.get_vocab()
    rows = model.text_encoder.get_input_embeddings().weight.clone()
    kept = [token for token in new if token in old]
    taken = text_encoder.get_input_embeddings().weight[[old[token] for token in kept]]
    rows[[new[token] for token in kept]] = taken
    text_encoder.resize_token_embeddings(len(rows), mean_resizing=False)
    text_encoder.get_input_embeddings().weight.copy_(rows)
    model.unet.load_state_dict(unet.state_dict())
    model.text_encoder.load_state_dict(text_encoder.state_dict())


def take_records(folder: Path, out: Path) -> int:
    """Copy a model's log and snapshots to a run that is to go on, and return its last step.

    If nouns have come in since, `sittings.json` notes how many samples and nouns there were before.
    """
    training = ModelFolder(folder).training
    with (training / "losses.csv").open(newline="") as file:
        last = list(csv.DictReader(file))[-1]
    if not (out / "log.csv").exists():
        shutil.copytree(training / "snapshots", out / "snapshots", dirs_exist_ok=True)
        before = training / "sittings.json"
        sittings = json.loads(before.read_text()) if before.exists() else []
        nouns = json.loads(ModelFolder(folder).words.read_text())["nouns"]
        if len(nouns) < len(NOUNS):
            sittings.append({"samples": int(float(last["samples"])), "nouns": len(nouns)})
        (out / "sittings.json").write_text(json.dumps(sittings) + "\n")
        shutil.copy(training / "losses.csv", out / "log.csv")
    return int(last["step"])
