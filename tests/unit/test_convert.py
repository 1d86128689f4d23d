"""Checkpoints: what is refused and why, what is accepted, and that it is the same bits after."""

import contextlib
import json
import pickle
import shutil

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file

from stimage.errors import ModelError
from stimage.i18n import has_sentence, sentence
from stimage.importing.architecture import OWN_CONFIGS, recognize
from stimage.importing.checking import parts_of
from stimage.importing.convert import convert
from stimage.importing.reader import Opened
from stimage.inference.pipeline import load_pipeline
from stimage.models.folder import PARTS, WEIGHTS, ModelFolder, Record
from tests.support.bad_files import BAD_FILES
from tests.support.made_files import Good
from tests.support.malicious_files import MALICIOUS, lightning_like


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return Good(tmp_path_factory.mktemp("good"))


@pytest.fixture
def models(tmp_path, monkeypatch):
    monkeypatch.setenv("STIMAGE_MODELS", str(tmp_path / "models"))
    (tmp_path / "models").mkdir()
    return tmp_path / "models"


def silent(*_progress):
    pass


def weights(pipeline):
    return {
        f"{part}.{name}": tensor
        for part in WEIGHTS
        for name, tensor in getattr(pipeline, part).state_dict().items()
    }


def same_weights(one, other):
    first, second = weights(one), weights(other)
    return first.keys() == second.keys() and all(
        torch.equal(first[name], second[name]) for name in first
    )


@pytest.mark.parametrize("title", BAD_FILES)
def test_a_bad_file_is_refused_with_its_reason(title, good, tmp_path):
    code, make = BAD_FILES[title]
    file, target = tmp_path / "model.ckpt", tmp_path / "out"
    make(good, file)
    with pytest.raises(ModelError) as caught:
        convert(file, target, Record(), silent)
    assert caught.value.code == code
    assert has_sentence(code)
    said = sentence(caught.value)
    assert said[-1] in ".…"
    assert 20 < len(said) < 400
    assert "{" not in said
    assert str(tmp_path) not in said
    assert not (tmp_path / "touched").exists()
    assert not ModelFolder(target).record_file.exists()


@pytest.mark.parametrize("title", MALICIOUS)
def test_the_malicious_files_are_truly_malicious(title, good, tmp_path):
    """Opened without restriction they do what they want: so the refusals above mean something."""
    file = tmp_path / "model.ckpt"
    MALICIOUS[title](good, file)
    if title.endswith(("bare pickle", "protocol 4")):
        pickle.loads(file.read_bytes())  # noqa: S301 (that is what is tried)
    else:
        torch.load(file, weights_only=False)
    assert (tmp_path / "touched").exists()


SMALL_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@settings(
    max_examples=40,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_no_odd_value_in_a_checkpoints_own_configs_is_a_crash(good, data):
    configs = json.loads(good.configs)
    part = data.draw(st.sampled_from(PARTS))
    key = data.draw(st.sampled_from(sorted(configs[part])))
    value = data.draw(SMALL_JSON | st.just("gone"))
    configs[part].pop(key) if value == "gone" else configs[part].update({key: value})
    opened = Opened(good.tensors, {OWN_CONFIGS: json.dumps(configs)})
    with contextlib.suppress(ModelError):
        parts_of(opened, recognize(opened))


def test_there_are_at_least_forty_bad_files():
    assert len(BAD_FILES) >= 40


@pytest.mark.parametrize(
    "source",
    [
        "ckpt",
        "safetensors",
        "ckpt named .safetensors",
        "safetensors named .ckpt",
        "legacy",
        "lightning",
    ],
)
def test_a_good_file_of_each_format_is_converted_bit_for_bit(source, good, tmp_path):
    file = tmp_path / ("model.safetensors" if source.endswith("safetensors") else "model.ckpt")
    if source == "lightning":
        lightning_like(good, file)
    elif source == "legacy":
        whole = torch.load(good.ckpt, weights_only=True)
        torch.save(whole, file, _use_new_zipfile_serialization=False)
    else:
        shutil.copy(good.ckpt if source.startswith("ckpt") else good.safetensors, file)
    convert(file, tmp_path / "out", Record(title="A model"), silent)
    expected = load_pipeline(str(good.folder))
    loaded = load_pipeline(str(tmp_path / "out"))
    assert same_weights(expected.pipeline, loaded.pipeline)
    assert loaded.pipeline.scheduler.config.prediction_type == "v_prediction"
    assert loaded.pipeline.tokenizer("a fox").input_ids == (
        expected.pipeline.tokenizer("a fox").input_ids
    )
    record = ModelFolder(tmp_path / "out").record()
    assert record.title == "A model"
    assert record.origin is not None
    assert record.origin.bytes == str(file.stat().st_size)
    assert len(record.origin.sha256) == 64
    assert record.unet_sha256.startswith(loaded.model_hash)


def test_a_file_in_half_precision_keeps_its_values(good, tmp_path):
    half = {name: tensor.half() for name, tensor in good.tensors.items()}
    torch.save({"state_dict": half, "stimage": good.configs}, tmp_path / "half.ckpt")
    convert(tmp_path / "half.ckpt", tmp_path / "out", Record(), silent)
    unet = load_file(tmp_path / "out" / "unet" / WEIGHTS["unet"])
    name = "model.diffusion_model.input_blocks.0.0.weight"
    assert torch.equal(unet["conv_in.weight"], half[name].float())


def test_a_folder_with_bin_files_is_imported_without_its_pickles(good, tmp_path):
    folder = shutil.copytree(good.folder, tmp_path / "old")
    for part, file in WEIGHTS.items():
        safe = folder / part / file
        torch.save(load_file(safe), safe.with_suffix(".bin"))
        safe.unlink()
    convert(folder, tmp_path / "out", Record(), silent)
    assert not list((tmp_path / "out").rglob("*.bin"))
    before, after = load_pipeline(str(good.folder)), load_pipeline(str(tmp_path / "out"))
    assert same_weights(before.pipeline, after.pipeline)


def test_the_folder_of_a_malicious_bin_file_is_refused(good, tmp_path):
    folder = shutil.copytree(good.folder, tmp_path / "old")
    (folder / "unet" / WEIGHTS["unet"]).unlink()
    MALICIOUS["os.system in a zip"](good, folder / "unet" / "diffusion_pytorch_model.bin")
    with pytest.raises(ModelError) as caught:
        convert(folder, tmp_path / "out", Record(), silent)
    assert caught.value.code == "unsafe_pickle"
    assert not (folder / "unet" / "touched").exists()
