"""Folders of other models are refused by their configs, before anything is read or written."""

import contextlib
import json
import shutil

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from stimage.errors import ModelError
from stimage.i18n import has_sentence
from stimage.importing.architecture import OWN_CONFIGS, recognize
from stimage.importing.convert import convert
from stimage.importing.importer import import_model
from stimage.importing.reader import Opened
from stimage.models.few_steps import habits_of
from stimage.models.folder import ModelFolder, Origin, Record
from stimage.models.kind import check_kind, check_networks, check_pipeline
from stimage.models.library import describe
from tests.support.made_files import Good

SILENT = lambda *_: None  # noqa: E731 (nobody looks)


@pytest.fixture
def folder(tiny_folder, tmp_path):
    return ModelFolder(shutil.copytree(tiny_folder, tmp_path / "some"))


def change(file, **values):
    file.write_text(json.dumps(json.loads(file.read_text()) | values))


def refused(folder, tmp_path, monkeypatch):
    """Return the code with which every entrance refuses it; nothing is written."""
    monkeypatch.setenv("STIMAGE_MODELS", str(tmp_path / "models"))
    codes = set()
    for enter in (
        lambda: check_kind(folder),
        lambda: describe(folder),
        lambda: import_model(folder.path),
        lambda: convert(folder.path, tmp_path / "out", Record(), SILENT),
    ):
        with pytest.raises(ModelError) as caught:
            enter()
        codes.add(caught.value.code)
    assert not (tmp_path / "models").exists()
    assert not (tmp_path / "out").exists()
    [code] = codes
    assert has_sentence(code)
    return code


@pytest.mark.parametrize(
    ("unet", "code"),
    [
        ({"in_channels": 9}, "inpainting"),
        ({"in_channels": 8}, "other_input"),
        ({"in_channels": 5}, "other_input"),
        ({"in_channels": 7, "num_class_embeds": 1000}, "other_input"),
        ({"in_channels": [4]}, "other_input"),
        ({"addition_embed_type": "text_time"}, "sdxl"),
        ({"addition_embed_type": "image"}, "other_input"),
        ({"class_embed_type": "projection"}, "other_input"),
        ({"encoder_hid_dim_type": "image_proj"}, "other_input"),
        ({"cross_attention_dim": 2048}, "other_architecture"),
    ],
)
def test_a_unet_that_wants_more_than_a_prompt(folder, tmp_path, monkeypatch, unet, code):
    change(folder.config_file("unet"), **unet)
    assert refused(folder, tmp_path, monkeypatch) == code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("StableDiffusionXLPipeline", "sdxl"),
        ("StableDiffusionXLImg2ImgPipeline", "sdxl"),
        ("StableDiffusionXLInpaintPipeline", "sdxl"),
        ("KolorsPipeline", "sdxl"),
        ("StableDiffusionInpaintPipeline", "inpainting"),
        ("StableDiffusionInstructPix2PixPipeline", "other_input"),
        ("StableDiffusionDepth2ImgPipeline", "other_input"),
        ("StableDiffusionUpscalePipeline", "other_input"),
        ("StableDiffusionLatentUpscalePipeline", "other_input"),
        ("StableDiffusionImageVariationPipeline", "other_input"),
        ("StableUnCLIPImg2ImgPipeline", "other_input"),
        ("StableDiffusionControlNetPipeline", "other_input"),
        ("StableDiffusion3Pipeline", "sd3"),
        ("FluxPipeline", "flux"),
        ("KandinskyV22Pipeline", "other_pipeline"),
        ("PixArtAlphaPipeline", "other_pipeline"),
        ("IFPipeline", "other_pipeline"),
        ("AltDiffusionPipeline", "other_pipeline"),
        (["a", "list"], "other_pipeline"),
    ],
)
def test_the_pipeline_of_another_model(folder, tmp_path, monkeypatch, name, code):
    folder.index.write_text(json.dumps({"_class_name": name}))
    assert refused(folder, tmp_path, monkeypatch) == code


@pytest.mark.parametrize(
    "name",
    [
        "StableDiffusionPipeline",
        "StableDiffusionImg2ImgPipeline",
        "StableDiffusionPipelineSafe",
        "StableDiffusionInpaintPipelineLegacy",
        "LatentConsistencyModelPipeline",
        "DiffusionPipeline",
        "",
    ],
)
def test_pipelines_with_the_same_networks_are_taken(name):
    check_pipeline(name)


def test_a_folder_with_two_text_encoders_is_sdxl(folder, tmp_path, monkeypatch):
    folder.part("text_encoder_2").mkdir()
    assert refused(folder, tmp_path, monkeypatch) == "sdxl"


def test_only_an_index_is_enough_to_say_what_it_is(tmp_path):
    (tmp_path / "model_index.json").write_text('{"_class_name": "StableDiffusionXLPipeline"}')
    with pytest.raises(ModelError) as caught:
        import_model(tmp_path)
    assert caught.value.code == "sdxl"


def test_a_scheduler_that_cannot_draw_is_refused_at_import(folder, tmp_path, monkeypatch):
    change(folder.config_file("scheduler"), _class_name="FooScheduler")
    assert refused(folder, tmp_path, monkeypatch) == "scheduler_unsupported"


def test_the_folder_of_an_inpainting_model_is_refused_with_its_weights(
    folder, tmp_path, monkeypatch
):
    file = folder.weights("unet")
    tensors = load_file(file)
    first = tensors["conv_in.weight"]
    tensors["conv_in.weight"] = torch.cat([first, first, first[:, :1]], dim=1)
    save_file(tensors, file)
    change(folder.config_file("unet"), in_channels=9)
    assert refused(folder, tmp_path, monkeypatch) == "inpainting"


def test_our_own_configs_in_a_file_are_looked_at_too(tmp_path):
    good = Good(tmp_path)
    configs = json.loads(good.configs)
    configs["unet"]["addition_embed_type"] = "text_time"
    with pytest.raises(ModelError) as caught:
        recognize(Opened(good.tensors, {OWN_CONFIGS: json.dumps(configs)}))
    assert caught.value.code == "sdxl"


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        ("sd-turbo", 4),
        ("sd_turbo", 4),
        ("SDTurbo-fp16", 4),
        ("dreamshaper_8LCM", 4),
        ("realisticVisionV60B1_v51HyperVAE", 8),
        ("Hyper-SD15-1step", 1),
        ("some_lightning_8steps_v2", 8),
        ("sdxs-512-0.9", 1),
        ("dreamshaper-8", None),
        ("hyperrealism-v3", None),
        ("Hyper Realistic Photo", None),
        ("turbocharger", None),
        ("512-base-ema", None),
    ],
)
def test_few_step_models_begin_with_few_steps_and_no_guidance(folder, name, steps):
    for habits in (
        habits_of(folder, Record(title=name)),
        habits_of(folder, Record(origin=Origin(file=f"{name}.safetensors"))),
    ):
        expected = (20, 7.5) if steps is None else (steps, 1.0)
        assert (habits.steps, habits.guidance_scale) == expected


def test_latent_consistency_models_are_told_by_their_configs(folder):
    change(folder.config_file("scheduler"), _class_name="LCMScheduler")
    entry = describe(folder)
    assert (entry.steps, entry.guidance_scale, entry.scheduler) == (4, 1.0, "LCM")
    change(folder.config_file("unet"), time_cond_proj_dim=256)
    entry = describe(folder)
    assert (entry.steps, entry.guidance_scale, entry.guidance) == (4, 8.0, "embedded")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=4,
)
ODD = {
    "unet": ("in_channels", "addition_embed_type", "cross_attention_dim", "class_embed_type"),
    "vae": ("latent_channels",),
    "text_encoder": ("hidden_size",),
    "scheduler": ("_class_name",),
}


@settings(max_examples=80, derandomize=True, database=None, deadline=None)
@given(
    name=JSON,
    configs=st.fixed_dictionaries(
        {
            part: st.fixed_dictionaries({}, optional=dict.fromkeys(k, JSON))
            for part, k in ODD.items()
        }
    ),
)
def test_no_odd_value_in_a_config_is_a_crash(name, configs):
    for look in (lambda: check_pipeline(name), lambda: check_networks(configs)):
        with contextlib.suppress(ModelError):
            look()


def test_where_a_model_came_from_tells_it_too(folder):
    change(folder.config_file("unet"), _name_or_path="stabilityai/sd-turbo")
    assert describe(folder).steps == 4
