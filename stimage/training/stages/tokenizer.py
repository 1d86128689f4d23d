"""Before stage 2: make the tokenizer from the captions.

Run: python -m stimage.training.stages.tokenizer --out runs/tokenizer
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from stimage.training.command import run_command
from stimage.training.tokenizer import write_tokenizer


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the tokenizer."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--out", type=Path, default=Path("runs/tokenizer"))
    write_tokenizer(parser.parse_args(arguments).out)


if __name__ == "__main__":
    run_command(main)
