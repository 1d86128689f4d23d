"""Which parts of a prompt a model can't use: words it never saw, marks, what is beyond its limit.

Reads small text files of the model's folder and never the model itself.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import TYPE_CHECKING

from stimage.models.folder import ModelFolder, read_json
from stimage.trace import Token

if TYPE_CHECKING:
    from tokenizers import Tokenizer

WORD = re.compile(r"\w+(?:['\u2019]\w+)*")
TAG, COMMAND = r"<\w+:[^<>]*>", r"\b(?:BREAK|AND)\b"  # <lora:fox:0.8>
MARKS = re.compile(  # (fox:1.3), ((fox)), [snow], {{fox}}, fox++
    rf"{TAG}|{COMMAND}|\([^()]*:\s*[0-9.]+\s*\)|\(\([^()]+\)\)|\[[^\[\]]+\]|\{{\{{[^{{}}]+\}}\}}"
    r"|\w+(?:\+\+|--)(?!\w)"
)
NO_WORDS = re.compile(rf"{TAG}|{COMMAND}|:\s*[0-9.]+(?=\s*[)\]])")
MAX_TOKENS = 77  # what a tokenizer has that does not say
START, END, END_OF_WORD = "<|startoftext|>", "<|endoftext|>", "</w>"


def unknown_words(prompt: str, model: ModelFolder) -> list[str]:
    """Return the prompt's words that are not among those the model lists, each once.

    A model without a list knows every word.
    """
    known = _known_words(model.words, _changed_at(model.words))
    if not known:
        return []
    if not prompt.isupper():
        prompt = NO_WORDS.sub(" ", prompt)  # `marks` names these
    words = (word.lower().replace("\u2019", "'") for word in WORD.findall(prompt))
    return list(
        dict.fromkeys(word for word in words if not {word, word.removesuffix("'s")} & known)
    )


def marks(prompt: str) -> list[str]:
    """Return what other programs read as weights, LoRAs or commands, each once.

    Every model here reads it letter by letter.
    """
    found = (match.group() for match in MARKS.finditer(prompt))
    return list(dict.fromkeys(mark for mark in found if not (mark.isalpha() and prompt.isupper())))


def words_beyond_limit(prompt: str, model: ModelFolder) -> list[str]:
    """Return the words at the prompt's end that do not fit into the model's tokens.

    A word that fits in part counts as one that does not. A folder without a tokenizer has no
    limit.
    """
    loaded = _tokenizer(model.tokenizer, _changed_at(model.tokenizer))
    if loaded is None:
        return []
    tokenizer, max_tokens = loaded
    offsets = tokenizer.encode(prompt, add_special_tokens=False).offsets
    room = max_tokens - 2  # a start and an end token are added
    if len(offsets) <= room:
        return []
    cut = offsets[room][0]
    return [match.group() for match in re.finditer(r"\S+", prompt) if match.end() > cut]


def tokens_of(prompt: str, model: ModelFolder) -> tuple[Token, ...]:
    """Return what the model reads of a prompt, with the marks before and after it.

    Without a tokenizer in its folder, nothing.
    """
    from tokenizers import decoders

    loaded = _tokenizer(model.tokenizer, _changed_at(model.tokenizer))
    if loaded is None:
        return ()
    tokenizer, max_tokens = loaded
    read = tokenizer.encode(prompt, add_special_tokens=False).tokens[: max_tokens - 2]
    found = []
    for piece in (START, *read, END):
        text = decoders.ByteLevel().decode([piece])
        readable = piece if "\ufffd" in text else text  # part of a letter is none
        number = tokenizer.token_to_id(piece)
        if number is None:  # no marks: a tokenizer of another kind
            return ()
        word, ends_word = readable.removesuffix(END_OF_WORD), piece.endswith(END_OF_WORD)
        found.append(Token(word, number, ends_word))
    return tuple(found)


def _changed_at(path: Path) -> int:
    """Return when a file or folder changed, 0 if it is not there: a new model is read anew."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


@functools.lru_cache(maxsize=8)
def _known_words(file: Path, _stamp: int) -> frozenset[str]:
    words = read_json(file).get("words")
    if not isinstance(words, list):
        return frozenset()
    return frozenset(part for word in words for part in WORD.findall(str(word).lower()))


@functools.lru_cache(maxsize=8)
def _tokenizer(folder: Path, _stamp: int) -> tuple[Tokenizer, int] | None:
    """Return the CLIP tokenizer in a folder and how many tokens its model takes."""
    try:
        tokenizer = _read_tokenizer(folder)
    except Exception:  # noqa: BLE001 (it raises nothing narrower; loading says what is wrong)
        return None
    tokenizer.no_truncation()
    settings = read_json(folder / "tokenizer_config.json")
    try:
        return tokenizer, int(min(max(settings["model_max_length"], 2), 10**6))
    except (ValueError, KeyError, TypeError):
        return tokenizer, MAX_TOKENS


def _read_tokenizer(folder: Path) -> Tokenizer:
    """Read `tokenizer.json`, or build the same from `vocab.json` and `merges.txt`."""
    import tokenizers
    from tokenizers import Regex, models, normalizers, pre_tokenizers

    if (folder / "tokenizer.json").is_file():
        return tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer = tokenizers.Tokenizer(
        models.BPE.from_file(
            str(folder / "vocab.json"),
            str(folder / "merges.txt"),
            continuing_subword_prefix="",
            end_of_word_suffix="</w>",
            unk_token="<|endoftext|>",  # noqa: S106 (no password)
        )
    )
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    pieces = Regex(r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(pieces, behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    return tokenizer
