"""The tokenizer of a model, checked: without its vocabulary each prompt is noise, in silence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stimage.errors import ModelError


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
        raise ModelError("tokenizer", tokens=0, expected=vocab_size) from error
    several = len(set(ids)) > 3 and tokenizer.unk_token_id not in ids
    if len(tokenizer) != vocab_size or not several:
        raise ModelError("tokenizer", tokens=len(tokenizer), expected=vocab_size)
    return tokenizer
