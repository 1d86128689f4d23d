"""The server on a real socket: who may come in, clients that leave, clients that are slow."""

from __future__ import annotations

import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from stimage.service.api import JobState
from stimage.service.runner import ThreadRunner
from tests.support.services import Gate, request, until
from tests.support.serving import Recorded, running_server
from tests.support.tiny import shared_engine

FOX = {"prompt": "a fox", "num_inference_steps": 50}
IMAGES = "/v1/images/generations"


class House:
    """One server for all tests of this file; each test gets a gate of its own."""

    address: str

    def __init__(self, folder):
        self.gate = Gate(shared_engine())
        self.service = Recorded(ThreadRunner(lambda _: self), str(folder))
        self.name, self.completed = self.gate.name, self.gate.completed

    def generate(self, wanted, on_step=None):
        return self.gate.generate(wanted, on_step)


@pytest.fixture(scope="module")
def house(tiny_folder):
    house = House(tiny_folder)
    with running_server(house.service) as house.address:
        yield house
        house.gate.open()
        house.service.close()


@pytest.fixture
def gate(house):
    house.gate = Gate(shared_engine())
    yield house.gate
    house.gate.open()
    until(lambda: all(job.over for name in house.service.submitted if (job := look(house, name))))


def look(house, name):
    return house.service.snapshot(name)


def sent(address, path, body, **headers):
    """Send a POST over a socket and leave it open."""
    host, _, port = address.removeprefix("http://").partition(":")
    data = json.dumps(body).encode()
    lines = [f"POST {path} HTTP/1.1", f"Host: {host}", f"Content-Length: {len(data)}"]
    lines += ["Content-Type: application/json", *(f"{k}: {v}" for k, v in headers.items())]
    connection = socket.create_connection((host, int(port)), timeout=30)
    connection.sendall("\r\n".join([*lines, "", ""]).encode() + data)
    return connection


@pytest.mark.parametrize(
    ("path", "more"),
    [("/generate", {}), (IMAGES, {}), (IMAGES, {"stream": True, "partial_images": 2})],
)
def test_who_leaves_stops_the_drawing_within_one_step(house, gate, path, more):
    connection = sent(house.address, path, FOX | more)
    assert gate.arrived.wait(30)
    name = house.service.submitted[-1]
    assert look(house, name).state is JobState.RUNNING
    connection.close()
    until(lambda: look(house, name).state is JobState.CANCELLED)
    gate.open()
    after = httpx.post(f"{house.address}/generate", json=FOX | {"num_inference_steps": 1})
    assert after.status_code == 200
    assert look(house, name).step == 0


def test_who_leaves_the_queue_gives_the_place_up(house, gate):
    first = sent(house.address, "/generate", FOX)
    assert gate.arrived.wait(30)
    before = len(house.service.submitted)
    second = sent(house.address, "/generate", FOX)
    until(lambda: len(house.service.submitted) > before)
    name = house.service.submitted[-1]
    until(lambda: look(house, name).place == 1)
    second.close()
    until(lambda: look(house, name).state is JobState.CANCELLED)
    first.close()


def test_a_drawing_goes_on_as_long_as_one_of_two_who_asked_with_one_key_waits(house, gate):
    key = {"Idempotency-Key": "both"}
    first, second = (sent(house.address, "/generate", FOX, **key) for _ in range(2))
    assert gate.arrived.wait(30)
    name = house.service.submitted[-1]
    first.close()
    gate.open()
    assert b"200 OK" in second.recv(100)
    assert look(house, name).state is JobState.DONE
    second.close()


def test_a_job_of_the_studio_goes_on_when_nobody_follows_it(house, gate):
    asked = {"requests": [FOX]}
    submitted = httpx.post(f"{house.address}/v1/jobs", json=asked).json()
    [name] = submitted["ids"]
    with httpx.stream("GET", f"{house.address}/v1/jobs/{name}/events") as events:
        assert next(events.iter_lines()) == "event: job"
    assert gate.arrived.wait(30)
    gate.open()
    until(lambda: look(house, name).state is JobState.DONE)


def test_slow_clients_hold_no_thread(house, gate):
    gate.open()
    host, _, port = house.address.removeprefix("http://").partition(":")
    slow = [socket.create_connection((host, int(port))) for _ in range(200)]
    for number, connection in enumerate(slow):
        head = b"POST /generate HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        tail = b"Content-Type: application/json\r\nContent-Length: 60000\r\n\r\n{"
        connection.sendall(head + tail if number % 2 else head)
    with ThreadPoolExecutor(8) as others:
        answers = others.map(lambda _: httpx.get(f"{house.address}/healthz", timeout=30), range(40))
        assert {answer.status_code for answer in answers} == {200}
    for connection in slow:
        connection.close()


def test_as_many_as_wait_somebody_who_asks_briefly_is_answered(house, gate):
    [name] = house.service.submit([request(num_inference_steps=50)], "ann")
    assert gate.arrived.wait(30)
    path = f"{house.address}/v1/jobs/{name}/events"
    full = threading.Event()
    statuses = []

    def follow():
        with httpx.stream("GET", path, timeout=60) as events:
            statuses.append(events.status_code)
            full.wait(30)

    crowd = [threading.Thread(target=follow) for _ in range(90)]
    for each in crowd:
        each.start()
    until(lambda: len(statuses) == 90)
    assert (statuses.count(200), statuses.count(429)) == (72, 18)
    assert httpx.get(f"{house.address}/healthz", timeout=30).status_code == 200
    full.set()
    gate.open()
    for each in crowd:
        each.join(30)


def test_a_body_beyond_the_limits_is_refused(house):
    for size in (70_000, 300_000):
        body = b'{"prompt": "' + b"x" * size + b'"}'
        headers = {"Content-Type": "application/json"}
        answer = httpx.post(f"{house.address}/generate", content=body, headers=headers)
        assert answer.status_code == 413


def test_what_is_no_http_gets_an_answer_and_the_server_stays(house):
    host, _, port = house.address.removeprefix("http://").partition(":")
    for noise in (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", b"GET\r\n\r\n", b"POST / HTTP/9.9\r\n\r\n"):
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(noise)
            assert b" 500 " not in connection.recv(1000)
    assert httpx.get(f"{house.address}/healthz").status_code == 200
