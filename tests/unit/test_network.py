"""Networks that ask for a sign-in, mirrors that answer otherwise, proxies that can't be used."""

import json
import random

import pytest

from stimage.errors import ModelError
from stimage.i18n import has_sentence, sentence
from stimage.importing.hub import CONFIGS
from tests.support.hub import LARGE, UNET, assert_same_files, fetch, serving

WEIGHTS = (UNET, UNET.replace("unet", "vae"), "text_encoder/model.safetensors")


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """Files with the names of a model's, and any bytes in them."""
    folder, dice = tmp_path_factory.mktemp("repository"), random.Random(1)
    for name in (*CONFIGS, *WEIGHTS):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(dice.randbytes(2 * LARGE if name in WEIGHTS else 500))
    return folder


@pytest.fixture
def hub(repository, tmp_path, monkeypatch):
    with serving(repository, tmp_path / "models", monkeypatch) as server:
        yield server


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


ALL_FILES = [{"rfilename": path, "size": 9} for path in WEIGHTS]


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (200, "{}", "network"),
        (200, "[]", "network"),
        (200, '{"sha": "0123abcd"}', "network"),
        (200, '{"sha": null, "siblings": []}', "network"),
        (200, '{"error": "rate limit"}', "network"),
        (200, "\ufeff not JSON", "network"),
        (200, listing([*ALL_FILES, {"rfilename": 7, "size": 9}]), "network"),
        (200, listing([dict(f, size=-1) for f in ALL_FILES]), "network"),
        (200, listing([{**f, "size": None} for f in ALL_FILES]), "network"),
        (200, listing([{"rfilename": file["rfilename"]} for file in ALL_FILES]), "network"),
        (200, listing([dict(f, lfs={"size": 9}) for f in ALL_FILES]), "network"),
        (200, listing([dict(f, size=10**18) for f in ALL_FILES]), "disk_full"),
        (200, listing(ALL_FILES[:2]), "hub_without_weights"),
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
