"""Draw from the command line: `python -m stimage "a fox in the snow" --seed 3 -o fox.png`."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

from stimage import __version__
from stimage.config import DEFAULT_MODEL
from stimage.errors import InvalidRequest
from stimage.i18n import Edge, sentence, text
from stimage.images.png_metadata import write_png
from stimage.models import library
from stimage.models.prompt_words import unknown_words, words_beyond_limit
from stimage.request import Request

PNG_START = b"\x89PNG\r\n\x1a\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw one picture into a file.

    Returns:
        0 when the picture is there, 2 when the request can't be met as it stands, 1 when
        something failed, 130 when the person stopped it. Only with 0 is anything written.
    """
    given = _parser().parse_args(arguments)
    try:
        request = Request.from_mapping(vars(given))
        path = Path(given.output or f"stimage-{request.seed}.png")
        if str(path) != "-":
            check_output(path)
        png = draw(request, given.model)
        if str(path) == "-":
            sys.stdout.buffer.write(png)
        else:
            write_whole(path, png)
            print(text("cli.written", path=path, seed=request.seed), file=sys.stderr)
    except InvalidRequest as error:
        return _complain(sentence(error, Edge.COMMAND_LINE), 2)
    except KeyboardInterrupt:
        return _complain(text("cli.stopped"), 130)
    except OSError as error:
        return _complain(text("cli.not_written", reason=error.strerror or error), 1)
    except Exception as error:  # noqa: BLE001 (every failure ends in a sentence)
        return _complain(sentence(error, Edge.COMMAND_LINE), 1)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="stimage", description=text("cli.description"))
    version = f"stimage {__version__}"
    parser.add_argument("--version", action="version", version=version, help=text("cli.version"))
    parser.add_argument("prompt", help=text("cli.prompt"))
    parser.add_argument("-o", "--output", help=text("cli.output"))
    parser.add_argument("--seed", help=text("cli.seed"))
    parser.add_argument("--steps", help=text("cli.steps"))
    parser.add_argument("--guidance", help=text("cli.guidance"))
    parser.add_argument("--negative", dest="negative_prompt", help=text("cli.negative"))
    parser.add_argument("--model", default=DEFAULT_MODEL, help=text("cli.model"))
    return parser


def check_output(path: Path) -> None:
    """Make sure, before drawing, that the picture may be written there.

    Raises:
        InvalidRequest: "output_not_png", "output_no_folder", "output_is_folder", or
            "output_no_picture" for another file of that name.
    """
    if path.suffix.lower() != ".png":
        raise InvalidRequest("output_not_png", stem=path.stem)
    if not path.parent.is_dir():
        raise InvalidRequest("output_no_folder", folder=str(path.parent))
    if path.is_dir():
        raise InvalidRequest("output_is_folder", path=str(path))
    if path.exists():
        with path.open("rb") as file:
            start = file.read(len(PNG_START))
        if start != PNG_START:
            raise InvalidRequest("output_no_picture", path=str(path))


def draw(request: Request, model: str) -> bytes:
    """Load the model, draw with a progress bar on standard error, and return a PNG file."""
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    from tqdm import tqdm

    from stimage.inference.diffusion import DiffusionEngine

    print_words(request.prompt, model)
    unit = text("cli.step_unit")
    with tqdm(desc=text("cli.loading"), unit=unit, leave=False, disable=None) as bar:
        engine = DiffusionEngine.load(model)
        bar.set_description(text("cli.drawing"))
        completed = engine.completed(request)
        if request.negative_prompt and not completed.negative_prompt:
            tqdm.write(text("cli.negative_unheeded"), file=sys.stderr)
        bar.reset(total=completed.num_inference_steps)
        return write_png(engine.generate(request, on_step=lambda _: bar.update()))


def print_words(prompt: str, model: str) -> None:
    """Say on standard error which words of the prompt the model can't use."""
    folder, _ = library.find(model)
    if unknown := unknown_words(prompt, folder):
        print(text("cli.never_saw", words=", ".join(unknown)), file=sys.stderr)
    if beyond := words_beyond_limit(prompt, folder):
        print(text("cli.beyond", words=" ".join(beyond)), file=sys.stderr)


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
