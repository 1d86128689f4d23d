"""The tokenizer of a model, checked: without its vocabulary each prompt is noise, in silence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stimage.errors import ModelError

FILES = ("vocab.json", "merges.txt", "tokenizer.json", "tokenizer_config.json")


def read_tokenizer(folder: Path, vocab_size: int) -> Any:  # noqa: ANN401 (transformers is untyped)
    """Return the `CLIPTokenizer` in `folder`.

    Raises:
        ModelError: with code "tokenizer", when it can't be read or does not fit the text encoder.
    """
    from transformers import CLIPTokenizer

    try:
        tokenizer = CLIPTokenizer.from_pretrained(folder, local_files_only=True)
        ids = tokenizer("a photo of a cat").input_ids[1:-1]
    except Exception as error:
        raise _broken(0, vocab_size) from error
    several = len(set(ids)) > 3 and tokenizer.unk_token_id not in ids
    if len(tokenizer) != vocab_size or not several:
        raise _broken(len(tokenizer), vocab_size)
    return tokenizer


def _broken(words: int, wanted: int) -> ModelError:
    return ModelError(
        f"The model's vocabulary is broken: it has {words:,} words and the text encoder expects "
        f"{wanted:,}. Its folder tokenizer/ needs tokenizer.json, or vocab.json and merges.txt; "
        "get them, or import the model again.",
        code="tokenizer",
    )
