"""The catalog, and the vocabulary that ships with it."""

import hashlib
import json

import pytest

from stimage import paths
from stimage.config import DEFAULT_MODEL
from stimage.errors import ModelError
from stimage.i18n import has_sentence, say, sentence
from stimage.models import catalog
from stimage.models.folder import ModelFolder
from stimage.models.tokenizer import read_tokenizer
from stimage.paths import SHIPPED
from tools.clip_vocabulary import write_vocabulary

CONFIGS = paths.CHECKPOINT_CONFIGS

VOCABULARY = {
    "vocab.json": "4845b0e575739dbabfda3b54f086884b37d73e94b067988d925a7e52bfdfb8e8",
    "merges.txt": "9fd691f7c8039210e0fced15865466c65820d09b63988b0174bfe25de299051a",
}


def test_what_ships_comes_first_and_needs_no_download():
    first = catalog.entries()[: len(SHIPPED)]
    assert tuple(entry.name for entry in first) == SHIPPED
    assert {(entry.source, entry.download_mib) for entry in first} == {("", 0)}


def test_every_other_model_says_what_one_must_know_before_fetching_it():
    for entry in catalog.entries()[len(SHIPPED) :]:
        assert entry.source.count("/") == 1
        assert entry.license != "unknown"
        assert entry.license_url.startswith("https://")
        assert entry.download_mib > 100
        assert entry.memory_mib > 500
        assert 1 <= entry.steps <= entry.limits.max_steps
        assert entry.guidance_scale <= entry.limits.max_guidance_scale
        assert entry.limits.guidance != "none" or entry.guidance_scale == 1
        assert entry.width == entry.height == 512


def test_each_tiny_decoder_that_a_model_names_is_in_the_catalog():
    named = {entry.tiny_decoder for entry in catalog.entries() if entry.tiny_decoder}
    assert named == set(catalog.decoders())


def test_each_scheduler_that_a_model_names_is_one_of_the_engines():
    from stimage.models.scheduler_names import SCHEDULERS

    named = {entry.scheduler for entry in catalog.entries() if entry.scheduler}
    assert named <= set(SCHEDULERS)


def test_a_model_is_found_by_name_hub_id_and_mirror():
    model = catalog.entry("sd-1-5")
    assert catalog.entry(model.source) is not None
    for name in (model.source, *model.mirrors):
        assert catalog.entry(name) == model


@pytest.mark.parametrize("name", ["", "nothing", "../stimage-mini", "a/b", "..", "x" * 999])
def test_an_unknown_name_is_refused_with_the_known_ones(name):
    with pytest.raises(ModelError) as caught:
        catalog.entry(name)
    assert caught.value.code == "unknown_model"
    assert f"Known models: {DEFAULT_MODEL}" in sentence(caught.value)
    assert len(sentence(caught.value)) < 400


def test_each_model_of_the_catalog_has_a_sentence_about_it():
    for entry in catalog.entries():
        assert entry.about is not None
        assert has_sentence(entry.about.key)
        assert say(entry.about).endswith(".")


def test_the_shipped_vocabulary_is_the_published_one():
    for name, digest in VOCABULARY.items():
        assert hashlib.sha256((CONFIGS / "clip" / name).read_bytes()).hexdigest() == digest
    words = json.loads((CONFIGS / "clip" / "vocab.json").read_text(encoding="utf-8"))
    assert sorted(words.values()) == list(range(49408))


def test_the_vocabulary_is_made_from_the_published_file_alone(tmp_path):
    (tmp_path / "other.gz").write_bytes(b"something else")
    with pytest.raises(ValueError, match="not the file"):
        write_vocabulary(tmp_path / "other.gz", tmp_path)


def test_the_shipped_vocabulary_reads_as_the_published_one_does():
    tokenizer = read_tokenizer(CONFIGS / "clip", 49408)
    ids = tokenizer("a photo of a cat").input_ids
    assert ids == [49406, 320, 1125, 539, 320, 2368, 49407]


def test_a_tokenizer_without_its_words_is_refused(tmp_path):
    config = ModelFolder(CONFIGS / "sd-v1").tokenizer / "tokenizer_config.json"
    (tmp_path / config.name).write_bytes(config.read_bytes())
    with pytest.raises(ModelError, match="tokenizer") as caught:
        read_tokenizer(tmp_path, 49408)
    assert caught.value.code == "tokenizer"
    assert "vocabulary is broken" in sentence(caught.value)
