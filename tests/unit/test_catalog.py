"""The catalogue, the models that lie here, the memory that is left, and the shipped vocabulary."""

import hashlib
import json

import pytest

from stimage.errors import ModelError, TooLittleMemory
from stimage.hardware import memory
from stimage.importing.architecture import CONFIGS
from stimage.models import catalog, library
from stimage.models.tokenizer import read_tokenizer
from tools.clip_vocabulary import write_vocabulary

VOCABULARY = {
    "vocab.json": "4845b0e575739dbabfda3b54f086884b37d73e94b067988d925a7e52bfdfb8e8",
    "merges.txt": "9fd691f7c8039210e0fced15865466c65820d09b63988b0174bfe25de299051a",
}


@pytest.fixture
def models(tmp_path, monkeypatch):
    monkeypatch.setenv("STIMAGE_MODELS", str(tmp_path))
    return tmp_path


def test_the_shipped_model_comes_first_and_needs_no_download():
    first = catalog.entries()[0]
    assert first.name == catalog.SHIPPED
    assert first.source == ""
    assert first.download_mib == 0


def test_every_other_model_says_what_one_must_know_before_fetching_it():
    for entry in catalog.entries()[1:]:
        assert entry.source.count("/") == 1
        assert entry.licence != "unknown"
        assert entry.licence_url.startswith("https://")
        assert entry.download_mib > 100
        assert entry.memory_mib > 500
        assert 1 <= entry.steps <= entry.limits.max_steps
        assert entry.guidance_scale <= entry.limits.max_guidance_scale
        assert entry.width == entry.height == 512
        assert entry.about.endswith(".")


def test_each_tiny_decoder_that_a_model_names_is_in_the_catalogue():
    named = {entry.tiny_decoder for entry in catalog.entries() if entry.tiny_decoder}
    assert named == set(catalog.decoders())


def test_each_scheduler_that_a_model_names_is_one_of_the_engines():
    from stimage.inference.diffusion import SCHEDULERS

    named = {entry.scheduler for entry in catalog.entries() if entry.scheduler}
    assert named <= set(SCHEDULERS)


def test_a_model_is_found_by_name_hub_id_and_mirror():
    model = catalog.entry("sd-1-5")
    assert catalog.entry(model.source) is not None
    for name in (model.source, *model.mirrors):
        assert catalog.entry(name) == model


@pytest.mark.usefixtures("models")
@pytest.mark.parametrize("name", ["", "nothing", "../stimage-mini", "a/b", "..", "x" * 999])
def test_an_unknown_name_is_refused_with_the_known_ones(name):
    with pytest.raises(ModelError, match="Known are: stimage-mini") as caught:
        catalog.entry(name)
    assert caught.value.code == "unknown"
    assert len(str(caught.value)) < 400


@pytest.mark.usefixtures("models")
def test_a_model_that_is_not_here_says_how_to_get_it():
    with pytest.raises(ModelError, match="Download it on the Models page") as caught:
        library.find("sd-1-5")
    assert caught.value.code == "not_here"


def test_a_file_is_not_a_model_until_it_is_imported(models):
    (models / "some.ckpt").write_bytes(b"x")
    with pytest.raises(ModelError, match="Import it") as caught:
        library.find(str(models / "some.ckpt"))
    assert caught.value.code == "not_imported"


def test_a_folder_without_a_model_says_what_it_lacks(models):
    with pytest.raises(ModelError, match=r"model_index\.json"):
        library.find(str(models))


def test_what_ships_cannot_be_removed(models):
    for name in ("stimage-mini", "configs", "pos-tagger", "..", "/etc"):
        with pytest.raises(ModelError):
            library.remove(name)
    assert models.exists()


def test_a_model_too_big_is_refused_with_the_numbers_and_the_next_smaller_choice(monkeypatch):
    monkeypatch.setattr(memory, "left_mib", lambda: 1300)
    big = catalog.entry("sd-1-5")
    with pytest.raises(TooLittleMemory) as caught:
        library.check_memory(big)
    sentence = str(caught.value)
    assert f"{big.memory_mib:,} MiB" in sentence
    assert "1,300 MiB are left" in sentence
    fitting = [e for e in catalog.entries() if e.memory_mib <= 1300]
    assert max(fitting, key=lambda e: e.memory_mib).title in sentence
    library.check_memory(big, freed_mib=big.memory_mib)


def test_where_nothing_fits_no_smaller_choice_is_promised(monkeypatch):
    monkeypatch.setattr(memory, "left_mib", lambda: 10)
    with pytest.raises(TooLittleMemory, match=r"Close other programs and try again\."):
        library.check_memory(catalog.entry("sd-1-5"))


def test_the_limit_of_a_container_counts_and_its_file_pages_do_not(tmp_path):
    (tmp_path / "memory.max").write_text(f"{900 * 2**20}\n")
    (tmp_path / "memory.current").write_text(f"{800 * 2**20}\n")
    (tmp_path / "memory.stat").write_text(
        f"anon {500 * 2**20}\nactive_file {100 * 2**20}\ninactive_file {200 * 2**20}\n"
    )
    assert memory.left_mib(tmp_path) == 400
    (tmp_path / "memory.max").write_text("max\n")
    assert memory.left_mib(tmp_path) == memory.left_mib(tmp_path / "nothing") > 0


def test_the_older_kind_of_container_counts_too(tmp_path):
    group = tmp_path / "memory"
    group.mkdir()
    (group / "memory.limit_in_bytes").write_text(str(300 * 2**20))
    (group / "memory.usage_in_bytes").write_text(str(100 * 2**20))
    (group / "memory.stat").write_text("inactive_file 0\n")
    assert memory.left_mib(tmp_path) == 200


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
    config = CONFIGS / "sd-v1" / "tokenizer" / "tokenizer_config.json"
    (tmp_path / config.name).write_bytes(config.read_bytes())
    with pytest.raises(ModelError, match="vocabulary is broken") as caught:
        read_tokenizer(tmp_path, 49408)
    assert caught.value.code == "tokenizer"


def test_the_same_model_in_float32_needs_room_for_twice_the_weights(models):
    entry = catalog.entry("sd-1-5")
    unet = models / entry.name / "unet"
    unet.mkdir(parents=True)
    with (unet / "diffusion_pytorch_model.safetensors").open("wb") as file:
        file.truncate(200 * 2**20)
    record = models / entry.name / catalog.RECORD
    for dtype, more in (("BF16", 0), ("F32", 100)):
        record.write_text(json.dumps({"dtype": dtype, "catalog": entry.name}))
        assert library.needed_mib(entry) == entry.memory_mib + more
