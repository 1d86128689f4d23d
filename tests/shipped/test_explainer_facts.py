"""Facts and figures of the explainer: every number has its source, every frame its words."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from datetime import timedelta

import pytest
from PIL import Image

from stimage.config import DEFAULT_MODEL
from stimage.explainer.chapters import FOLDER, chapters, figures_of
from stimage.explainer.facts import PLACE, facts
from stimage.explainer.manifest import figures, made_line, picture_of
from stimage.paths import EXPLAINER_FIGURES, ROOT, SHIPPED_MODELS
from tools.facts_due import due

CHANGING = ("act_", "court_", "help_")
MAX_BYTES = 6_000_000
NEEDS_MODEL = pytest.mark.skipif(
    not (ROOT / "models/stimage-mini/unet").exists(), reason="our model is not here yet"
)


def test_every_fact_is_told_once_or_more():
    told = {place for path in FOLDER.glob("*.md") for place in PLACE.findall(path.read_text())}
    assert told == set(facts())


def test_every_fact_has_a_source_and_what_changes_a_day_to_be_checked_again():
    for key, fact in facts().items():
        assert fact.about, key
        assert fact.source, key
        assert fact.section, key
        assert (fact.recheck_after is not None) == key.startswith(CHANGING), key
        assert fact.recheck_after is None or fact.recheck_after > fact.checked, key


def test_a_command_lists_the_facts_that_are_due():
    law = {key: fact for key, fact in facts().items() if fact.recheck_after}
    first = min(fact.recheck_after for fact in law.values())
    assert due(first, facts())
    assert not due(first - timedelta(days=1), facts())
    assert due(max(fact.recheck_after for fact in law.values()), facts()) == law


def test_the_facts_of_our_own_pictures_are_those_of_the_program():
    words = pytest.importorskip("stimage.training.scenes.words")
    from stimage.training.scenes import captions, plan

    assert facts()["our_nouns"].value == str(len(words.NOUNS))
    assert facts()["our_places"].value == str(len(words.PLACES))
    assert words.NEVER_SHOWN == ("purple", "car")
    assert words.ORANGE_CATS == 0.8
    assert facts()["our_orange"].value == "8 of 10"
    assert captions.DROP_ALL == 0.1
    assert plan.REPEATED.things[0].noun == "crown"


@NEEDS_MODEL
def test_a_chapter_offers_to_draw_a_picture_of_the_page():
    for chapter in chapters():
        if chapter.head.prompt:
            assert picture_of(chapter.head.prompt, chapter.head.seed), chapter.anchor
    assert sum(bool(chapter.head.prompt) for chapter in chapters()) >= 15


@NEEDS_MODEL
def test_every_figure_that_a_chapter_asks_for_is_made():
    asked = {name for chapter in chapters() for name in figures_of(chapter)}
    assert asked - set(figures()) == set(), "Run: python -m stimage.training.figures"


@NEEDS_MODEL
def test_the_facts_of_our_model_are_those_of_its_files():
    folder = SHIPPED_MODELS / DEFAULT_MODEL
    vae, unet, text = (
        json.loads((folder / part / "config.json").read_text())
        for part in ("vae", "unet", "text_encoder")
    )
    side = vae["sample_size"]
    latent = unet["sample_size"] ** 2 * unet["in_channels"]
    assert facts()["our_side"].value == str(side)
    assert facts()["our_values"].value == f"{3 * side**2:,}"
    assert facts()["our_latent_values"].value == f"{latent:,}"
    assert facts()["latent_ratio"].value == str(3 * side**2 // latent)
    assert facts()["our_tokens"].value == str(text["max_position_embeddings"])
    assert facts()["our_embedding"].value == str(text["hidden_size"])
    files = list(folder.glob("*/*.safetensors"))
    weights = sum(math.prod(shape) for file in files for shape in shapes(file))
    assert facts()["our_weights"].value == f"{weights / 1e6:.1f}"
    assert facts()["our_size"].value == f"{sum(file.stat().st_size for file in files) / 1e6:.0f}"


def shapes(file):
    """Return the shape of each tensor in a safetensors file, from its head."""
    with file.open("rb") as opened:
        head = json.loads(opened.read(int.from_bytes(opened.read(8), "little")))
    return [entry["shape"] for name, entry in head.items() if name != "__metadata__"]


@NEEDS_MODEL
def test_the_facts_of_our_training_are_those_of_its_records():
    folder = SHIPPED_MODELS / DEFAULT_MODEL
    card = (folder / "README.md").read_text("utf-8")
    for key in ("our_views", "our_pictures", "our_hours"):
        assert facts()[key].value in card, key
    views, pictures = (
        int(facts()[key].value.replace(",", "")) for key in ("our_views", "our_pictures")
    )
    assert facts()["our_trips"].section == f"{views / pictures:.1f}"
    skew = json.loads((folder / "training/evaluation.json").read_text())["experiments"]["skew"]
    assert facts()["our_orange_counted"].value == f"{100 * skew['trained_share']:.0f} of 100"


def test_every_frame_of_every_figure_says_in_words_what_it_shows():
    for name, figure in figures().items():
        assert len(made_line(figure.made)) >= 9, name
        if figure.kind != "frames":
            continue
        for notes in figure.notes or [[""]]:
            for note in notes:
                alt = figure.alt.replace("{note}", note)
                assert len(re.sub(r"\{\d\}", "", alt)) >= 15, name
                assert ".webp" not in alt


def test_every_frame_of_every_figure_has_a_place_in_its_picture():
    for name, figure in figures().items():
        for file in figure.files:
            assert (EXPLAINER_FIGURES / file).exists(), name
            if file.endswith(".webp"):
                width, height = Image.open(EXPLAINER_FIGURES / file).size
                assert width == figure.columns * figure.cell[0], name
                assert height == figure.rows * figure.cell[1], name


def test_all_figures_together_are_light_and_none_is_left_over():
    listed = {file for figure in figures().values() for file in figure.files}
    found = {path.name for path in EXPLAINER_FIGURES.glob("*") if path.name != "manifest.json"}
    assert found == listed
    assert sum(path.stat().st_size for path in EXPLAINER_FIGURES.glob("*")) <= MAX_BYTES


def test_the_command_that_lists_them_needs_next_to_nothing_installed():
    code = "import sys, tools.facts_due; print({'babel', 'numpy', 'streamlit'} & {*sys.modules})"
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "set()"
