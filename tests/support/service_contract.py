"""What every `ImageService` promises, however it is made: inherit, and say how one is opened."""

from __future__ import annotations

import threading
from dataclasses import FrozenInstanceError

import pytest

from stimage.errors import Message, ModelError, QueueFull
from stimage.images.png_metadata import read_png
from stimage.inference.engine import Engine
from stimage.models.scheduler_names import SCHEDULERS
from stimage.request import Picture, Request
from stimage.service.api import ImageService, JobState, ModelState
from stimage.service.fair_queue import MAX_QUEUED
from tests.support.services import (
    Gate,
    drawn_alone,
    finish,
    pixels,
    places,
    request,
    until,
)
from tests.support.tiny import shared_engine, tiny_engine


class ImageServiceContract:
    """Inherit as `class TestX(ImageServiceContract)` and give the fixture `open_service`."""

    @pytest.fixture
    def open_service(self):
        """Return a function: (load_engine, model) -> ImageService; closed after the test."""
        raise NotImplementedError

    @pytest.fixture
    def service(self, open_service) -> ImageService:
        return open_service(lambda _: shared_engine(), "tiny")

    @pytest.fixture
    def gated(self, open_service) -> tuple[ImageService, Gate]:
        gate = Gate(shared_engine())
        return open_service(lambda _: gate, "tiny"), gate

    def test_a_request_becomes_a_picture(self, service):
        [job] = finish(service, service.submit([request()], "ann"))
        assert (job.state, job.error, job.preview) == (JobState.DONE, None, None)
        assert (job.step, job.total, job.place, job.seconds_left) == (3, 3, 0, None)
        assert pixels(job) == drawn_alone(request())
        assert read_png(job.png)["seed"] == 1
        assert job.request.guidance_scale == 3.0  # what the request left to the model
        assert job.model == "tiny"

    def test_eight_visitors_at_once_get_what_each_would_get_alone(self, service):
        names = [*SCHEDULERS, *SCHEDULERS][:8]
        requests = [
            request(
                f"a {'fox' if i % 2 else 'cat'} {i}",
                seed=i,
                scheduler=name,
                num_inference_steps=3 + i,
                guidance_scale=1.0 + i,
                negative_prompt="cat" * (i % 3),
            )
            for i, name in enumerate(names)
        ]
        engine = tiny_engine()
        alone = [drawn_alone(each, engine) for each in requests]
        ids: dict[int, str] = {}
        start = threading.Barrier(8)

        def visit(i: int) -> None:
            start.wait(30)
            [ids[i]] = service.submit([requests[i]], f"visitor {i}")

        visitors = [threading.Thread(target=visit, args=(i,)) for i in range(8)]
        for visitor in visitors:
            visitor.start()
        for visitor in visitors:
            visitor.join(30)
        jobs = finish(service, [ids[i] for i in range(8)])
        assert [pixels(job) for job in jobs] == alone

    def test_visitors_take_turns(self, gated):
        service, gate = gated
        first = service.submit([request("ann 1")], "ann")
        assert gate.arrived.wait(30)
        asked = [("ann", 2), ("ann", 3), ("bob", 1), ("bob", 2), ("cid", 1)]
        ids = [service.submit([request(f"{who} {n}")], who)[0] for who, n in asked]
        # Ann is being served, so Bob and Cid come before her second picture.
        assert places(service, ids) == [3, 5, 1, 4, 2]
        gate.open()
        finish(service, first + ids)
        assert gate.drawn == ["ann 1", "bob 1", "cid 1", "ann 2", "bob 2", "ann 3"]

    def test_a_visitor_has_at_most_two_batches_queued(self, gated):
        service, gate = gated
        ids = service.submit([request()], "ann")
        assert gate.arrived.wait(30)
        ids += service.submit([request(seed=seed) for seed in range(4)], "ann")
        ids += service.submit([request()], "ann")
        with pytest.raises(QueueFull) as caught:
            service.submit([request()], "ann")
        assert (caught.value.code, caught.value.values) == ("queue_full_of_yours", {"count": 2})
        ids += service.submit([request()], "bob")
        gate.open()
        assert {job.state for job in finish(service, ids)} == {JobState.DONE}

    def test_jobs_of_a_batch_say_so(self, service):
        first = service.submit([request(), request(seed=2)], "ann")
        second = service.submit([request()], "ann")
        batches = [job.batch for job in finish(service, first + second)]
        assert batches[0] == batches[1] != batches[2]

    def test_the_queue_is_bounded_and_takes_all_of_a_batch_or_nothing(self, gated):
        service, gate = gated
        ids = service.submit([request()], "first")
        assert gate.arrived.wait(30)
        there = "192.0.2.1"
        ids += [service.submit([request()], str(i), there)[0] for i in range(MAX_QUEUED - 1)]
        with pytest.raises(QueueFull) as caught:
            service.submit([request(), request()], "late", there)
        assert caught.value.code == "queue_full"
        ids += service.submit([request()], "late", there)
        with pytest.raises(QueueFull):
            service.submit([request()], "later", there)
        assert places(service, ids) == [0, *range(1, MAX_QUEUED + 1)]
        for name in ids:
            service.cancel(name, service.snapshot(name).visitor)
        gate.open()

    def test_cancel_acts_within_one_step_and_leaves_no_trace(self, gated):
        service, gate = gated
        [name] = service.submit([request(seed=9, num_inference_steps=50)], "ann")
        assert gate.arrived.wait(30)
        service.cancel(name, "ann")
        assert service.snapshot(name).state is JobState.CANCELLED
        after = service.submit([request()], "ann")
        gate.steps.release(1)
        gate.open()
        [job] = finish(service, after)
        assert pixels(job) == drawn_alone(request(), tiny_engine())
        cancelled = service.snapshot(name)
        assert (cancelled.step, cancelled.png, cancelled.state) == (0, None, JobState.CANCELLED)

    def test_a_cancelled_job_in_the_queue_is_never_drawn_and_the_others_move_up(self, gated):
        service, gate = gated
        ids = [service.submit([request(who)], who)[0] for who in ("ann", "bob", "cid")]
        assert gate.arrived.wait(30)
        service.cancel(ids[1], "bob")
        service.cancel(ids[1], "bob")
        service.cancel("nothing", "bob")
        assert places(service, ids) == [0, 0, 1]
        gate.open()
        finish(service, ids)
        assert gate.drawn == ["ann", "cid"]

    def test_who_has_a_link_sees_the_job_and_only_who_asked_cancels_it(self, gated):
        service, gate = gated
        [name] = service.submit([request()], "ann")
        assert gate.arrived.wait(30)
        for other in ("bob", "", "anna"):
            service.cancel(name, other)
        assert service.watch(name).state is JobState.RUNNING
        assert service.snapshot(name).visitor == "ann"
        assert "ann" not in repr(service.snapshot(name))
        service.cancel(name, "ann")
        assert service.snapshot(name).state is JobState.CANCELLED
        gate.open()

    def test_beside_forty_visitors_of_one_address_another_one_is_next(self, gated):
        service, gate = gated
        school = [f"tab {number}" for number in range(40)]
        ids = [service.submit([request(name)], name, "192.0.2.1")[0] for name in school]
        assert gate.arrived.wait(30)
        [polite] = service.submit([request("polite")], "polite", "192.0.2.2")
        assert places(service, [polite]) == [1]
        for name in ids[1:]:
            service.cancel(name, service.snapshot(name).visitor)
        gate.open()
        finish(service, [*ids, polite])
        assert gate.drawn == ["tab 0", "polite"]

    def test_a_finished_picture_can_not_be_cancelled(self, service):
        [job] = finish(service, service.submit([request()], "ann"))
        service.cancel(job.id, "ann")
        assert service.snapshot(job.id) == job

    def test_a_request_beyond_the_models_limits_fails_with_a_message(self, service):
        [job] = finish(service, service.submit([request(scheduler="Magic")], "ann"))
        assert (job.state, job.error.key) == (JobState.FAILED, "scheduler_unknown")

    def test_another_model_draws_later_jobs(self, open_service):
        service = open_service(lambda name: tiny_engine({"one": 0, "two": 1}[name]), "one")
        [first] = finish(service, service.submit([request()], "ann"))
        service.use_model("two")
        [second] = finish(service, service.submit([request()], "ann"))
        assert (service.status().name, service.status().state) == ("two", ModelState.READY)
        assert pixels(second) == drawn_alone(request(), tiny_engine(1)) != pixels(first)

    def test_ids_can_not_be_guessed(self, service):
        ids = {service.submit([request(num_inference_steps=1)], str(i))[0] for i in range(5)}
        assert len(ids) == 5
        assert all(len(name) >= 22 for name in ids)

    def test_an_unknown_job_is_none(self, service):
        assert service.snapshot("nothing") is service.watch("nothing") is None

    def test_cancelled_while_the_model_loads(self, open_service):
        loading, go = threading.Event(), threading.Event()

        def load(_: str) -> Engine:
            loading.set()
            assert go.wait(30)
            return shared_engine()

        service = open_service(load, "tiny")
        [name] = service.submit([request()], "ann")
        assert loading.wait(30)
        assert service.snapshot(name).state is JobState.QUEUED
        assert service.status().state is ModelState.LOADING
        service.cancel(name, "ann")
        go.set()
        until(lambda: service.status().state is ModelState.READY)
        assert (service.snapshot(name).state, service.snapshot(name).step) == (
            JobState.CANCELLED,
            0,
        )

    def test_a_model_that_does_not_load_fails_its_job_and_is_tried_again(self, open_service):
        answers: list[Engine | ModelError] = [ModelError("model_not_here"), shared_engine()]

        def load(_: str) -> Engine:
            answer = answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        service = open_service(load, "tiny")
        [job] = finish(service, service.submit([request()], "ann"))
        assert (job.state, job.error.key) == (JobState.FAILED, "model_not_here")
        status = service.status()
        assert (status.state, status.error.key) == (ModelState.FAILED, "model_not_here")
        [again] = finish(service, service.submit([request()], "ann"))
        status = service.status()
        assert (again.state, status.state, status.error) == ("done", ModelState.READY, None)
        assert status.picture_seconds == {"tiny": again.seconds}

    def test_a_chosen_model_is_loaded_without_a_request(self, open_service):
        service = open_service(lambda _: shared_engine(), "tiny")
        service.use_model("other")
        until(lambda: service.status().state is ModelState.READY)

    def test_a_snapshot_is_of_its_moment_and_does_not_change(self, gated):
        service, gate = gated
        [name] = service.submit([request()], "ann")
        assert gate.arrived.wait(30)
        before = service.snapshot(name)
        assert (before.state, before.step, before.total) == (JobState.RUNNING, 0, 3)
        gate.open()
        [after] = finish(service, [name])
        assert (before.state, before.png, after.state) == ("running", None, JobState.DONE)
        with pytest.raises(FrozenInstanceError):
            before.step = 3

    def test_a_picture_that_fails_is_its_own_failure_only(self, open_service):
        class Fragile(Gate):
            def generate(self, request: Request, on_step=None) -> Picture:
                if request.prompt == "crash":
                    raise ZeroDivisionError
                return self.engine.generate(request, on_step)

        service = open_service(lambda _: Fragile(shared_engine()), "tiny")
        ids = [service.submit([request(words)], words)[0] for words in ("a", "crash", "b")]
        before, failed, after = finish(service, ids)
        assert [before.state, failed.state, after.state] == ["done", "failed", "done"]
        assert failed.error == Message("unexpected", {"kind": "ZeroDivisionError"})
        assert pixels(after) == drawn_alone(request("b"))

    def test_closing_cancels_what_is_drawn_and_what_is_queued(self, gated):
        service, gate = gated
        ids = [service.submit([request()], who)[0] for who in ("ann", "bob")]
        assert gate.arrived.wait(30)
        closing = threading.Thread(target=service.close)
        closing.start()
        until(lambda: all(job.over for name in ids if (job := service.snapshot(name))))
        gate.open()
        closing.join(30)
        assert [service.snapshot(name).state for name in ids] == [JobState.CANCELLED] * 2
