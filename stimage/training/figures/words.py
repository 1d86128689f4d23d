"""Figures of the words: tokens, rows of values that lie close, and where each word flows in."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import torch
from PIL import Image

from stimage.training.figures.sheet import Workshop, asked, bars, control, frames, ours
from stimage.training.tokenizer import captions

TOKEN_PROMPTS = (
    "three penguins in the snow",
    "a cat sleeping on the beach",
    "a xylophone on the beach",
    "Ein Hund am Strand",
)
ASKED = ("cat", "car", "red", "two", "beach", "sleeping", "on", "apple")
NEAREST = 3
ATTENTION_PROMPTS = {
    "a horse on the beach": 1,
    "a red car in the city": 2,
    "two penguins in the snow": 3,
    "a butterfly in the forest": 4,
    "a rocket in space": 5,
    "a cat sleeping at night": 6,
    "a robot to the left of a tree": 7,
    "a green frog on a yellow background": 8,
}
COLOR, MOST_COLOR = (255, 120, 0), 0.75  # of the layer over the picture, RGB, and its share


def tokens(workshop: Workshop) -> dict[str, Any]:
    """Prompts cut into tokens, each with its number."""
    chips = [
        [[piece.removesuffix("</w>"), number] for piece, number in workshop.artist.pieces(prompt)]
        for prompt in TOKEN_PROMPTS
    ]
    notes = [f"{len(row)} tokens" for row in chips]
    return {
        "kind": "chips",
        "controls": [control("Prompt", list(TOKEN_PROMPTS))],
        "chips": chips,
        "notes": [notes],
        "caption": "Each box is a token. Below it is its number in our list.",
        "made": {"by": "Cut by the tokenizer of our model", "model_hash": workshop.artist.hash},
    }


def nearest_words(workshop: Workshop) -> dict[str, Any]:
    """For some words, the words whose rows of values point most in the same direction."""
    artist = workshop.artist
    vocabulary = artist.tokenizer.get_vocab()
    whole = {t.removesuffix("</w>"): n for t, n in vocabulary.items() if t.endswith("</w>")}
    written = {word for text in captions(5_000) for word in re.findall(r"[a-z]+", text)}
    known = {word: number for word, number in whole.items() if word in written}
    table = artist.text_encoder.get_input_embeddings().weight.detach()
    unit = torch.nn.functional.normalize(table[list(known.values())], dim=1)
    names = list(known)
    rows = []
    for word in (w for w in ASKED if w in known):
        closeness = unit @ unit[names.index(word)]
        order = closeness.argsort(descending=True)[1 : NEAREST + 1].tolist()
        rows.append({"label": word, "value": None, "text": ", ".join(names[i] for i in order)})
    made = {"by": "Cosine of the embeddings of our model", "model_hash": artist.hash}
    return bars(
        ["Word", "Closest words"],
        rows,
        made,
        "Nobody told the model which words go together. Some rows are still there by chance.",
    )


def attention(workshop: Workshop) -> dict[str, Any]:
    """For each prompt the picture and, word by word, where the word flows in."""
    artist = workshop.artist
    files, choices = [], []
    columns = 1 + max(len(prompt.replace(",", "").split()) for prompt in ATTENTION_PROMPTS)
    for i, (prompt, seed) in enumerate(ATTENTION_PROMPTS.items()):
        image, maps = artist.attention(prompt, seed)
        words, by_word = _by_word(artist.pieces(prompt), maps)
        low, high = by_word.amin((1, 2)), by_word.amax((1, 2))
        own_scale = (by_word - low[:, None, None]) / (high - low)[:, None, None]
        lit = [_colored(image, heat) for heat in own_scale]
        blanks = [image] * (columns - len(lit) - 1)
        files.append(workshop.sprite(f"attention-{i}", [image, *lit, *blanks], columns))
        choices.append(["the picture", *words])
    return frames(
        files,
        (artist.side, artist.side),
        "“{0}”, in color where this word flows in: {1}",
        ours(artist, prompts=ATTENTION_PROMPTS),
        columns=columns,
        width=320,
        controls=[control("Prompt", list(ATTENTION_PROMPTS)), control("Word", choices)],
        caption="Orange: the word gives more here than to other places. Each word has its own "
        "scale. Mean over all steps, layers and heads.",
        drawn=[[asked(prompt, seed)] for prompt, seed in ATTENTION_PROMPTS.items()],
    )


def _by_word(pieces: list[tuple[str, int]], maps: torch.Tensor) -> tuple[list[str], torch.Tensor]:
    """Return the words and, (words, h, w), the sums of the maps of their pieces."""
    words: list[str] = []
    by_word: list[torch.Tensor] = []
    open_word = False
    for place, (piece, _) in enumerate(pieces, start=1):  # map 0 is the start mark's
        if open_word:
            words[-1] += piece.removesuffix("</w>")
            by_word[-1] = by_word[-1] + maps[place]
        else:
            words.append(piece.removesuffix("</w>"))
            by_word.append(maps[place])
        open_word = not piece.endswith("</w>")
    return words, torch.stack(by_word)


def _colored(image: Image.Image, heat: torch.Tensor) -> Image.Image:
    """Lay a color over the gray picture: the more, the higher `heat`, (h, w) in [0, 1], is."""
    levels = Image.fromarray((heat.clamp(0, 1) * 255).byte().numpy())
    smooth = np.asarray(levels.resize(image.size, Image.Resampling.BICUBIC), dtype=np.float32) / 255
    share = MOST_COLOR * smooth[..., None]
    gray = np.asarray(image.convert("L").convert("RGB"), dtype=np.float32)
    mixed = (1 - share) * gray + share * np.asarray(COLOR, dtype=np.float32)
    return Image.fromarray(mixed.round().astype(np.uint8))
