"""The service over HTTP keeps the same promises, and says so when its back-end is away."""

from __future__ import annotations

import contextlib

import httpx
import pytest

from stimage.errors import InvalidRequest, Message, StimageError
from stimage.request import Limits
from stimage.service.api import JobState, ModelState
from stimage.service.http_client import HttpService, client_for
from stimage.service.local import LocalService
from stimage.service.runner import ThreadRunner
from tests.support.service_contract import ImageServiceContract
from tests.support.services import Gate, finish, pixels, request, until
from tests.support.serving import running_server
from tests.support.tiny import shared_engine


@pytest.fixture
def open_service():
    """Open services over HTTP; each has a server of its own, over any engine."""
    with contextlib.ExitStack() as servers:

        def open_one(load_engine, model="tiny"):
            behind = LocalService(ThreadRunner(load_engine), model)
            servers.callback(behind.close)
            address = servers.enter_context(running_server(behind))
            return HttpService(servers.enter_context(client_for(address)))

        yield open_one


class TestHttpService(ImageServiceContract):
    @pytest.fixture
    def open_service(self, open_service):
        return open_service


def test_a_key_opens_the_back_end_and_a_wrong_one_is_said():
    behind = LocalService(ThreadRunner(lambda _: shared_engine()), "tiny")
    with (
        running_server(behind, api_key="key") as address,
        client_for(address, "key") as right,
        client_for(address, "other") as wrong,
        client_for(address) as without,
    ):
        service = HttpService(right)
        [job] = finish(service, service.submit([request()], "ann", "192.0.2.1"))
        assert job.state is JobState.DONE
        with pytest.raises(StimageError) as caught:
            HttpService(wrong).submit([request()], "ann")
        assert caught.value.code == "api_key_wrong"
        assert HttpService(without).status().error.key == "api_key_missing"
    behind.close()


def test_what_the_back_end_refuses_is_the_same_error_here(open_service):
    service = open_service(lambda _: shared_engine())
    wide = Limits(max_steps=1000)
    with pytest.raises(InvalidRequest) as caught:
        service.submit([request(num_inference_steps=900, limits=wide)], "ann")
    assert caught.value.code == "out_of_range"
    assert caught.value.values["field"] == Message("field.num_inference_steps")


@pytest.mark.parametrize("typed", ["../status", "a/b", "", "x?y", "%2e%2e", "\n", "a" * 65])
def test_what_a_visitor_types_as_a_job_is_never_asked_for(open_service, typed, monkeypatch):
    service = open_service(lambda _: shared_engine())
    monkeypatch.setattr(httpx.Client, "request", lambda *_, **__: pytest.fail("it was asked for"))
    assert service.watch(typed) is service.snapshot(typed) is None
    service.cancel(typed, "ann")


def test_while_the_back_end_is_away_the_last_answer_stays_and_it_goes_on_by_itself():
    gate = Gate(shared_engine())
    behind = LocalService(ThreadRunner(lambda _: gate), "tiny")
    with running_server(behind) as address:
        service = HttpService(client := client_for(address))
        [name] = service.submit([request()], "ann")
        assert gate.arrived.wait(30)
        gate.steps.release(1)
        until(lambda: service.watch(name).step == 1)
    until(lambda: service.status().error is not None)
    assert service.status().error.key == "backend_away"
    assert service.status().state is ModelState.AWAY
    assert (service.watch(name).state, service.watch(name).step) == (JobState.RUNNING, 1)
    with pytest.raises(StimageError) as caught:
        service.submit([request()], "ann")
    assert caught.value.code == "backend_away"
    gate.open()
    with running_server(behind, port=int(address.rpartition(":")[2])):
        until(lambda: service.status().error is None)
        [job] = finish(service, [name])
        assert job.png
    behind.close()
    client.close()


def test_a_back_end_that_began_anew_has_lost_the_picture_and_that_is_said():
    gate = Gate(shared_engine())
    first = LocalService(ThreadRunner(lambda _: gate), "tiny")
    with running_server(first) as address:
        service = HttpService(client := client_for(address))
        [name] = service.submit([request()], "ann")
        assert gate.arrived.wait(30)
        service.watch(name)
    gate.open()
    first.close()
    second = LocalService(ThreadRunner(lambda _: shared_engine()), "tiny")
    with running_server(second, port=int(address.rpartition(":")[2])):
        until(lambda: service.watch(name).over)
        job = service.watch(name)
        assert (job.state, job.error.key) == (JobState.FAILED, "job_lost")
        [drawn] = finish(service, service.submit([request()], "ann"))
        assert pixels(drawn)
    second.close()
    client.close()
