"""`stimage draw "a fox in the snow" --seed 3 -o fox.png`: one picture into a file."""

from __future__ import annotations

import argparse
import contextlib
import secrets
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from stimage.config import DEFAULT_MODEL
from stimage.errors import InvalidRequest
from stimage.i18n import text
from stimage.images.png_metadata import write_png
from stimage.models import library
from stimage.models.folder import ModelFolder
from stimage.models.prompt_words import marks, unknown_words, words_beyond_limit
from stimage.request import Request

PNG_START = b"\x89PNG\r\n\x1a\n"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("prompt", help=text("cli.prompt"))
    parser.add_argument("-o", "--output", help=text("cli.output"))
    parser.add_argument("--seed", help=text("cli.seed"))
    parser.add_argument("--steps", help=text("cli.steps"))
    parser.add_argument("--guidance", help=text("cli.guidance"))
    parser.add_argument("--negative", dest="negative_prompt", help=text("cli.negative"))
    parser.add_argument("--model", default=DEFAULT_MODEL, help=text("cli.model"))


def run(given: argparse.Namespace) -> None:
    """Draw one picture into a file, which is either all there or not there.

    Raises:
        InvalidRequest: when the request can't be met as it stands.
        StimageError: "output_not_written".
    """
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


def check_output(path: Path) -> None:
    """Make sure, before drawing, that the picture may be written there.

    Raises:
        InvalidRequest: "output_not_png", "output_no_folder", "output_is_folder", or
            "output_no_picture" for another file of that name.
        OSError: for a name that this disk does not take, or a folder that can't be written to.
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
    with contextlib.suppress(FileNotFoundError):
        path.lstat()
    with tempfile.TemporaryFile(dir=path.parent):
        pass


def draw(request: Request, model: str) -> bytes:
    """Load the model, draw with a progress bar on standard error, and return a PNG file."""
    from tqdm import tqdm

    from stimage.inference.loading import load_engine

    print_words(request, model)
    unit = text("cli.step_unit")
    with tqdm(desc=text("cli.loading"), unit=unit, leave=False, disable=None) as bar:
        engine = load_engine(model)
        bar.set_description(text("cli.drawing"))
        completed = engine.completed(request)
        if request.negative_prompt and not completed.negative_prompt:
            tqdm.write(text("cli.negative_unheeded"), file=sys.stderr)
        bar.reset(total=completed.num_inference_steps)
        return write_png(engine.generate(request, on_step=lambda _: bar.update()))


def print_words(request: Request, model: str) -> None:
    """Say on standard error what the model will not use of the prompts."""
    folder, _ = library.find(model)
    for note in _notes(request.prompt, folder):
        print(note, file=sys.stderr)
    for note in _notes(request.negative_prompt, folder):
        print(text("cli.in_negative_prompt", note=note), file=sys.stderr)


def _notes(prompt: str, folder: ModelFolder) -> Iterator[str]:
    if unknown := unknown_words(prompt, folder):
        yield text("cli.never_saw", words=", ".join(unknown))
    if unread := marks(prompt):
        yield text("cli.marks", marks=" ".join(unread))
    if beyond := words_beyond_limit(prompt, folder):
        yield text("cli.beyond", words=" ".join(beyond))


def write_whole(path: Path, data: bytes) -> None:
    """Write a file that is either all there or not there."""
    beside = path.with_name(f".stimage-{secrets.token_hex(4)}")  # short: the name may be long
    try:
        beside.write_bytes(data)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
