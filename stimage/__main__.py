"""Draw from the command line: `python -m stimage "a fox in the snow" --seed 3 -o fox.png`."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

from stimage.config import DEFAULT_MODEL
from stimage.errors import InvalidRequest
from stimage.i18n import sentence
from stimage.images.png_metadata import write_png
from stimage.models import library
from stimage.models.prompt_words import unknown_words, words_beyond_limit
from stimage.request import Request, new_seed

PNG_START = b"\x89PNG\r\n\x1a\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw one picture into a file.

    Returns:
        0 when the picture is there, 2 when the wish can't be granted as it stands, 1 when
        something failed, 130 when the person stopped it. Only with 0 is anything written.
    """
    wish = _parser().parse_args(arguments)
    try:
        request = Request(
            prompt=wish.prompt,
            negative_prompt=wish.negative,
            seed=new_seed() if wish.seed is None else wish.seed,
            num_inference_steps=wish.steps,
            guidance_scale=wish.guidance,
        )
        path = Path(wish.output or f"stimage-{request.seed}.png")
        if str(path) != "-":
            check_output(path)
        png = draw(request, wish.model)
        if str(path) == "-":
            sys.stdout.buffer.write(png)
        else:
            write_whole(path, png)
            print(f"{path}: seed {request.seed}", file=sys.stderr)
    except InvalidRequest as error:
        return _complain(sentence(error), 2)
    except KeyboardInterrupt:
        return _complain("Stopped. Nothing was written.", 130)
    except OSError as error:
        return _complain(f"The picture can't be written: {error.strerror or error}.", 1)
    except Exception as error:
        return _complain(sentence(error), 1)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m stimage", description="Draw a picture.")
    parser.add_argument("prompt", help="what you want to see")
    parser.add_argument("-o", "--output", help="a .png file, or - for standard output")
    parser.add_argument("--seed", type=int, help="the same seed gives the same picture")
    parser.add_argument("--steps", type=int, help="how many steps; by default the model's own")
    parser.add_argument("--guidance", type=float, help="how closely to follow the words")
    parser.add_argument("--negative", default="", help="what you do not want to see")
    parser.add_argument("--model", default=DEFAULT_MODEL, help="a model's name or folder")
    return parser


def check_output(path: Path) -> None:
    """Make sure, before drawing, that the picture may be written there.

    Raises:
        InvalidRequest: with a sentence.
    """
    if path.suffix.lower() != ".png":
        raise InvalidRequest(f"Pictures are written as PNG: call the file {path.stem}.png.")
    if not path.parent.is_dir():
        raise InvalidRequest(f"There is no folder {path.parent}. Make it first.")
    if path.is_dir():
        raise InvalidRequest(f"{path} is a folder. Choose another name.")
    if path.exists():
        with path.open("rb") as file:
            start = file.read(len(PNG_START))
        if start != PNG_START:
            raise InvalidRequest(f"{path} is there and is no picture. Choose another name.")


def draw(request: Request, model: str) -> bytes:
    """Load the model, draw with a progress bar on standard error, and return a PNG file."""
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    from tqdm import tqdm

    from stimage.inference.diffusion import DiffusionEngine

    print_words(request.prompt, model)
    with tqdm(desc="Loading the model", unit="step", leave=False, disable=None) as bar:
        engine = DiffusionEngine.load(model)
        bar.set_description("Drawing")
        bar.reset(total=engine.completed(request).num_inference_steps)
        return write_png(engine.generate(request, on_step=lambda _: bar.update()))


def print_words(prompt: str, model: str) -> None:
    """Say on standard error which words of the prompt the model can't use."""
    folder, _ = library.find(model)
    if unknown := unknown_words(prompt, folder):
        print(f"The model never saw: {', '.join(unknown)}", file=sys.stderr)
    if beyond := words_beyond_limit(prompt, folder):
        print(f"Too long, the model will not read: {' '.join(beyond)}", file=sys.stderr)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file that is either all there or not there."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        beside.write_bytes(data)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _complain(message: str, status: int) -> int:
    print(message, file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
