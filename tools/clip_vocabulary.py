"""Make CLIP's `vocab.json` and `merges.txt` from the byte-pair file that OpenAI published.

    python -m tools.clip_vocabulary bpe_simple_vocab_16e6.txt.gz models/configs/clip

The file lies in https://github.com/openai/CLIP (MIT) and in packages that carry a copy, such as
`clip-anytorch` and `open_clip_torch`. Its 49,152 - 256 - 2 first merges make 49,408 words: 256
bytes, 256 bytes that end a word, one for each merge, and the two marks around a text.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import sys
from pathlib import Path

SOURCE_SHA256 = "924691ac288e54409236115652ad4aa250f48203de50a9e4722a6ecd48d6804a"
MERGES = 49152 - 256 - 2
START, END = "<|startoftext|>", "<|endoftext|>"


def byte_symbols() -> list[str]:
    """Return one printable character for each of the 256 bytes, in GPT-2's order."""
    printable = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return [chr(byte) for byte in printable] + [chr(256 + n) for n in range(len(others))]


def write_vocabulary(source: Path, folder: Path) -> None:
    """Write the two files.

    Raises:
        ValueError: if `source` is not the published file.
    """
    packed = source.read_bytes()
    if hashlib.sha256(packed).hexdigest() != SOURCE_SHA256:
        raise ValueError(f"{source.name} is not the file that OpenAI published.")
    lines = gzip.decompress(packed).decode("utf-8").split("\n")
    merges = lines[1 : MERGES + 1]
    symbols = byte_symbols()
    words = [*symbols, *(s + "</w>" for s in symbols)]
    words += ["".join(merge.split()) for merge in merges] + [START, END]
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = {word: number for number, word in enumerate(words)}
    text = json.dumps(vocabulary, ensure_ascii=False, separators=(",", ":"))
    (folder / "vocab.json").write_text(text + "\n", encoding="utf-8")
    header = "#version: 0.2\n"
    (folder / "merges.txt").write_text(header + "\n".join(merges) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_vocabulary(Path(sys.argv[1]), Path(sys.argv[2]))
