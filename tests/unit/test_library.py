"""Which models are installed: found, listed, removed; a broken one never takes the others along."""

import shutil

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stimage import paths
from stimage.errors import ModelError
from stimage.i18n import Edge, has_sentence, say, sentence
from stimage.models import catalog, library
from stimage.models.folder import Record, folder_of
from stimage.paths import SHIPPED
from tests.support.odd_models import JSON, install

FUZZ = settings(
    max_examples=60,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def models(tmp_path, monkeypatch):
    monkeypatch.setenv("STIMAGE_MODELS", str(tmp_path))
    return tmp_path


@pytest.mark.usefixtures("models")
@pytest.mark.parametrize("name", ["", "nothing", "../stimage-mini", "a/b", "..", "x" * 999, "\0"])
def test_an_unknown_name_is_refused(name):
    with pytest.raises(ModelError) as caught:
        library.find(name)
    assert caught.value.code == "unknown_model"


@pytest.mark.usefixtures("models")
def test_a_model_that_is_not_installed_says_how_to_get_it():
    with pytest.raises(ModelError) as caught:
        library.find("sd-1-5")
    assert caught.value.code == "not_installed"
    assert "Download it on the Models page" in sentence(caught.value)
    assert "page" not in sentence(caught.value, Edge.COMMAND_LINE)


def test_a_file_is_not_a_model_until_it_is_imported(models):
    (models / "some.ckpt").write_bytes(b"x")
    with pytest.raises(ModelError) as caught:
        library.find(str(models / "some.ckpt"))
    assert caught.value.code == "not_imported"
    assert "Import it" in sentence(caught.value)


def test_a_folder_without_a_model_says_what_it_lacks(models):
    with pytest.raises(ModelError) as caught:
        library.find(str(models))
    assert caught.value.code == "not_a_model_folder"
    assert "model_index.json" in sentence(caught.value)


def test_a_name_that_no_disk_takes_is_a_sentence():
    with pytest.raises(ModelError) as caught:
        library.find("/" + "x" * 5000)
    assert caught.value.code == "unreadable_folder"


def test_what_ships_cannot_be_removed(models):
    for name in (*SHIPPED, "configs", "pos-tagger", "..", "/etc"):
        with pytest.raises(ModelError):
            library.remove(name)
    assert models.exists()


@pytest.mark.usefixtures("models")
def test_models_elsewhere_do_not_hide_what_ships():
    for name in SHIPPED:
        folder, entry = library.find(name)
        assert folder.path == paths.SHIPPED_MODELS / name
        assert entry == catalog.entry(name)
    assert library.installed() == [catalog.entry(name) for name in SHIPPED]


def test_a_model_whose_catalog_entry_has_vanished_is_described_by_its_own_files(models):
    origin = {"file": "old.ckpt", "kind": "Stable Diffusion 1.x", "bytes": "9", "sha256": "0"}
    record = {"catalog": "gone", "title": "An old one", "licence": "MIT", "origin": origin}
    install(models / "gone", record, {"sample_size": 32})
    _, entry = library.find("gone")
    assert (entry.name, entry.title, entry.license) == ("gone", "An old one", "MIT")
    assert entry.width == entry.height == 256
    assert entry.about is not None
    assert say(entry.about) == "Imported from old.ckpt: Stable Diffusion 1.x."
    assert entry in library.installed()


def test_two_folders_of_one_catalog_model_are_two_models(models):
    for name in ("tiny-sd", "copy"):
        install(models / name, {"catalog": "tiny-sd"})
    names = [entry.name for entry in library.installed()]
    assert names == [*SHIPPED, "tiny-sd", "copy"]
    assert library.find("copy")[1].title == library.find("tiny-sd")[1].title


def test_what_is_still_being_written_is_not_listed(models):
    install(models / ".fox.importing")
    assert [entry.name for entry in library.installed()] == [*SHIPPED]


@pytest.mark.parametrize(
    ("record", "unet", "code"),
    [
        ({"title": ["a", "list"]}, None, "broken_record"),
        ({"origin": {"file": 7}}, None, "broken_record"),
        ([], None, "broken_record"),
        (None, {"sample_size": [64]}, "broken_config"),
        (None, {"sample_size": -1}, "broken_config"),
        (None, {"sample_size": 10**9}, "broken_config"),
        (None, [], "not_a_model_folder"),
    ],
)
def test_a_broken_model_is_listed_with_what_is_wrong_and_can_be_removed(models, record, unet, code):
    install(models / "broken", record, unet)
    install(models / "good", {"title": "Good"})
    broken, good = library.installed()[len(SHIPPED) :]
    assert broken.error is not None
    assert broken.error.key == code
    assert has_sentence(code)
    assert "broken" in say(broken.error)
    assert good.error is None
    with pytest.raises(ModelError):
        library.find("broken")
    library.remove("broken")
    assert [entry.name for entry in library.installed()] == [*SHIPPED, "good"]


@FUZZ
@given(record=JSON, unet=JSON)
def test_no_record_and_no_config_takes_the_list_down(models, record, unet):
    install(models / "odd", record, unet)
    listed = {entry.name: entry for entry in library.installed()}
    assert listed.keys() == {*SHIPPED, "odd"}
    assert listed["odd"].error is None or has_sentence(listed["odd"].error.key)


@FUZZ
@given(
    record=st.fixed_dictionaries({}, optional=dict.fromkeys(Record.__struct_fields__, JSON)),
    unet=st.fixed_dictionaries({}, optional={"sample_size": JSON, "block_out_channels": JSON}),
)
def test_no_odd_value_in_a_record_takes_the_list_down(models, record, unet):
    install(models / "odd", record, unet)
    assert [entry.name for entry in library.installed()] == [*SHIPPED, "odd"]


@FUZZ
@given(record=st.binary(max_size=40))
def test_no_bytes_in_a_record_take_the_list_down(models, record):
    install(models / "odd").record_file.write_bytes(record)
    assert [entry.name for entry in library.installed()] == [*SHIPPED, "odd"]


def test_folders_in_place_of_files_and_links_to_nowhere_are_broken_models(models):
    install(models / "a").record_file.unlink()
    folder_of("a").record_file.mkdir()
    shutil.rmtree(install(models / "b").part("unet"))
    folder_of("b").part("unet").symlink_to(models / "nowhere")
    (install(models / "c").part("unet") / "x.safetensors").symlink_to(models / "nowhere")
    others = library.installed()[len(SHIPPED) :]
    codes = [entry.error.key if entry.error else "" for entry in others]
    assert codes == ["broken_record", "not_a_model_folder", ""]


def test_a_linked_model_is_unlinked_not_emptied(models, tmp_path_factory):
    elsewhere = install(tmp_path_factory.mktemp("elsewhere") / "fox")
    (models / "fox").symlink_to(elsewhere.path)
    library.remove("fox")
    assert elsewhere.is_complete
    assert not (models / "fox").exists()


def test_a_record_is_read_as_it_was_written():
    record = Record(title="A fox", catalog="tiny-sd", dtype="BF16", unet_sha256="0" * 64)
    assert msgspec.json.decode(msgspec.json.encode(record), type=Record) == record


@pytest.mark.parametrize(
    ("unet", "size"),
    [
        ({"sample_size": [32, 64]}, (512, 256)),
        ({"sample_size": 32, "_diffusers_version": "0.6.0"}, (512, 512)),
        ({"sample_size": 32, "_diffusers_version": "0.36.0"}, (256, 256)),
        ({"sample_size": 32}, (256, 256)),
        ({"other": 1}, (512, 512)),
    ],
)
def test_the_size_of_the_pictures_is_what_the_config_means(models, unet, size):
    install(models / "some", unet=unet)
    _, entry = library.find("some")
    assert (entry.width, entry.height) == size
