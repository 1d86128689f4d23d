"""A model folder is read in every form in which it lies about: shards, old tokenizers, a cache."""

import json
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from stimage.errors import ModelError
from stimage.i18n import has_sentence
from stimage.importing.download import HubFile
from stimage.importing.hub import files_of_model
from stimage.importing.importer import import_model
from stimage.inference.pipeline import load_pipeline
from stimage.models.folder import WEIGHTS, ModelFolder
from stimage.models.hub_cache import model_in, title_of
from stimage.models.weights_files import weights_files
from tests.support.imported import assert_same, imported, weights_of


@pytest.fixture
def folder(tiny_folder, tmp_path):
    return ModelFolder(shutil.copytree(tiny_folder, tmp_path / "some"))


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


def test_a_folder_in_shards_is_read_whole(folder, tiny_folder, tmp_path):
    for part in WEIGHTS:
        split(folder, part)
    drawn = load_pipeline(str(folder.path)).pipeline.unet.state_dict()
    found = imported(folder.path, tmp_path)
    assert_same(found, weights_of(tiny_folder))
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


def test_an_old_index_or_old_shards_beside_a_whole_file_do_not_matter(
    folder, tiny_folder, tmp_path
):
    whole = folder.weights("unet").read_bytes()
    split(folder, "unet", gone=(0,))
    folder.weights("unet").write_bytes(whole)
    assert_same(imported(folder.path, tmp_path), weights_of(tiny_folder))


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


def test_matrices_and_filters_of_a_folder_are_the_same(folder, tiny_folder, tmp_path):
    file = folder.weights("vae")
    tensors = load_file(file)
    changed = {
        n: t[..., None, None] if ".to_" in n and t.ndim == 2 else t for n, t in tensors.items()
    }
    assert changed.keys() == tensors.keys()
    save_file({n: t.contiguous() for n, t in changed.items()}, file)
    assert_same(imported(folder.path, tmp_path), weights_of(tiny_folder))


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
