"""Ask Harper what it finds wrong with sentences."""

import json
import os
import shutil
import subprocess
from pathlib import Path

SCRIPT = Path(__file__).with_name("harper.mjs")
FOLDER = Path(os.environ.get("HARPER_FOLDER", Path(__file__).resolve().parents[3]))


def installed() -> bool:
    return shutil.which("node") is not None and (FOLDER / "node_modules" / "harper.js").is_dir()


def findings(sentences: list[str]) -> list[list[dict[str, str]]]:
    """Return for each sentence what Harper finds: kind, text, message."""
    answer = subprocess.run(
        ["node", str(SCRIPT), str(FOLDER.resolve())],
        input=json.dumps(sentences),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(answer.stdout)
