"""From a finished run of the judge to the folder that ships: it takes the discriminator's place.

Run: python -m stimage.training.judge.export --run runs/judge
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path

from stimage.inference.gan.folder import load_discriminator, save_network
from stimage.models.folder import ModelFolder
from stimage.training.checkpoints import ema_weights, newest_checkpoint
from stimage.training.command import run_command
from stimage.training.export_gan import GAN


def main(arguments: Sequence[str] | None = None) -> None:
    """Write a run's averaged discriminator and its log."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--run", type=Path, default=Path("runs/judge"))
    parser.add_argument("--out", type=Path, default=GAN)
    args = parser.parse_args(arguments)
    folder = ModelFolder(args.out)
    judge = load_discriminator(folder)
    path = args.run / "last.pt"
    judge.load_state_dict(ema_weights(newest_checkpoint(path) or path))
    save_network(judge, judge.config, folder.part("discriminator"))
    shutil.copy(args.run / "log.csv", folder.training / "judge.csv")


if __name__ == "__main__":
    run_command(main)
