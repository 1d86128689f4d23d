"""From a finished run of the GAN to the folder that ships.

Run: python -m stimage.training.export_gan --run runs/gan
Of a run that collapsed, only pictures are kept:
python -m stimage.training.export_gan --collapsed runs/collapse
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path

from stimage.config import GAN_MODEL
from stimage.inference.gan.folder import save_index, save_network
from stimage.models.folder import ModelFolder
from stimage.training.checkpoints import ema_weights, newest_checkpoint
from stimage.training.command import run_command
from stimage.training.export import MODEL
from stimage.training.networks.gan import GAN_PARTS, networks_of

GAN = MODEL.with_name(GAN_MODEL)
TAKEN = ("text_encoder", "tokenizer", "vae", "words.json")  # from the model it was trained with


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the averaged networks, what they were trained with, their log and snapshots."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--run", type=Path, default=Path("runs/gan"))
    parser.add_argument("--base", type=Path, default=MODEL, help="what the run began with")
    parser.add_argument("--out", type=Path, default=GAN)
    parser.add_argument("--collapsed", type=Path, help="a run of which to keep the pictures")
    args = parser.parse_args(arguments)
    training = ModelFolder(args.out).training
    if args.collapsed:
        keep_pictures(args.collapsed, training / "collapse")
        return
    networks = networks_of(args.base)
    path = args.run / "last.pt"
    networks.load_state_dict(ema_weights(newest_checkpoint(path) or path))
    args.out.mkdir(parents=True, exist_ok=True)
    for part in GAN_PARTS:
        network = networks.get_submodule(part)
        save_network(network, network.config, args.out / part)
    for name in TAKEN if args.out.resolve() != args.base.resolve() else ():
        if (args.base / name).is_dir():
            shutil.copytree(args.base / name, args.out / name, dirs_exist_ok=True)
        else:
            shutil.copy(args.base / name, args.out / name)
    shutil.copytree(args.run / "snapshots", training / "snapshots", dirs_exist_ok=True)
    shutil.copy(args.run / "log.csv", training / "losses.csv")
    save_index(args.out)


def keep_pictures(run: Path, folder: Path) -> None:
    """Copy the snapshots of a run, in place of those that are there."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(run / "snapshots", folder)


if __name__ == "__main__":
    run_command(main)
