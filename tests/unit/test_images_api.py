"""`/generate` and OpenAI's form: pictures, streams, errors, and what pictures say of themselves."""

from __future__ import annotations

import base64
import functools
import io
import json
import threading

import pytest
from PIL import Image
from PIL.ExifTags import IFD, Base

from stimage.images.png_metadata import read_png
from stimage.server.app import create_app
from stimage.service.api import JobState
from stimage.service.local import LocalService
from stimage.service.runner import ThreadRunner
from tests.support.services import Gate, drawn_alone, fill_queue, request, until
from tests.support.serving import Recorded
from tests.support.tiny import shared_engine

FOX = {"prompt": "a fox", "seed": 1, "num_inference_steps": 3}
IMAGES = "/v1/images/generations"


@pytest.fixture(scope="module")
def client(tiny_service):
    return create_app(tiny_service).test_client()


@pytest.fixture
def gated(tiny_folder):
    gate = Gate(shared_engine())
    service = Recorded(ThreadRunner(lambda _: gate), str(tiny_folder))
    yield create_app(service).test_client(), gate, service
    gate.open()
    service.close()


def opened(data):
    return Image.open(io.BytesIO(data))


def error_of(response):
    return response.status_code, response.json["error"]["code"], response.json["error"]["param"]


def events(response):
    """Return (name, data) of each event of a stream."""
    blocks = response.get_data(as_text=True).split("\n\n")
    pairs = [block.split("\n", 1) for block in blocks if block.startswith("event: ")]
    return [(name[7:], json.loads(data[6:])) for name, data in pairs]


def test_a_sentence_gives_a_picture_and_its_seed(client):
    answer = client.post("/generate", json=FOX)
    assert (answer.status_code, answer.json["seed"]) == (200, 1)
    png = base64.b64decode(answer.json["image"])
    assert opened(png).tobytes() == drawn_alone(request())
    assert read_png(png)["prompt"] == "a fox"


def test_without_a_seed_each_picture_gets_one_that_gives_it_again(client):
    first = client.post("/generate", json={"prompt": "a fox", "num_inference_steps": 1}).json
    again = client.post("/generate", json=FOX | {"num_inference_steps": 1, "seed": first["seed"]})
    assert again.json["image"] == first["image"]


def test_pictures_of_one_request_have_seeds_that_count_up(client):
    answer = client.post(IMAGES, json=FOX | {"n": 4, "seed": 2**32 - 2}).json
    assert [image["seed"] for image in answer["data"]] == [2**32 - 2, 2**32 - 1, 0, 1]
    last = opened(base64.b64decode(answer["data"][3]["b64_json"]))
    assert last.tobytes() == drawn_alone(request())
    assert (answer["size"], answer["output_format"]) == ("32x32", "png")


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_a_picture_comes_in_the_wanted_format_with_its_settings_and_the_mark(client, kind):
    answer = client.post(IMAGES, json=FOX | {"output_format": kind}).json
    image = opened(base64.b64decode(answer["data"][0]["b64_json"]))
    assert (image.format, image.size, answer["output_format"]) == (kind.upper(), (32, 32), kind)
    assert "trainedAlgorithmicMedia" in str(image.info.get("xmp", image.info))
    assert "Steps: 3" in said_by(image)


def said_by(image):
    comment = image.getexif().get_ifd(IFD.Exif).get(Base.UserComment, b"")
    return image.info.get("parameters") or comment.removeprefix(b"UNICODE\0").decode("utf-16-be")


def test_an_address_instead_of_base64_leads_to_the_same_picture(client):
    asked = FOX | {"response_format": "url", "output_format": "webp"}
    url = client.post(IMAGES, json=asked).json["data"][0]["url"]
    assert url.startswith("http://localhost/v1/pictures/")
    answer = client.get(url)
    assert answer.mimetype == "image/webp"
    assert opened(answer.data).size == (32, 32)
    assert client.get(url.replace("webp", "gif")).status_code == 404
    assert client.get("/v1/pictures/nothing.png").status_code == 404


def test_a_stream_ends_with_the_picture(client):
    answer = client.post(IMAGES, json=FOX | {"stream": True, "n": 2})
    assert answer.mimetype == "text/event-stream"
    found = events(answer)
    assert [name for name, _ in found] == ["image_generation.completed"] * 2
    assert [data["seed"] for _, data in found] == [1, 2]
    assert found[0][1]["type"] == "image_generation.completed"
    assert opened(base64.b64decode(found[0][1]["b64_json"])).tobytes() == drawn_alone(request())


def test_a_stream_shows_previews_on_the_way(gated):
    client, gate, service = gated
    asked = FOX | {"stream": True, "partial_images": 3, "num_inference_steps": 40}
    found = []
    reading = threading.Thread(target=lambda: found.extend(events(client.post(IMAGES, json=asked))))
    reading.start()
    assert gate.arrived.wait(30)
    [job] = service.submitted
    for step in range(1, 40):
        gate.steps.release(1)
        until(functools.partial(has_done, service, job, step))
    gate.open()
    reading.join(30)
    names = [name.rpartition(".")[2] for name, _ in found]
    assert names[-1] == "completed"
    assert 1 <= names.count("partial_image") <= 3
    assert [data.get("partial_image_index") for _, data in found[:-1]] == [*range(len(found) - 1)]
    assert opened(base64.b64decode(found[0][1]["b64_json"])).format == "JPEG"


def has_done(service, job, step):
    return service.snapshot(job).step == step


def test_the_model_in_use_is_listed_and_another_one_is_not_served(client, tiny_folder):
    [model] = client.get("/v1/models").json["data"]
    assert (model["id"], model["object"]) == (tiny_folder.name, "model")
    assert client.get(f"/v1/models/{model['id']}").json == model
    assert client.post(IMAGES, json=FOX | {"model": model["id"]}).status_code == 200
    refused = client.post(IMAGES, json=FOX | {"model": "gpt-image-1"})
    assert error_of(refused) == (404, "model_not_served", "model")
    assert model["id"] in refused.json["error"]["message"]


def test_what_the_model_can_not_draw_is_refused_with_what_it_can(client):
    assert client.post(IMAGES, json=FOX | {"size": "auto"}).status_code == 200
    assert client.post(IMAGES, json=FOX | {"size": "32x32"}).status_code == 200
    refused = client.post(IMAGES, json=FOX | {"size": "1024x1024"})
    assert error_of(refused) == (400, "size_not_possible", "size")
    assert "32x32" in refused.json["error"]["message"]


def test_a_full_queue_answers_429_with_when_to_come_back(gated):
    client, _, service = gated
    fill_queue(service)
    refused = client.post("/generate", json=FOX)
    assert error_of(refused) == (429, "queue_full", None)
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert "x-should-retry" not in refused.headers


def test_after_work_was_done_nobody_is_told_to_try_again(tiny_folder):
    class Broken(Gate):
        def generate(self, *_):
            raise ZeroDivisionError

    service = LocalService(ThreadRunner(lambda _: Broken(shared_engine())), str(tiny_folder))
    client = create_app(service).test_client()
    answer = client.post("/generate", json=FOX)
    assert error_of(answer) == (500, "unexpected", None)
    assert answer.headers["x-should-retry"] == "false"
    [(name, data)] = events(client.post(IMAGES, json=FOX | {"stream": True}))
    assert (name, data["error"]["code"]) == ("error", "unexpected")
    service.close()


def test_the_same_key_draws_once(client, tiny_service):
    before = tiny_service.status()
    asked = {"json": {"prompt": "a cat", "num_inference_steps": 1}}
    headers = {"Idempotency-Key": "one"}
    first = client.post("/generate", headers=headers, **asked)
    again = client.post("/generate", headers=headers, **asked)
    assert again.json == first.json
    assert before.name == tiny_service.status().name
    other = client.post("/generate", headers={"Idempotency-Key": "two"}, **asked)
    assert other.json["seed"] != first.json["seed"]
    refused = client.post("/generate", headers=headers, json=FOX)
    assert error_of(refused) == (422, "key_used_otherwise", "Idempotency-Key")


def test_a_key_whose_drawing_was_cancelled_draws_anew(gated):
    client, gate, service = gated
    headers = {"Idempotency-Key": "one"}
    answers = []

    def ask():
        answers.append(client.post("/generate", headers=headers, json=FOX))

    asking = threading.Thread(target=ask)
    asking.start()
    assert gate.arrived.wait(30)
    [job] = service.submitted
    service.cancel(job, service.snapshot(job).visitor)
    gate.open()
    asking.join(30)
    ask()
    assert [answer.status_code for answer in answers] == [500, 200]
    assert service.snapshot(job).state is JobState.CANCELLED


def test_every_answer_has_a_number_of_its_own(client):
    ids = {client.get(path).headers["x-request-id"] for path in ("/v1/models", "/nothing")}
    assert len(ids) == 2
    assert all(len(name) == 16 for name in ids)
