"""Whatever is sent, the answer is a status of its own and a sentence; never a 500, no traceback."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stimage.server.app import create_app
from stimage.server.openapi import OPERATIONS, document
from stimage.service.local import LocalService
from stimage.service.runner import ThreadRunner
from tests.support.json_schema import ANYTHING, allowed_by

GENERATE, IMAGES, JOBS = "/generate", "/v1/images/generations", "/v1/jobs"
FOX: dict[str, object] = {"prompt": "a fox"}


@pytest.fixture(scope="module")
def client(tiny_folder):
    """A server whose engine never draws: each request here is to be refused before."""

    def load(_):
        raise AssertionError("nothing is to be drawn")

    service = LocalService(ThreadRunner(load), str(tiny_folder))
    yield create_app(service).test_client()
    service.close()


VALUES = [  # of all three forms of a picture, with the field that the answer names
    ({}, "prompt"),
    ({"prompt": ""}, "prompt"),
    ({"prompt": "  \n "}, "prompt"),
    ({"prompt": None}, "prompt"),
    ({"prompt": 7}, "prompt"),
    ({"prompt": ["a fox"]}, "prompt"),
    ({"prompt": {"text": "a fox"}}, "prompt"),
    ({"prompt": "x" * 301}, "prompt"),
    ({"prompt": "x" * 30_000}, "prompt"),
    (FOX | {"negative_prompt": 5}, "negative_prompt"),
    (FOX | {"negative_prompt": "x" * 301}, "negative_prompt"),
    (FOX | {"seed": -1}, "seed"),
    (FOX | {"seed": 2**32}, "seed"),
    (FOX | {"seed": 10**30}, "seed"),
    (FOX | {"seed": 1.5}, "seed"),
    (FOX | {"seed": "1"}, "seed"),
    (FOX | {"seed": True}, "seed"),
    (FOX | {"num_inference_steps": 0}, "num_inference_steps"),
    (FOX | {"num_inference_steps": -3}, "num_inference_steps"),
    (FOX | {"num_inference_steps": 51}, "num_inference_steps"),
    (FOX | {"num_inference_steps": 10**9}, "num_inference_steps"),
    (FOX | {"num_inference_steps": 2.5}, "num_inference_steps"),
    (FOX | {"num_inference_steps": "ten"}, "num_inference_steps"),
    (FOX | {"guidance_scale": -0.1}, "guidance_scale"),
    (FOX | {"guidance_scale": 12.5}, "guidance_scale"),
    (FOX | {"guidance_scale": 10**9}, "guidance_scale"),
    (FOX | {"guidance_scale": "much"}, "guidance_scale"),
    (FOX | {"guidance_scale": False}, "guidance_scale"),
    (FOX | {"steps": 5}, "steps"),
    (FOX | {"__class__": "x"}, "__class__"),
]
IMAGE_VALUES: list[tuple[dict[str, object], str]] = [
    ({"n": 0}, "n"),
    ({"n": 5}, "n"),
    ({"n": 1.5}, "n"),
    ({"n": "2"}, "n"),
    ({"size": "big"}, "size"),
    ({"size": "0x0"}, "size"),
    ({"size": "1024x1024"}, "size"),
    ({"size": "-1x5"}, "size"),
    ({"size": 512}, "size"),
    ({"response_format": "png"}, "response_format"),
    ({"output_format": "gif"}, "output_format"),
    ({"output_format": "PNG"}, "output_format"),
    ({"output_compression": 101}, "output_compression"),
    ({"output_compression": -1}, "output_compression"),
    ({"stream": "yes"}, "stream"),
    ({"stream": 1}, "stream"),
    ({"partial_images": 4}, "partial_images"),
    ({"partial_images": -1}, "partial_images"),
    ({"model": "gpt-image-1"}, "model"),
    ({"model": 5}, "model"),
    ({"model": "x" * 300}, "model"),
    ({"model": "../../etc/passwd"}, "model"),
    ({"background": "transparent"}, "background"),
    ({"quality": "best"}, "quality"),
    ({"moderation": "off"}, "moderation"),
    ({"user": 5}, "user"),
    ({"width": 512}, "width"),
]
JOB_VALUES = [
    ({}, "requests"),
    ({"requests": []}, "requests"),
    ({"requests": [FOX] * 5}, "requests"),
    ({"requests": FOX}, "requests"),
    ({"requests": [5]}, "requests[0]"),
    ({"requests": [FOX, {}]}, "requests[1].prompt"),
    ({"requests": [FOX | {"seed": -1}]}, "requests[0].seed"),
    ({"requests": [FOX | {"scheduler": 5}]}, "requests[0].scheduler"),
    ({"requests": [FOX | {"dice_seed": ["x"]}]}, "requests[0].dice_seed"),
    ({"requests": [FOX], "visitor": 5}, "visitor"),
    ({"requests": [FOX], "visitor": "x" * 201}, "visitor"),
    ({"requests": [FOX], "address": 5}, "address"),
    ({"requests": [FOX], "batch": "x"}, "batch"),
]
TABLE = [
    *((path, body, field) for path in (GENERATE, IMAGES) for body, field in VALUES),
    *((IMAGES, {**FOX, **body}, field) for body, field in IMAGE_VALUES),
    *((JOBS, body, field) for body, field in JOB_VALUES),
    ("/v1/jobs/nothing/cancel", {}, "visitor"),
    ("/v1/jobs/nothing/cancel", {"visitor": 5}, "visitor"),
    ("/v1/model", {}, "name"),
    ("/v1/model", {"name": "/etc"}, "name"),
    ("/v1/model", {"name": "../models"}, "name"),
]


def test_the_table_is_long_enough_to_mean_something():
    assert len({json.dumps(row) for row in TABLE}) >= 100


@pytest.mark.parametrize(("path", "body", "field"), TABLE)
def test_a_bad_value_is_a_4xx_that_names_the_field(client, path, body, field):
    answer = client.post(path, json=body)
    error = answer.json["error"]
    assert 400 <= answer.status_code < 500
    assert error["param"] == field
    assert error["message"].endswith(".")
    assert "Traceback" not in answer.text
    assert error["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"a fox"',
        b"\xff\xfe",
        b'{"prompt": "\xff"}',
        b'{"prompt": "\\ud800"}',
        b'{"prompt": NaN}',
        b'{"prompt": "a fox", "guidance_scale": 1e999}',
        b'{"prompt": "a fox"} {}',
        b"[" * 50_000,
        b'{"prompt":' * 5_000,
        b'{"a":1,' * 5_000,
    ],
)
@pytest.mark.parametrize("path", [GENERATE, IMAGES, JOBS, "/v1/model", "/v1/jobs/x/cancel"])
def test_what_is_no_json_of_this_kind_is_a_400(client, path, body):
    answer = client.post(path, data=body, content_type="application/json")
    assert (answer.status_code, answer.json["error"]["type"]) == (400, "invalid_request_error")


@pytest.mark.parametrize(
    ("method", "path", "options", "status"),
    [
        ("POST", GENERATE, {"data": "prompt=fox"}, 415),
        ("POST", GENERATE, {"data": "{}", "content_type": "text/plain"}, 415),
        ("POST", GENERATE, {"data": {"prompt": "fox"}}, 415),
        ("POST", GENERATE, {"data": "x" * 70_000, "content_type": "application/json"}, 413),
        ("GET", GENERATE, {}, 405),
        ("DELETE", "/v1/jobs/x", {}, 405),
        ("PUT", IMAGES, {}, 405),
        ("GET", "/", {}, 404),
        ("GET", "/v1", {}, 404),
        ("GET", "/v1/images/edits", {}, 404),
        ("POST", "/v1/chat/completions", {"json": {}}, 404),
        ("GET", "/v1/jobs/nothing", {}, 404),
        ("GET", "/v1/jobs/nothing/events", {}, 404),
        ("POST", "/v1/jobs/nothing/cancel", {"json": {"visitor": "x"}}, 404),
        ("GET", "/v1/pictures/nothing.png", {}, 404),
        ("GET", "/v1/pictures/..%2f..%2fREADME.md.png", {}, 404),
        ("GET", "/v1/models/nothing", {}, 404),
        ("GET", "/static/../app.py", {}, 404),
        ("GET", "/%00", {}, 404),
    ],
)
def test_another_address_method_or_kind_of_body_has_a_status_of_its_own(
    client, method, path, options, status
):
    answer = client.open(path, method=method, **options)
    assert answer.status_code == status
    assert set(answer.json["error"]) == {"message", "type", "param", "code", "values"}


POSTS = [each for each in OPERATIONS if each.takes]


@pytest.fixture(scope="module")
def drawn_in_no_time(tiny_folder):
    """A server whose pictures fail at once, so that what is valid is tried, too."""

    class Broken:
        name = "tiny"

        def completed(self, request):
            return request

        def generate(self, *_):
            raise MemoryError

    service = LocalService(ThreadRunner(lambda _: Broken()), str(tiny_folder))
    yield create_app(service).test_client()
    service.close()


@pytest.mark.parametrize("operation", POSTS, ids=lambda each: each.name)
def test_the_document_tells_what_is_possible_and_nothing_else_gets_in(drawn_in_no_time, operation):
    body = document()["paths"][operation.path][operation.method]["requestBody"]
    good = allowed_by(body["content"]["application/json"]["schema"], document())
    more = st.dictionaries(st.text(), ANYTHING, max_size=2)
    nearly_good = st.builds(lambda value, others: value | others, good, more)
    answers = {str(status) for status in (operation.status, 401, 403, *operation.refuses)}
    path = operation.path.replace("{job_id}", "nothing")

    @settings(
        max_examples=15,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(good | nearly_good | ANYTHING)
    def send(value):
        answer = drawn_in_no_time.post(path, json=value)
        assert str(answer.status_code) in answers
        assert "Traceback" not in answer.text
        if answer.status_code >= 500:
            assert answer.json["error"]["code"] == "out_of_memory"

    send()
