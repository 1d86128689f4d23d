"""Fetching a model: resumed, checked, from a mirror, stopped; and nothing else asks the network."""

import errno
import shutil
import socket
import threading

import pytest
import torch
from diffusers import AutoencoderTiny

from stimage.config import config
from stimage.errors import Cancelled, ModelError
from stimage.i18n import Edge, has_sentence, sentence
from stimage.importing.download import HubFile
from stimage.importing.hub import download_decoder, download_model, files_of_model
from stimage.inference.pipeline import load_pipeline
from stimage.models import catalog
from stimage.models.catalog import Decoder
from stimage.models.folder import folder_of
from tests.support.hub import ENTRY, UNET, assert_same_files, fetch, serving
from tests.support.tiny import save_tiny


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    return save_tiny(tmp_path_factory.mktemp("hub") / "tiny")


@pytest.fixture
def hub(repository, tmp_path, monkeypatch):
    monkeypatch.setattr(catalog, "entries", lambda: (ENTRY,))
    with serving(repository, tmp_path / "models", monkeypatch) as server:
        yield server


def test_a_model_is_fetched_from_its_mirror_imported_and_draws(hub):
    seen = []
    stop = threading.Event()
    name = download_model(ENTRY, lambda what, share: seen.append((what, share)), stop)
    assert name == "tiny-hub"
    shares = [share for what, share in seen if what == "importing.downloading"]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert ("importing.writing_weights", 1.0) in seen
    loaded = load_pipeline("us/tiny")
    assert loaded.entry == ENTRY
    assert loaded.pipeline("a fox", num_inference_steps=1).images[0].size == (32, 32)
    assert [folder.name for folder in config().models.iterdir()] == ["tiny-hub"]
    assert folder_of("tiny-hub").record().source == "us/tiny@0123abcd"
    hub.close()
    assert load_pipeline("tiny-hub").entry.license == "MIT"


def test_a_broken_line_is_taken_up_where_it_broke(hub, repository, tmp_path):
    hub.break_after = 12_345
    assert fetch(tmp_path / "here") == "us/tiny@0123abcd"
    assert_same_files(tmp_path / "here", repository)
    assert "bytes=12345-" in [wanted for _path, wanted in hub.requests]


def test_a_stopped_download_goes_on_with_what_had_come(hub, repository, tmp_path):
    stop = threading.Event()

    def stop_in_the_middle(_what, share):
        if share > 0.4:
            stop.set()

    with pytest.raises(Cancelled) as caught:
        fetch(tmp_path / "here", stop_in_the_middle, stop)
    assert "is kept" in sentence(caught.value)
    before = sum(f.stat().st_size for f in (tmp_path / "here").rglob("*") if f.is_file())
    assert before > 0
    hub.requests.clear()
    fetch(tmp_path / "here")
    assert_same_files(tmp_path / "here", repository)
    assert any(wanted for _path, wanted in hub.requests)


def test_a_file_that_came_wrong_is_thrown_away_and_said(hub, repository, tmp_path):
    hub.spoiled = UNET
    with pytest.raises(ModelError) as caught:
        fetch(tmp_path / "here")
    assert caught.value.code == "checksum"
    assert not list((tmp_path / "here" / "unet").glob("*.safetensors*"))
    hub.spoiled = ""
    fetch(tmp_path / "here")
    assert_same_files(tmp_path / "here", repository)


def test_a_busy_hub_is_asked_again(hub, repository, tmp_path):
    hub.busy = 3
    fetch(tmp_path / "here")
    assert_same_files(tmp_path / "here", repository)


def test_a_hub_that_is_gone_is_said_with_what_to_do(hub, tmp_path):
    hub.close()
    with pytest.raises(ModelError) as caught:
        fetch(tmp_path / "here")
    assert caught.value.code == "network"
    assert "Check the network" in sentence(caught.value)
    assert "press" not in sentence(caught.value, Edge.COMMAND_LINE)


def test_a_model_that_no_mirror_has_is_said(hub, tmp_path):
    hub.repositories.clear()
    with pytest.raises(ModelError) as caught:
        fetch(tmp_path / "here")
    assert caught.value.code == "gone"


def test_a_full_disk_is_said_before_the_first_byte(hub, tmp_path, monkeypatch):
    full = shutil.disk_usage("/")._replace(free=9)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: full)
    with pytest.raises(ModelError) as caught:
        fetch(tmp_path / "here")
    assert caught.value.code == "disk_full"
    assert "GB are free" in sentence(caught.value)
    assert not any("resolve" in path for path, _wanted in hub.requests)


@pytest.mark.usefixtures("hub")
def test_a_disk_that_fills_up_meanwhile_is_said_and_left_clean(tmp_path):
    def no_space_left(_stage, share):
        if share > 0.4:
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(ModelError) as caught:
        fetch(tmp_path / "here", no_space_left)
    assert caught.value.code == "disk_full_meanwhile"
    assert has_sentence("disk_full_meanwhile")
    assert not (tmp_path / "here").exists()


def test_a_tiny_decoder_is_fetched_once(hub, tmp_path, monkeypatch):
    AutoencoderTiny(encoder_block_out_channels=(8,) * 4, decoder_block_out_channels=(8,) * 4).to(
        torch.float16
    ).save_pretrained(tmp_path / "taesd")
    hub.repositories["us/taesd"] = tmp_path / "taesd"
    taesd = Decoder(title="TAESD", source="us/taesd", license="MIT", download_mib=1)
    monkeypatch.setattr(catalog, "decoders", lambda: {"taesd": taesd})
    download_decoder("taesd", lambda *_: None, threading.Event())
    assert (folder_of("taesd").path / "diffusion_pytorch_model.safetensors").is_file()
    hub.requests.clear()
    download_decoder("taesd", lambda *_: None, threading.Event())
    assert not hub.requests


def test_half_precision_and_safetensors_are_preferred_and_nothing_else_is_fetched():
    paths = [
        "README.md",
        "../../evil.py",
        "safety_checker/model.safetensors",
        "unet/diffusion_pytorch_model.bin",
        "unet/diffusion_pytorch_model.safetensors",
        "unet/diffusion_pytorch_model.fp16.safetensors",
        "unet/diffusion_pytorch_model.non_ema.safetensors",
        "vae/diffusion_pytorch_model.bin",
        "text_encoder/pytorch_model.bin",
        "text_encoder/model.safetensors",
        "model_index.json",
    ]
    there = {path: HubFile(path, 1) for path in paths}
    assert [file.path for file in files_of_model(there)] == [
        "model_index.json",
        "unet/diffusion_pytorch_model.fp16.safetensors",
        "vae/diffusion_pytorch_model.bin",
        "text_encoder/model.safetensors",
    ]
    del there["vae/diffusion_pytorch_model.bin"]
    with pytest.raises(ModelError) as caught:
        files_of_model(there)
    assert caught.value.code == "hub_without_weights"


def test_with_the_network_cut_models_load_and_draw(repository, tmp_path, monkeypatch):
    """No connection is even tried, to a name or to a number."""
    monkeypatch.setenv("STIMAGE_MODELS", str(tmp_path))

    def refuse(*_args, **_kwargs):
        raise AssertionError("somebody asked the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    pipeline = load_pipeline(str(repository)).pipeline
    assert pipeline("a fox", num_inference_steps=1).images[0].size == (32, 32)
    for name in ("stabilityai/some-model", "sd-1-5"):
        with pytest.raises(ModelError):
            load_pipeline(name)
