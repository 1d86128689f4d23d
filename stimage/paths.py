"""Where things lie in the repository: every root, once; and paths as people type them."""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

ROOT = Path(__file__).resolve().parent.parent
SHIPPED_MODELS = ROOT / "models"  # read only: the owner's own models may lie elsewhere
SHIPPED = ("stimage-mini", "stimage-gan")  # the names of those in it
CATALOG = SHIPPED_MODELS / "catalog.toml"
CHECKPOINT_CONFIGS = SHIPPED_MODELS / "configs"  # what a bare checkpoint lacks
POS_TAGGER = SHIPPED_MODELS / "pos-tagger"
KEPT_PICTURES = ROOT / "kept"  # of whoever runs the app on their own computer
STATIC = ROOT / "static"  # Streamlit serves it under /app/static
EXPLAINER_FIGURES = STATIC / "explainer"
EXPERIMENTS = STATIC / "experiments"  # runs that were drawn before
LESSONS = STATIC / "lessons"  # what teachers print
EXAMPLE_PICTURES = STATIC / "examples"
DICE_DATA = ROOT / "stimage" / "dice" / "data"
CHAPTERS = ROOT / "stimage" / "explainer"  # a folder for each language
ASSETS = ROOT / "stimage" / "ui" / "assets"
LOCALES = ROOT / "stimage" / "i18n" / "locales"

AROUND_PATHS = "\"'`\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb"
INVISIBLE = ("Cc", "Cf", "Zs", "Zl", "Zp")  # categories of Unicode


def typed_path(text: str) -> Path:
    r"""Return the path a person means who types or pastes `text`.

    Quotes and invisible marks around it go, as Windows and chats add them; an address of a file
    (`file:///a%20b`) and a path escaped for a shell (`/a\ b`) are understood. A `~` that names
    nobody's home stays as it is.
    """
    if Path(text).is_absolute() and os.path.lexists(text):
        return Path(text)
    while text and (text[0] in AROUND_PATHS or unicodedata.category(text[0]) in INVISIBLE):
        text = text[1:]
    while text and (text[-1] in AROUND_PATHS or unicodedata.category(text[-1]) in INVISIBLE):
        text = text[:-1]
    if text.lower().startswith("file:/"):
        text = url2pathname(urlsplit(text).path)
    elif os.sep == "/" and not os.path.lexists(text):
        text = re.sub(r"\\(\W)", r"\1", text)
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)
