"""All stages in order, each going on where it stopped: python -m stimage.training."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence

STAGES = (
    "stages.autoencoder",
    "stages.latents",
    "stages.tokenizer",
    "stages.unet",
    "stages.decoder",
    "stages.detector",
    "export",
    "evaluation.evaluate",
    "evaluation.card",
    "stages.gan",
    "export_gan",
    "judge.drawings",
    "judge.train",
    "judge.export",
    "evaluation.gan",
    "evaluation.judge",
    "evaluation.gan_card",
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run every stage, from no weights to both models with their measurements."""
    parser = argparse.ArgumentParser(prog="stimage.training", description=main.__doc__)
    parser.add_argument("--start", choices=STAGES, default=STAGES[0], help="skip what is before")
    first = STAGES.index(parser.parse_args(arguments).start)
    for stage in STAGES[first:]:
        print(f"== {stage}", flush=True)
        ended = subprocess.run([sys.executable, "-m", f"stimage.training.{stage}"], check=False)
        if ended.returncode:
            sys.exit(f"The stage {stage} stopped. Correct what it says, then start this again.")


if __name__ == "__main__":
    main()
