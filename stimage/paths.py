"""Where things lie in the repository: every root, once."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHIPPED_MODELS = ROOT / "models"  # read only: the owner's own models may lie elsewhere
CATALOG = SHIPPED_MODELS / "catalog.toml"
CHECKPOINT_CONFIGS = SHIPPED_MODELS / "configs"  # what a bare checkpoint lacks
POS_TAGGER = SHIPPED_MODELS / "pos-tagger"
KEPT_PICTURES = ROOT / "kept"  # of whoever runs the app on their own computer
STATIC = ROOT / "static"  # Streamlit serves it under /app/static
EXPLAINER_FIGURES = STATIC / "explainer"
EXAMPLE_PICTURES = STATIC / "examples"
DICE_DATA = ROOT / "stimage" / "dice" / "data"
CHAPTERS = ROOT / "stimage" / "explainer"  # a folder for each language
ASSETS = ROOT / "stimage" / "ui" / "assets"
LOCALES = ROOT / "stimage" / "i18n" / "locales"
