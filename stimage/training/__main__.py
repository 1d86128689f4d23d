"""All stages in order, each going on where it stopped: python -m stimage.training."""

from __future__ import annotations

import argparse
import subprocess
import sys

STAGES = (
    "stages.autoencoder",
    "stages.latents",
    "stages.text_encoder",
    "stages.unet",
    "stages.decoder",
    "evaluation.probe",
    "export",
    "evaluation.evaluate",
    "evaluation.card",
)


def main() -> None:
    """Run every stage, from no weights to models/stimage-mini with its measurements."""
    parser = argparse.ArgumentParser(prog="stimage.training", description=main.__doc__)
    parser.add_argument("--start", choices=STAGES, default=STAGES[0], help="skip what is before")
    first = STAGES.index(parser.parse_args().start)
    for stage in STAGES[first:]:
        print(f"== {stage}", flush=True)
        ended = subprocess.run([sys.executable, "-m", f"stimage.training.{stage}"], check=False)
        if ended.returncode:
            sys.exit(f"The stage {stage} stopped. Mend what it says, then start this again.")


if __name__ == "__main__":
    main()
