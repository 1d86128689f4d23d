"""What a model needs of memory and disk, and what is said where it is not there."""

import json

import pytest

from stimage.config import config
from stimage.errors import ModelError, TooLittleMemory
from stimage.hardware import memory
from stimage.i18n import sentence
from stimage.models import catalog
from stimage.models.folder import ModelFolder
from stimage.models.requirements import check_disk, check_memory, needed_mib


def test_a_model_too_big_is_refused_with_the_numbers_and_the_next_smaller_choice(monkeypatch):
    monkeypatch.setattr(memory, "left_mib", lambda: 1300)
    big = catalog.entry("sd-1-5")
    with pytest.raises(TooLittleMemory) as caught:
        check_memory(big)
    said = sentence(caught.value)
    assert f"{big.memory_mib:,} MiB" in said
    assert "1,300 MiB are left" in said
    fitting = [e for e in catalog.entries() if e.memory_mib <= 1300]
    assert max(fitting, key=lambda e: e.memory_mib).title in said
    check_memory(big, freed_mib=big.memory_mib)


def test_where_nothing_fits_no_smaller_choice_is_promised(monkeypatch):
    monkeypatch.setattr(memory, "left_mib", lambda: 10)
    with pytest.raises(TooLittleMemory) as caught:
        check_memory(catalog.entry("sd-1-5"))
    assert sentence(caught.value).endswith("Close other programs and try again.")


def test_the_same_model_in_float32_needs_room_for_twice_the_weights(tmp_path, monkeypatch):
    monkeypatch.setenv("STIMAGE_MODELS", str(tmp_path))
    entry = catalog.entry("sd-1-5")
    folder = ModelFolder(tmp_path / entry.name)
    folder.part("unet").mkdir(parents=True)
    with folder.weights("unet").open("wb") as file:
        file.truncate(200 * 2**20)
    for dtype, more in (("BF16", 0), ("F32", 100), (["a list"], 0)):
        folder.record_file.write_text(json.dumps({"dtype": dtype, "catalog": entry.name}))
        assert needed_mib(entry) == entry.memory_mib + more


@pytest.mark.parametrize("inside", ["", "models"])
def test_a_file_in_the_way_of_the_models_folder_is_a_sentence(tmp_path, monkeypatch, inside):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("STIMAGE_MODELS", str(tmp_path / "file" / inside))
    with pytest.raises(ModelError) as caught:
        check_disk(1)
    assert caught.value.code == "models_folder_is_file"
    assert "STIMAGE_MODELS" in sentence(caught.value)


def test_a_models_folder_that_cannot_be_written_to_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("STIMAGE_MODELS", str(tmp_path))
    monkeypatch.setattr("os.access", lambda _path, _mode: False)
    with pytest.raises(ModelError) as caught:
        check_disk(1)
    assert caught.value.code == "models_folder_read_only"


def test_a_tilde_is_the_home_folder_and_nothing_is_the_default(tmp_path, monkeypatch):
    for home in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(home, str(tmp_path))
    monkeypatch.setenv("STIMAGE_MODELS", "~/models")
    monkeypatch.setenv("STIMAGE_MODEL", "~/fox")
    assert config().models == tmp_path / "models"
    assert config().model == str(tmp_path / "fox")
    monkeypatch.setenv("STIMAGE_MODELS", "~nobody-of-this-name/models")
    assert config().models.name == "models"
    default = type(config())()
    for name in ("MODEL", "MODELS", "OWNER"):
        monkeypatch.setenv(f"STIMAGE_{name}", " ")
    assert config() == default
