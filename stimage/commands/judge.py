"""`stimage judge fox.png "a fox in the snow"`: what the discriminator of our GAN says of it."""

from __future__ import annotations

import argparse
from pathlib import Path

from PIL import Image

from stimage.config import GAN_MODEL
from stimage.errors import InvalidRequest
from stimage.i18n import text
from stimage.models import library
from stimage.models.prompt_words import unknown_words
from stimage.request import Request

FORMATS = ("PNG", "JPEG", "WEBP")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("picture", help=text("cli.picture"))
    parser.add_argument("prompt", help=text("cli.judged_prompt"))
    parser.add_argument("--model", default=GAN_MODEL, help=text("cli.judge_model", model=GAN_MODEL))


def run(given: argparse.Namespace) -> None:
    """Print how real a picture looks and how well it fits the words.

    Raises:
        InvalidRequest: "picture_unreadable", or for a prompt that is none.
        ModelError: if the judge can't be loaded.
    """
    prompt = Request(prompt=given.prompt).prompt
    picture = opened(Path(given.picture))
    folder, entry = library.find(given.model)
    from stimage.inference.gan.judge import Judge

    opinion = Judge.load(folder).opinion(picture, prompt)
    if not opinion.known:
        print(text("judge.unknown_world", model=entry.title))
        return
    print(text("judge.real", share=opinion.real))
    print(text("judge.fit", share=opinion.fit))
    if unknown := unknown_words(prompt, folder):
        print(text("judge.unknown_words", words=", ".join(unknown)))


def opened(path: Path) -> Image.Image:
    """Return the picture in a file.

    Raises:
        InvalidRequest: "picture_unreadable" if there is none that can be read.
    """
    try:
        with Image.open(path, formats=FORMATS) as image:
            return image.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InvalidRequest("picture_unreadable", name=path.name) from error
