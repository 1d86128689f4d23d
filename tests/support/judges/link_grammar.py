"""Ask link-grammar whether sentences can be parsed."""

import os
import shutil
import subprocess
from itertools import pairwise

SETTINGS = "!null=0\n!panic=0\n!timeout=5\n!limit=20\n!graphics=0\n!echo=1\n!verbosity=1\n"


def installed() -> bool:
    return shutil.which("link-parser") is not None


def unparsed(sentences: list[str]) -> list[str]:
    """Return the sentences without a complete parse."""
    out = subprocess.run(
        ["link-parser", "en"],
        input=SETTINGS + "\n".join(sentences) + "\n",
        capture_output=True,
        text=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        check=True,
    ).stdout
    lines = [line for line in out.splitlines() if line.strip()]
    asked = set(sentences)
    parsed = {
        line for line, answer in pairwise(lines) if line in asked and answer.startswith("Found")
    }
    return [sentence for sentence in sentences if sentence not in parsed]
