"""Every usual way to write the same weights gives the same model."""

import re

import pytest
import torch
from safetensors.torch import load_file, save_file

from stimage.errors import ModelError
from stimage.i18n import has_sentence
from stimage.importing.architecture import OWN_CONFIGS
from stimage.importing.reader import Opened
from stimage.importing.spellings import as_usual
from stimage.importing.state_dict_keys import Parts, to_original
from stimage.models.folder import WEIGHTS, ModelFolder
from tests.support.imported import assert_same, imported, weights_of
from tests.support.made_files import Good

TEXT, CLIP = "cond_stage_model.", "cond_stage_model.transformer.text_model."
NEWER = "conditioner.embedders.0."
MIDDLE = re.compile(r"(mid\.attn_1\.)(q|k|v|proj_out|norm)\.")
E4M3 = torch.float8_e4m3fn


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return Good(tmp_path_factory.mktemp("good"))


def as_file(good, tensors, tmp_path):
    file = tmp_path / "model.safetensors"
    plain = {name: tensor.contiguous() for name, tensor in tensors.items()}
    save_file(plain, file, metadata={OWN_CONFIGS: good.configs})
    return file


def named(tensors, change):
    return {change(name): tensor for name, tensor in tensors.items()}


def vae_names(words):
    return lambda name: MIDDLE.sub(lambda m: f"{m[1]}{words.get(m[2], m[2])}.", name)


TODAY = {"q": "to_q", "k": "to_k", "v": "to_v", "proj_out": "to_out.0", "norm": "group_norm"}
BEFORE = {"q": "query", "k": "key", "v": "value", "proj_out": "proj_attn", "norm": "group_norm"}
NAMES = {
    "text encoder without text_model": lambda name: name.replace(CLIP, TEXT + "transformer."),
    "text encoder in generative-models' names": lambda name: name.replace(TEXT, NEWER),
    "both of these": lambda name: name.replace(CLIP, NEWER + "transformer."),
    "attention of the VAE in today's names": vae_names(TODAY),
    "attention of the VAE in diffusers' old names": vae_names(BEFORE),
}


@pytest.mark.parametrize("matrices", [False, True], ids=["filters", "matrices"])
@pytest.mark.parametrize("title", NAMES)
def test_every_naming_is_read(title, matrices, good, tmp_path):
    tensors = named(good.tensors, NAMES[title])
    if matrices:
        tensors = {n: t.squeeze(-1).squeeze(-1) if is_filter(t) else t for n, t in tensors.items()}
    assert_same(imported(as_file(good, tensors, tmp_path), tmp_path), weights_of(good.folder))


def is_filter(tensor):
    return tensor.ndim == 4 and tensor.shape[2:] == (1, 1)


def open_clip(good):
    """The same model as Stable Diffusion 2 is written: the text encoder as OpenCLIP has it."""
    folder = ModelFolder(good.folder)
    parts = Parts(*(load_file(folder.weights(part)) for part in WEIGHTS))
    return to_original(parts, folder.config("unet"), folder.config("vae"), "open_clip")


def test_the_text_encoder_of_stable_diffusion_2_in_either_place(good, tmp_path):
    for number, prefix in enumerate((TEXT, NEWER)):
        tensors = named(open_clip(good), lambda name, to=prefix: name.replace(TEXT, to))
        (tmp_path / str(number)).mkdir()
        file = as_file(good, tensors, tmp_path / str(number))
        assert_same(imported(file, tmp_path / str(number)), weights_of(good.folder))


@pytest.mark.parametrize(
    "sign", [NEWER.replace("0", "1") + "model.ln_final.weight", "model.diffusion_model.label_emb.0"]
)
def test_two_text_encoders_are_still_sdxl(sign, good, tmp_path):
    tensors = named(good.tensors, NAMES["both of these"]) | {sign: torch.ones(4)}
    with pytest.raises(ModelError) as caught:
        imported(as_file(good, tensors, tmp_path), tmp_path)
    assert caught.value.code == "sdxl"


def test_a_text_encoder_of_another_width_than_the_unets_is_left_alone():
    wide = {
        NEWER + "model.token_embedding.weight": torch.zeros(2, 1280),
        "model.diffusion_model.input_blocks.1.1.attn2.to_k.weight": torch.zeros(1, 1024),
    }
    assert as_usual(Opened(wide)).tensors.keys() == wide.keys()


def scaled(tensors, suffix, each=False):
    """Store matrices as fp8, divided by what their largest number is over fp8's largest."""
    written = {}
    for name, tensor in tensors.items():
        if tensor.ndim != 2 or not name.endswith(".weight"):
            written[name] = tensor
            continue
        most = tensor.abs().amax(dim=1, keepdim=True) if each else tensor.abs().amax()
        scale = most.clamp(min=1e-8) / 448
        written[name] = (tensor / scale).to(E4M3)
        written[name.removesuffix("weight") + suffix] = scale
    return written


@pytest.mark.parametrize(
    ("suffix", "each", "text_style"),
    [
        ("scale_weight", False, "clip"),
        ("scale_weight", False, "open_clip"),
        ("weight_scale", True, "clip"),
    ],
)
def test_fp8_is_multiplied_by_its_scales(suffix, each, text_style, good, tmp_path):
    whole = good.tensors if text_style == "clip" else open_clip(good)
    tensors = scaled(whole, suffix, each) | {
        "scaled_fp8": torch.zeros(2).to(E4M3),
        "model.diffusion_model.time_embed.0.scale_input": torch.ones(1),
    }
    found, wanted = imported(as_file(good, tensors, tmp_path), tmp_path), weights_of(good.folder)
    assert found.keys() == wanted.keys()
    for name, tensor in wanted.items():
        assert (found[name] - tensor).abs().max() <= 0.07 * tensor.abs().max(), name


@pytest.mark.parametrize("dtype", [E4M3, torch.float8_e5m2])
def test_plain_fp8_loads_as_it_is(dtype, good, tmp_path):
    tensors = {name: tensor.to(dtype) for name, tensor in good.tensors.items()}
    found = imported(as_file(good, tensors, tmp_path), tmp_path)
    assert_same(found, {name: t.to(dtype).float() for name, t in weights_of(good.folder).items()})


@pytest.mark.parametrize(
    "scale", [("weight_scale_inv", torch.ones(1)), ("scale_weight", torch.ones(3))]
)
def test_scales_of_another_kind_are_refused(scale, good, tmp_path):
    suffix, values = scale
    name = next(n for n in scaled(good.tensors, suffix) if n.endswith(suffix))
    with pytest.raises(ModelError) as caught:
        imported(as_file(good, good.tensors | {name: values}, tmp_path), tmp_path)
    assert caught.value.code == "fp8_scales"
    assert has_sentence("fp8_scales")
