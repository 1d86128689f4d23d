"""Chapters and manifest are typed: whoever edits them is told what is wrong, and where."""

import json

import msgspec
import pytest

from stimage.explainer.chapters import Myth, read_chapter
from stimage.explainer.manifest import read_manifest

CHAPTER = '+++\ntitle = "Noise in"\n{more}\n+++\nSome text.\n'
BARS = {"kind": "bars", "made": {"by": "Counted"}, "command": "", "caption": "", "head": ["A", "B"]}


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("short_path = 1", r"\$\.short_path"),
        ('prompt = "a cat"', "prompt"),
        ("try = 3", r"\$\.try"),
        ('here = ["nowhere"]', r"\$\.here"),
    ],
)
def test_a_wrong_head_is_refused_with_the_name_of_its_field(tmp_path, more, says):
    file = tmp_path / "03-noise.md"
    file.write_text(CHAPTER.format(more=more))
    with pytest.raises(msgspec.ValidationError, match=says):
        read_chapter(file)


def test_what_a_head_leaves_out_is_empty(tmp_path):
    file = tmp_path / "03-noise.md"
    file.write_text(CHAPTER.format(more=""))
    chapter = read_chapter(file)
    assert (chapter.anchor, chapter.head.title, chapter.head.prompt) == ("noise", "Noise in", "")
    assert not chapter.head.short_path
    assert chapter.head.here is None


def test_a_myth_has_its_claim_what_is_right_and_its_source(tmp_path):
    file = tmp_path / "03-noise.md"
    file.write_text(
        CHAPTER.format(more="") + "\n::: myth “It glues.”\nIt does not.\n---\nA.\n:::\n"
    )
    assert Myth("“It glues.”", "It does not.", "A.") in read_chapter(file).blocks


def test_a_word_of_another_language_says_which(tmp_path):
    file = tmp_path / "03-noise.md"
    file.write_text(CHAPTER.format(more="") + "Noise {de:Rauschen}.\n")
    assert '<i lang="de">Rauschen</i>' in read_chapter(file).blocks[0].text


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"rows": [{"label": "cat", "value": "many", "text": ""}]}, r"rows\[0\]\.value"),
        ({"rows": [{"label": "cat", "text": ""}]}, "value"),
        ({"notes": ["not a list"]}, r"notes\[0\]"),
        ({"chips": [[["cat", "991"]]]}, r"chips\[0\]\[0\]\[1\]"),
        ({"kind": "pie"}, "kind"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_figure_is_refused_with_the_place_of_what_is_wrong(tmp_path, wrong, says):
    file = tmp_path / "manifest.json"
    file.write_text(json.dumps({"figures": {"word-counts": BARS | wrong}}))
    with pytest.raises(msgspec.ValidationError, match=says):
        read_manifest(file)


def test_without_a_manifest_there_are_no_figures(tmp_path):
    assert read_manifest(tmp_path / "manifest.json") == {}
