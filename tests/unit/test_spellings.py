"""Every usual way to write the same weights gives the same model."""

import json
import re
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from stimage.errors import ModelError
from stimage.i18n import has_sentence
from stimage.importing.architecture import OWN_CONFIGS
from stimage.importing.convert import convert
from stimage.importing.download import HubFile
from stimage.importing.hub import files_of_model
from stimage.importing.importer import import_model
from stimage.importing.reader import Opened
from stimage.importing.spellings import as_usual
from stimage.importing.state_dict_keys import Parts, to_original
from stimage.inference.pipeline import load_pipeline
from stimage.models.folder import WEIGHTS, ModelFolder, Record
from stimage.models.hub_cache import model_in, title_of
from stimage.models.weights_files import weights_files
from tests.support.made_files import Good

TEXT, CLIP = "cond_stage_model.", "cond_stage_model.transformer.text_model."
NEWER = "conditioner.embedders.0."
MIDDLE = re.compile(r"(mid\.attn_1\.)(q|k|v|proj_out|norm)\.")
E4M3 = torch.float8_e4m3fn


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return Good(tmp_path_factory.mktemp("good"))


@pytest.fixture
def folder(good, tmp_path):
    return ModelFolder(shutil.copytree(good.folder, tmp_path / "some"))


def imported(source, tmp_path):
    """Convert, and return the weights of all parts by name."""
    convert(source, tmp_path / "out", Record(), lambda *_: None)
    written = ModelFolder(tmp_path / "out")
    return {
        f"{part}.{name}": tensor
        for part in WEIGHTS
        for name, tensor in load_file(written.weights(part)).items()
    }


def as_file(good, tensors, tmp_path):
    file = tmp_path / "model.safetensors"
    plain = {name: tensor.contiguous() for name, tensor in tensors.items()}
    save_file(plain, file, metadata={OWN_CONFIGS: good.configs})
    return file


def expected(good):
    folder = ModelFolder(good.folder)
    return {
        f"{part}.{name}": tensor
        for part in WEIGHTS
        for name, tensor in load_file(folder.weights(part)).items()
    }


def assert_same(found, wanted):
    assert found.keys() == wanted.keys()
    assert all(torch.equal(found[name], wanted[name]) for name in wanted)


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
    assert_same(imported(as_file(good, tensors, tmp_path), tmp_path), expected(good))


def is_filter(tensor):
    return tensor.ndim == 4 and tensor.shape[2:] == (1, 1)


def open_clip(good):
    """The same model as Stable Diffusion 2 is written: the text encoder as OpenCLIP has it."""
    pipeline = load_pipeline(str(good.folder)).pipeline
    parts = Parts(*(dict(getattr(pipeline, part).state_dict()) for part in WEIGHTS))
    return to_original(parts, pipeline.unet.config, pipeline.vae.config, "open_clip")


def test_the_text_encoder_of_stable_diffusion_2_in_either_place(good, tmp_path):
    for number, prefix in enumerate((TEXT, NEWER)):
        tensors = named(open_clip(good), lambda name, to=prefix: name.replace(TEXT, to))
        (tmp_path / str(number)).mkdir()
        file = as_file(good, tensors, tmp_path / str(number))
        assert_same(imported(file, tmp_path / str(number)), expected(good))


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


@pytest.mark.parametrize("each", [False, True], ids=["one scale", "a scale for each output"])
@pytest.mark.parametrize("suffix", ["scale_weight", "weight_scale"])
@pytest.mark.parametrize("text_style", ["clip", "open_clip"])
def test_fp8_is_multiplied_by_its_scales(suffix, each, text_style, good, tmp_path):
    whole = good.tensors if text_style == "clip" else open_clip(good)
    tensors = scaled(whole, suffix, each) | {
        "scaled_fp8": torch.zeros(2).to(E4M3),
        "model.diffusion_model.time_embed.0.scale_input": torch.ones(1),
    }
    found, wanted = imported(as_file(good, tensors, tmp_path), tmp_path), expected(good)
    assert found.keys() == wanted.keys()
    for name, tensor in wanted.items():
        assert (found[name] - tensor).abs().max() <= 0.07 * tensor.abs().max(), name


@pytest.mark.parametrize("dtype", [E4M3, torch.float8_e5m2])
def test_plain_fp8_loads_as_it_is(dtype, good, tmp_path):
    tensors = {name: tensor.to(dtype) for name, tensor in good.tensors.items()}
    found = imported(as_file(good, tensors, tmp_path), tmp_path)
    assert_same(found, {name: t.to(dtype).float() for name, t in expected(good).items()})


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


def split(folder, part, total=3, gone=()):
    """Write a network's weights in shards, as large models are published, with their index."""
    file = folder.weights(part)
    tensors = load_file(file)
    index: dict[str, str] = {}
    for number in range(total):
        name = f"{file.stem}-{number + 1:05}-of-{total:05}{file.suffix}"
        some = dict(list(tensors.items())[number::total])
        index |= dict.fromkeys(some, name)
        if number not in gone:
            save_file(some, file.with_name(name))
    file.with_name(f"{file.name}.index.json").write_text(json.dumps({"weight_map": index}))
    file.unlink()


def test_a_folder_in_shards_is_read_whole(good, folder, tmp_path):
    for part in WEIGHTS:
        split(folder, part)
    drawn = load_pipeline(str(folder.path)).pipeline.unet.state_dict()
    found = imported(folder.path, tmp_path)
    assert_same(found, expected(good))
    assert all(torch.equal(drawn[name], found[f"unet.{name}"]) for name in drawn)
    assert weights_files(tmp_path / "out" / "unet") == [
        ModelFolder(tmp_path / "out").weights("unet")
    ]


def test_shards_that_are_missing_are_said(folder, tmp_path):
    split(folder, "unet", gone=(1,))
    for enter in (
        lambda: imported(folder.path, tmp_path),
        lambda: load_pipeline(str(folder.path)),
    ):
        with pytest.raises(ModelError) as caught:
            enter()
        assert (caught.value.code, caught.value.values["have"]) == ("shards_missing", 2)


def test_an_old_index_or_old_shards_beside_a_whole_file_do_not_matter(good, folder, tmp_path):
    whole = folder.weights("unet").read_bytes()
    split(folder, "unet", gone=(0,))
    folder.weights("unet").write_bytes(whole)
    assert_same(imported(folder.path, tmp_path), expected(good))


def test_all_shards_are_fetched_from_the_hub():
    names = [
        "unet/diffusion_pytorch_model-00001-of-00002.safetensors",
        "unet/diffusion_pytorch_model-00002-of-00002.safetensors",
        "vae/diffusion_pytorch_model.safetensors",
        "text_encoder/model.fp16.safetensors",
        "text_encoder/model-00001-of-00002.safetensors",
    ]
    there = {name: HubFile(path=name) for name in names}
    assert [file.path for file in files_of_model(there)] == names[:4]
    with pytest.raises(ModelError) as caught:
        files_of_model({name: file for name, file in there.items() if name != names[0]})
    assert caught.value.code == "hub_without_weights"


def test_matrices_and_filters_of_a_folder_are_the_same(good, folder, tmp_path):
    file = folder.weights("vae")
    tensors = load_file(file)
    changed = {
        n: t[..., None, None] if ".to_" in n and t.ndim == 2 else t for n, t in tensors.items()
    }
    assert changed.keys() == tensors.keys()
    save_file({n: t.contiguous() for n, t in changed.items()}, file)
    assert_same(imported(folder.path, tmp_path), expected(good))


def plain_tokenizer(folder):
    """Write the tokenizer as older libraries did: vocab.json and merges.txt."""
    whole = json.loads((folder.tokenizer / "tokenizer.json").read_text())["model"]
    (folder.tokenizer / "tokenizer.json").unlink()
    (folder.tokenizer / "vocab.json").write_text(json.dumps(whole["vocab"]))
    lines = [" ".join(pair) if isinstance(pair, list) else pair for pair in whole["merges"]]
    (folder.tokenizer / "merges.txt").write_text("\n".join(["#version: 0.2", *lines, ""]))


def tokens(path, prompt):
    from transformers import CLIPTokenizer

    tokenizer = CLIPTokenizer.from_pretrained(path, local_files_only=True)
    return tokenizer(prompt, padding="max_length", max_length=12).input_ids


def test_a_word_that_was_taught_is_kept(folder, tmp_path):
    plain_tokenizer(folder)
    vocabulary = json.loads((folder.tokenizer / "vocab.json").read_text())
    new = len(vocabulary)
    (folder.tokenizer / "added_tokens.json").write_text(json.dumps({"<cat-toy>": new}))
    file = folder.weights("text_encoder")
    tensors = load_file(file)
    name = "embeddings.token_embedding.weight"
    tensors[name] = torch.cat([tensors[name], torch.ones(1, 16)])
    save_file(tensors, file)
    config = folder.config_file("text_encoder")
    config.write_text(json.dumps(json.loads(config.read_text()) | {"vocab_size": new + 1}))
    imported(folder.path, tmp_path)
    before, after = (
        tokens(f / "tokenizer", "a <cat-toy>") for f in (folder.path, tmp_path / "out")
    )
    assert before == after
    assert new in after
    loaded = load_pipeline(str(tmp_path / "out")).pipeline
    assert new in loaded.tokenizer("a <cat-toy>").input_ids


def test_the_padding_of_a_folder_is_kept(folder, tmp_path):
    plain_tokenizer(folder)
    (folder.tokenizer / "special_tokens_map.json").write_text(json.dumps({"pad_token": "a</w>"}))
    config = folder.tokenizer / "tokenizer_config.json"
    values = json.loads(config.read_text()) | {"pad_token": "<|endoftext|>"}
    config.write_text(json.dumps(values))
    imported(folder.path, tmp_path)
    after = tokens(tmp_path / "out" / "tokenizer", "a cat")
    assert after == tokens(folder.tokenizer, "a cat")


def cached(home, revisions, main=""):
    """Lay folders out as the hub's cache does."""
    cache = home / "models--segmind--tiny-sd"
    for revision in ("", *revisions):
        (cache / "snapshots" / revision).mkdir(parents=True)
    if main:
        (cache / "refs").mkdir()
        (cache / "refs" / "main").write_text(main)
    return cache


@pytest.mark.parametrize(("revisions", "main"), [(("abc",), ""), (("abc", "def"), "def\n")])
def test_the_hubs_cache_is_followed_to_the_model(revisions, main, tmp_path):
    cache = cached(tmp_path, revisions, main)
    found = model_in(cache)
    assert found == cache / "snapshots" / revisions[-1]
    assert title_of(cache) == title_of(found) == title_of(found / "model.ckpt") == "tiny-sd"
    (found / "model_index.json").write_text('{"_class_name": "FluxPipeline"}')
    with pytest.raises(ModelError) as caught:
        import_model(cache)
    assert caught.value.code == "flux"


@pytest.mark.parametrize(
    ("revisions", "code"), [(("abc", "def"), "several_snapshots"), ((), "no_snapshot")]
)
def test_a_cache_without_one_model_is_a_sentence(revisions, code, tmp_path):
    with pytest.raises(ModelError) as caught:
        import_model(cached(tmp_path, revisions))
    assert caught.value.code == code
    assert has_sentence(code)


def test_a_folder_that_is_no_cache_is_taken_as_it_is(tmp_path):
    assert model_in(tmp_path) == tmp_path
    assert title_of(tmp_path) == tmp_path.name
