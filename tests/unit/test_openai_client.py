"""OpenAI's own client works with the server: pictures, streams, and each class of its errors."""

from __future__ import annotations

import base64
import io

import openai
import pytest
from PIL import Image

from stimage.service.local import LocalService
from stimage.service.runner import ThreadRunner
from tests.support.services import Gate, fill_queue, until
from tests.support.serving import Recorded, running_server
from tests.support.tiny import shared_engine

KEY = "sk-test"
MORE = {"num_inference_steps": 2, "seed": 7, "guidance_scale": 2.0, "negative_prompt": "cat"}


class Moody(Gate):
    """Draws at once, breaks or waits, as the prompt says."""

    def generate(self, wanted, on_step=None):
        if wanted.prompt == "crash":
            raise ZeroDivisionError
        engine = self.engine if wanted.prompt != "wait" else Gate(self.engine)
        return engine.generate(wanted, on_step)


@pytest.fixture(scope="module")
def address(tiny_folder):
    service = LocalService(ThreadRunner(lambda _: Moody(shared_engine())), str(tiny_folder))
    with running_server(service, api_key=KEY) as address:
        yield address
        service.close()


@pytest.fixture(scope="module")
def client(address):
    with openai.OpenAI(base_url=f"{address}/v1", api_key=KEY, max_retries=0) as client:
        yield client


def image_in(text):
    return Image.open(io.BytesIO(base64.b64decode(text)))


def test_it_generates(client):
    answer = client.images.generate(prompt="a fox", extra_body=MORE)
    assert image_in(answer.data[0].b64_json).size == (32, 32)
    assert answer.data[0].seed == 7
    assert answer.created > 0


def test_it_generates_four_in_another_format(client):
    answer = client.images.generate(prompt="a fox", n=4, output_format="webp", extra_body=MORE)
    images = [image_in(each.b64_json) for each in answer.data]
    assert [image.format for image in images] == ["WEBP"] * 4
    assert len({image.tobytes() for image in images}) == 4


def test_it_streams(client):
    events = [
        *client.images.generate(prompt="a fox", stream=True, partial_images=2, extra_body=MORE)
    ]
    assert events[-1].type == "image_generation.completed"
    assert image_in(events[-1].b64_json).size == (32, 32)


def test_it_lists_the_model_and_asks_for_it(client, tiny_folder):
    [model] = client.models.list()
    assert client.models.retrieve(model.id).id == model.id == tiny_folder.name
    assert client.images.generate(prompt="a fox", model=model.id, extra_body=MORE).data


def test_it_raises_bad_request_with_the_field(client):
    with pytest.raises(openai.BadRequestError) as caught:
        client.images.generate(prompt="a fox", n=9)
    assert (caught.value.param, caught.value.type) == ("n", "invalid_request_error")
    assert len(caught.value.request_id) == 16


def test_it_raises_authentication_error(address):
    with (
        openai.OpenAI(base_url=f"{address}/v1", api_key="wrong") as client,
        pytest.raises(openai.AuthenticationError) as caught,
    ):
        client.models.list()
    assert caught.value.code == "api_key_wrong"


def test_it_raises_not_found(client):
    with pytest.raises(openai.NotFoundError) as caught:
        client.images.generate(prompt="a fox", model="dall-e-3")
    assert (caught.value.code, caught.value.param) == ("model_not_served", "model")


def test_it_raises_unprocessable_entity_for_a_key_used_twice(client):
    headers = {"Idempotency-Key": "once"}
    client.images.generate(prompt="a fox", extra_body=MORE, extra_headers=headers)
    with pytest.raises(openai.UnprocessableEntityError):
        client.images.generate(prompt="a cat", extra_body=MORE, extra_headers=headers)


def test_it_raises_internal_server_error_and_does_not_try_again(client):
    patient = client.with_options(max_retries=2)
    with pytest.raises(openai.InternalServerError) as caught:
        patient.images.generate(prompt="crash")
    assert caught.value.code == "unexpected"
    assert caught.value.response.request.headers["x-stainless-retry-count"] == "0"


def test_it_raises_an_error_in_the_middle_of_a_stream(client):
    with pytest.raises(openai.APIError) as caught:
        list(client.images.generate(prompt="crash", stream=True))
    assert caught.value.code == "unexpected"


def test_it_raises_permission_denied_where_only_the_computer_itself_is_served(tiny_service):
    with (
        running_server(tiny_service) as address,
        openai.OpenAI(base_url=f"{address}/v1", api_key="none") as client,
        pytest.raises(openai.PermissionDeniedError),
    ):
        client.with_options(default_headers={"X-Forwarded-For": "203.0.113.9"}).models.list()


def test_it_raises_rate_limit_error_when_the_queue_is_full_and_timeout_when_it_waits(tiny_folder):
    gate = Gate(shared_engine())
    service = Recorded(ThreadRunner(lambda _: gate), str(tiny_folder))
    with (
        running_server(service) as address,
        openai.OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0) as client,
    ):
        with pytest.raises(openai.APITimeoutError):
            client.images.generate(prompt="a fox", timeout=0.5)
        until(lambda: service.snapshot(service.submitted[0]).over)
        gate.steps.release(1)  # the step at whose end that drawing stops
        fill_queue(service)
        with pytest.raises(openai.RateLimitError) as caught:
            client.images.generate(prompt="a fox")
        assert int(caught.value.response.headers["Retry-After"]) >= 1
        gate.open()
        service.close()


def test_it_raises_connection_error_when_nobody_is_there():
    with (
        openai.OpenAI(base_url="http://127.0.0.1:9/v1", api_key=KEY, max_retries=0) as client,
        pytest.raises(openai.APIConnectionError),
    ):
        client.models.list()
