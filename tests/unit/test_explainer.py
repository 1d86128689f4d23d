"""Chapters and manifest are typed: whoever edits them is told what is wrong, and where."""

import json

import msgspec
import pytest

from stimage.explainer.chapters import read_chapter
from stimage.explainer.manifest import read_manifest

CHAPTER = '+++\ntitle = "Noise in"\n{more}\n+++\nSome text.\n'
BARS = {"kind": "bars", "made": {"by": "Counted"}, "command": "", "caption": "", "head": ["A", "B"]}


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("short_path = 1", r"\$\.short_path"),
        ('prompt = "a cat"', "prompt"),
        ("try = 3", r"\$\.try"),
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
    assert (chapter.anchor, chapter.title, chapter.prompt) == ("noise", "Noise in", "")
    assert not chapter.short_path


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
