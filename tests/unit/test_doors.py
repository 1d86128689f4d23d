"""Who may ask the server: programs of this computer, or whoever has the key."""

from __future__ import annotations

import json

import pytest

from stimage.i18n import has_sentence
from stimage.server.app import create_app
from stimage.server.doors import is_local_host, is_loopback
from stimage.server.openapi import OPERATIONS, document
from stimage.service.api import ModelState
from stimage.service.local import LocalService
from stimage.service.runner import ThreadRunner
from tests.support.services import request, until
from tests.support.tiny import shared_engine

KEY = "a key of some length"
MODELS = "/v1/models"


@pytest.fixture(scope="module")
def open_door(tiny_service):
    return create_app(tiny_service).test_client()


@pytest.fixture(scope="module")
def locked(tiny_service):
    return create_app(tiny_service, KEY).test_client()


def asked(client, path=MODELS, peer="127.0.0.1", **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get(path, headers=named, environ_base={"REMOTE_ADDR": peer}).status_code


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:5000", "[::1]:5000", "LOCALHOST:5000"])
def test_without_a_key_this_computer_is_served_under_each_of_its_names(open_door, peer, host):
    assert asked(open_door, peer=peer, Host=host) == 200


@pytest.mark.parametrize("peer", ["192.168.1.5", "10.0.0.1", "::ffff:10.0.0.1", "fe80::1", ""])
@pytest.mark.parametrize("path", [MODELS, "/healthz", "/docs", "/v1/pictures/x.png", "/nothing"])
def test_without_a_key_nobody_else_is_served_anything(open_door, peer, path):
    assert asked(open_door, path, peer, Host="localhost") == 403


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "localhost:evil",
        "evil@localhost",
        "127.0.0.1.nip.io",
    ],
)
def test_a_foreign_name_for_this_computer_is_not_served(open_door, host):
    assert asked(open_door, Host=host) == 403


@pytest.mark.parametrize(
    "header", ["Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip"]
)
def test_what_a_proxy_brings_is_not_this_computer(open_door, header):
    assert asked(open_door, Host="localhost", **{header: "127.0.0.1"}) == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:8501", "x"])
def test_a_page_of_another_site_may_not_ask(open_door, origin):
    assert asked(open_door, Host="localhost:5000", Origin=origin) == 403
    refused = open_door.options("/generate", headers={"Origin": origin})
    assert refused.status_code == 403
    assert "Access-Control-Allow-Origin" not in refused.headers


def test_the_one_site_of_the_settings_may(tiny_service):
    site = "https://pictures.example"
    client = create_app(tiny_service, cors_origin=site).test_client()
    allowed = client.options("/generate", headers={"Origin": site})
    assert (allowed.status_code, allowed.headers["Access-Control-Allow-Origin"]) == (204, site)
    assert asked(client, Origin=site) == 200
    assert asked(client, Origin=f"{site}.evil.example") == 403


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ({}, "api_key_missing"),
        ({"Authorization": KEY}, "api_key_missing"),
        ({"Authorization": f"Basic {KEY}"}, "api_key_wrong"),
        ({"Authorization": "Bearer"}, "api_key_missing"),
        ({"Authorization": f"Bearer {KEY[:-1]}"}, "api_key_wrong"),
        ({"Authorization": f"Bearer {KEY}x"}, "api_key_wrong"),
        ({"Authorization": "Bearer \u00e4\u00f6"}, "api_key_wrong"),
    ],
)
def test_with_a_key_nobody_is_served_without_it(locked, header, code):
    code = "api_key_missing" if "Basic" in str(header) else code
    for path in (MODELS, "/metrics", "/docs", "/nothing"):
        refused = locked.get(path, headers=header)
        assert (refused.status_code, refused.json["error"]["code"]) == (401, code)
        assert refused.headers["WWW-Authenticate"] == "Bearer"
    assert locked.post("/generate", json={}, headers=header).status_code == 401


def test_with_the_key_everybody_is_served_under_any_name(locked):
    given = {"Authorization": f"Bearer {KEY}"}
    assert asked(locked, peer="203.0.113.9", Host="pictures.example", **given) == 200
    assert asked(locked, Host="localhost", X_Forwarded_For="203.0.113.9", **given) == 200


def test_who_keeps_the_server_running_and_who_has_an_address_of_a_picture_need_no_key(locked):
    assert asked(locked, "/healthz", "203.0.113.9") == 200
    assert asked(locked, "/readyz", "203.0.113.9") == 200
    assert asked(locked, "/v1/pictures/nothing.png", "203.0.113.9") == 404


def test_names_of_this_computer():
    assert all(map(is_local_host, ["localhost", "127.0.0.1", "[::1]", "localhost:80"]))
    assert not any(map(is_local_host, ["", "localhost.", "a", "127.0.0.1.", "::1", "localhost:x"]))
    assert not any(map(is_loopback, ["", "localhost", "1.2.3.4", "127.0.0.1 "]))


def test_ready_is_another_thing_than_alive(tiny_folder):
    answers = [RuntimeError("no"), shared_engine()]

    def load(_):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    service = LocalService(ThreadRunner(load), str(tiny_folder))
    client = create_app(service).test_client()
    assert asked(client, "/readyz") == 200  # it loads with the first picture
    service.use_model("tiny")
    until(lambda: service.status().state is ModelState.FAILED)
    assert asked(client, "/healthz") == 200
    assert client.get("/readyz").status_code == 503
    assert client.get("/readyz").json["status"].endswith(".")
    service.use_model("tiny")
    until(lambda: service.status().state is ModelState.READY)
    assert asked(client, "/readyz") == 200
    service.close()


def test_the_figures_count_pictures_requests_and_what_is_queued(tiny_service):
    client = create_app(tiny_service).test_client()
    asked_for = {"prompt": "a fox", "num_inference_steps": 1}
    client.post("/generate", json=asked_for)
    client.post("/generate", json={})
    client.get("/somewhere/else")
    tiny_service.submit([request()], "not counted")
    figures = client.get("/metrics").text.splitlines()
    assert 'stimage_pictures_total{state="done"} 1.0' in figures
    assert 'stimage_requests_total{route="/generate",status="200"} 1.0' in figures
    assert 'stimage_requests_total{route="/generate",status="400"} 1.0' in figures
    assert 'stimage_requests_total{route="none",status="404"} 1.0' in figures
    assert 'stimage_jobs{state="queued"} 0.0' in figures
    assert "stimage_picture_seconds_count 1.0" in figures
    assert "stimage_model_ready 1.0" in figures


def test_the_document_and_its_page_name_everything_and_fetch_nothing(open_door):
    found = open_door.get("/openapi.json").json
    assert found["openapi"] == "3.1.0"
    assert found == json.loads(json.dumps(document()))
    page = open_door.get("/docs").text
    for each in OPERATIONS:
        assert has_sentence(f"http.{each.name}")
        assert f"{each.method.upper()} {each.path}" in page
    assert "<script" not in page
    assert "http://" not in page
    assert "https://" not in page
    assert "num_inference_steps" in page


def test_every_schema_that_the_document_refers_to_is_in_it():
    text = str(document())
    schemas = document()["components"]["schemas"]
    names = {part.partition("'")[0] for part in text.split("#/components/schemas/")[1:]}
    assert names <= set(schemas)
    assert {"ImagesRequest", "Generate", "JobView", "ErrorAnswer"} <= names
