"""Fetching a model: resumed, checked, from a mirror, stopped; and nothing else asks the network."""

import errno
import json
import shutil
import socket
import threading

import pytest
import torch
from diffusers import AutoencoderTiny

from stimage.config import config
from stimage.errors import Cancelled, ModelError
from stimage.i18n import Edge, has_sentence, sentence
from stimage.importing import download
from stimage.importing.download import Download, HubFile
from stimage.importing.hub import download_decoder, download_model, files_of_model
from stimage.inference.pipeline import load_pipeline
from stimage.models import catalog
from stimage.models.catalog import Decoder, Entry
from stimage.models.folder import folder_of
from tests.support.hub import Hub
from tests.support.tiny import save_tiny

ENTRY = Entry(name="tiny-hub", title="Tiny", source="us/gone", mirrors=("us/tiny",), license="MIT")
UNET = "unet/diffusion_pytorch_model.safetensors"


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    return save_tiny(tmp_path_factory.mktemp("hub") / "tiny")


@pytest.fixture
def hub(repository, tmp_path, monkeypatch):
    server = Hub({"us/tiny": repository})
    monkeypatch.setenv("HF_ENDPOINT", server.address)
    monkeypatch.setenv("STIMAGE_MODELS", str(tmp_path / "models"))
    monkeypatch.setattr(catalog, "entries", lambda: (ENTRY,))
    monkeypatch.setattr(download, "FIRST_WAIT", 0)
    yield server
    server.close()


def fetch(folder, report=lambda *_: None, stop=None):
    return Download(report, stop or threading.Event()).run(
        (ENTRY.source, *ENTRY.mirrors), folder, files_of_model
    )


def assert_same_files(folder, repository):
    for path in (UNET, "vae/diffusion_pytorch_model.safetensors", "tokenizer/tokenizer.json"):
        assert (folder / path).read_bytes() == (repository / path).read_bytes()
    assert not list(folder.rglob("*.part"))


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


@pytest.mark.parametrize("where", ["all", UNET, "model_index.json"])
def test_a_page_that_asks_for_a_sign_in_is_told_as_no_network(hub, repository, tmp_path, where):
    hub.portal = where
    with pytest.raises(ModelError) as caught:
        fetch(tmp_path / "here")
    assert caught.value.code == "network"
    assert "sign-in" in sentence(caught.value)
    hub.portal = ""
    fetch(tmp_path / "here")
    assert_same_files(tmp_path / "here", repository)


def listing(files):
    return json.dumps({"sha": "0", "siblings": files})


SOME_FILES = [{"rfilename": path, "size": 9} for path in (UNET, UNET.replace("unet", "vae"))]
ALL_FILES = [*SOME_FILES, {"rfilename": "text_encoder/model.safetensors", "size": 9}]


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (200, "{}", "network"),
        (200, "[]", "network"),
        (200, '{"sha": "0123abcd"}', "network"),
        (200, '{"sha": null, "siblings": []}', "network"),
        (200, '{"error": "rate limit"}', "network"),
        (200, "\ufeff not JSON", "network"),
        (200, listing([*SOME_FILES, {"rfilename": 7, "size": 9}]), "network"),
        (200, listing([dict(f, size=-1) for f in ALL_FILES]), "network"),
        (200, listing([{**f, "size": None} for f in ALL_FILES]), "network"),
        (200, listing([{"rfilename": file["rfilename"]} for file in ALL_FILES]), "network"),
        (200, listing([dict(f, lfs={"size": 9}) for f in ALL_FILES]), "network"),
        (200, listing([dict(f, size=10**18) for f in ALL_FILES]), "disk_full"),
        (200, listing(SOME_FILES), "hub_without_weights"),
        (407, "Proxy Authentication Required", "network"),
        (400, "Bad Request", "network"),
        (511, "<html>Network Authentication Required</html>", "network"),
        (401, '{"error": "Repository not found"}', "gone"),
    ],
)
def test_an_answer_that_no_hub_gives_is_a_sentence(hub, tmp_path, status, body, code):
    hub.listing = (status, body.encode())
    with pytest.raises(ModelError) as caught:
        fetch(tmp_path / "here")
    assert caught.value.code == code
    assert not list(tmp_path.rglob("*.safetensors*"))


def without_proxy_settings(monkeypatch):
    for name in ("all_proxy", "http_proxy", "https_proxy", "no_proxy", "ssl_cert_file"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_an_http_proxy_is_used_though_a_socks_proxy_is_set_beside_it(hub, tmp_path, monkeypatch):
    """So GNOME sets them. The hub stands in for the proxy: it is asked for an address of others."""
    without_proxy_settings(monkeypatch)
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.invalid")
    monkeypatch.setenv("ALL_PROXY", "socks://127.0.0.1:7890")
    monkeypatch.setenv("HTTPS_PROXY", hub.address)
    with pytest.raises(ModelError) as caught:
        fetch(tmp_path / "here")
    assert caught.value.code == "gone"
    assert hub.requests[0][0].startswith("http://hub.invalid/api/models/us/gone")


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("ALL_PROXY", "socks5://127.0.0.1:1080", "proxy"),
        ("ALL_PROXY", "socks://127.0.0.1:7890", "proxy"),
        ("HTTPS_PROXY", "http://proxy:port", "proxy"),
        ("HTTPS_PROXY", "ftp://proxy", "proxy"),
        ("NO_PROXY", "localhost,fe80::/10", "proxy"),
        ("SSL_CERT_FILE", "/nowhere/certificates.pem", "proxy"),
        ("ALL_PROXY", "http://127.0.0.1:1", "network"),  # nothing listens there
        ("HF_ENDPOINT", "hub.example.org", "network"),
        ("HF_ENDPOINT", "http://[", "network"),
        ("HF_ENDPOINT", "ftp://hub.example.org", "network"),
    ],
)
def test_a_setting_of_the_network_that_cannot_be_used_is_a_sentence(
    tmp_path, monkeypatch, name, value, code
):
    without_proxy_settings(monkeypatch)
    monkeypatch.setenv(name, value)
    with pytest.raises(ModelError) as caught:
        fetch(tmp_path / "here")
    assert caught.value.code == code
    assert has_sentence(code)


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
