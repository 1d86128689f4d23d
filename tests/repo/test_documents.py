"""What the documents say is what the code does: settings, stages of the training."""

from __future__ import annotations

import dataclasses
import re

from stimage.config import Config
from stimage.paths import ROOT
from stimage.training.__main__ import STAGES

OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
FIELDS = [f"STIMAGE_{field.name.upper()}" for field in dataclasses.fields(Config)]


def test_the_table_of_settings_has_each_variable_once_and_in_order():
    assert re.findall(r"^\| `(STIMAGE_\w+)`", OPERATIONS, re.MULTILINE) == FIELDS


def test_no_document_names_a_variable_that_nothing_reads():
    documents = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("models/*.md")]
    texts = [document.read_text(encoding="utf-8") for document in documents]
    assert set(re.findall(r"STIMAGE_[A-Z_]+", "".join(texts))) <= set(FIELDS)


def test_the_document_about_training_names_all_stages_in_order():
    training = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
    assert tuple(re.findall(r"^\| \d+ \| `([\w.]+)`", training, re.MULTILINE)) == STAGES
