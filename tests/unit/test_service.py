"""The studio draws everybody's pictures in turn, and nobody's failure is another's."""

import subprocess
import sys
import threading
import time
import weakref

import pytest

from stimage.errors import ModelError, QueueFull
from stimage.images.png_metadata import read_png
from stimage.inference.engine import SCHEDULERS, Engine
from stimage.request import Picture, Request, Step
from stimage.service.jobs import MAX_KEPT, MAX_KEPT_PER_VISITOR, Watch
from stimage.service.local import MAX_WAITING, Job, Studio
from tests.support.tiny import save_tiny, shared_engine, tiny_engine


class Gate:
    """Draws with a real engine, but each step waits until the test lets it go."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.steps, self.arrived = engine, threading.Semaphore(0), threading.Event()
        self.drawn: list[str] = []
        self.completed = engine.completed

    def generate(self, request: Request, on_step) -> Picture:
        self.drawn.append(request.prompt)

        def wait_then(step):
            self.arrived.set()
            assert self.steps.acquire(timeout=30)
            on_step(step)

        return self.engine.generate(request, wait_then)

    def open(self) -> None:
        self.steps.release(10_000)


def wish(prompt: str = "a fox", **values) -> Request:
    return Request(**{"prompt": prompt, "seed": 1, "num_inference_steps": 3, **values})


def finish(studio: Studio, *jobs: Job, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not all(job.over for job in jobs):
        assert time.monotonic() < end, [(job.state, job.problem) for job in jobs]
        for job in jobs:
            studio.job(job.id)
        time.sleep(0.005)


def pixels_alone(prompt: str) -> bytes:
    return shared_engine().generate(wish(prompt)).image.tobytes()


def quiet(studio: Studio) -> None:
    while studio._drawing is not None:
        time.sleep(0.005)


def open_studio() -> Studio:
    return Studio(lambda _: shared_engine(), "tiny")


def gated_studio() -> tuple[Studio, Gate]:
    gate = Gate(shared_engine())
    return Studio(lambda _: gate, "tiny"), gate


def test_a_wish_becomes_a_picture():
    studio = open_studio()
    job = studio.submit(wish(), "ann")
    finish(studio, job)
    assert (job.state, job.problem, job.preview, job.step, job.total) == ("done", "", None, 3, 3)
    assert job.picture.image.tobytes() == shared_engine().generate(wish()).image.tobytes()
    assert read_png(job.png)["seed"] == 1
    assert studio.job(job.id) is job
    assert job.seconds_left is None


def test_eight_visitors_at_once_get_what_each_would_get_alone():
    names = [*SCHEDULERS, *SCHEDULERS][:8]
    wishes = [
        wish(
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
    alone = [engine.generate(request).image.tobytes() for request in wishes]
    studio = open_studio()
    jobs: dict[int, Job] = {}
    start = threading.Barrier(8)

    def visit(i: int) -> None:
        start.wait(30)
        jobs[i] = studio.submit(wishes[i], f"visitor {i}")

    visitors = [threading.Thread(target=visit, args=(i,)) for i in range(8)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join(30)
    finish(studio, *jobs.values())
    assert [jobs[i].picture.image.tobytes() for i in range(8)] == alone


def test_nothing_is_loaded_before_the_first_wish_and_then_once_in_the_worker():
    loads = []

    def load(name: str) -> Engine:
        loads.append((name, threading.current_thread().name))
        return shared_engine()

    studio = Studio(load, "tiny")
    assert studio.job("nothing") is None
    assert (studio.model_state, loads) == ("not loaded", [])
    finish(studio, studio.submit(wish(), "ann"), studio.submit(wish(), "bob"))
    assert (studio.model_state, loads) == ("ready", [("tiny", "worker")])


def test_visitors_take_turns():
    studio, gate = gated_studio()
    first = studio.submit(wish("ann 1"), "ann")
    assert gate.arrived.wait(30)
    jobs = [
        studio.submit(wish(f"{visitor} {number}"), visitor)
        for visitor, number in [("ann", 2), ("ann", 3), ("bob", 1), ("bob", 2), ("cid", 1)]
    ]
    # Ann is being served, so Bob and Cid come before her second picture.
    assert [job.place for job in jobs] == [3, 5, 1, 4, 2]
    gate.open()
    finish(studio, first, *jobs)
    assert gate.drawn == ["ann 1", "bob 1", "cid 1", "ann 2", "bob 2", "ann 3"]


def test_who_was_away_gets_no_turns_for_it_and_who_cancels_loses_none():
    studio, gate = gated_studio()
    jobs = [studio.submit(wish("ann 1"), "ann"), studio.submit(wish("ann 2"), "ann")]
    assert gate.arrived.wait(30)
    gate.steps.release(3)
    while gate.drawn != ["ann 1", "ann 2"]:
        time.sleep(0.005)
    jobs += [studio.submit(wish("ann 3"), "ann"), studio.submit(wish("bob 1"), "bob")]
    assert [job.place for job in jobs[2:]] == [2, 1]
    studio.cancel(jobs[2].id)
    jobs += [studio.submit(wish("ann 4"), "ann"), studio.submit(wish("bob 2"), "bob")]
    assert [job.place for job in jobs[3:]] == [1, 2, 3]
    gate.open()
    finish(studio, *jobs)


def test_a_visitor_has_at_most_two_wishes_waiting():
    studio, gate = gated_studio()
    jobs = [studio.submit(wish(), "ann")]
    assert gate.arrived.wait(30)
    jobs += studio.submit_all([wish(seed=seed) for seed in range(4)], "ann")
    jobs += [studio.submit(wish(), "ann")]
    with pytest.raises(QueueFull, match="Two of your wishes"):
        studio.submit(wish(), "ann")
    jobs += [studio.submit(wish(), "bob")]
    gate.open()
    finish(studio, *jobs)
    assert {job.state for job in jobs} == {"done"}


def test_the_queue_is_bounded_and_takes_all_of_a_wish_or_nothing():
    studio, gate = gated_studio()
    jobs = [studio.submit(wish(), "first")]
    assert gate.arrived.wait(30)
    jobs += [studio.submit(wish(), str(i)) for i in range(MAX_WAITING - 1)]
    with pytest.raises(QueueFull, match="Try again"):
        studio.submit_all([wish(), wish()], "late")
    jobs += [studio.submit(wish(), "late")]
    with pytest.raises(QueueFull):
        studio.submit(wish(), "later")
    assert [job.place for job in jobs] == [0, *range(1, MAX_WAITING + 1)]
    for job in jobs:
        studio.cancel(job.id)
    gate.open()
    quiet(studio)


def test_cancel_acts_within_one_step_and_leaves_no_trace():
    studio, gate = gated_studio()
    job = studio.submit(wish(seed=9, num_inference_steps=50), "ann")
    assert gate.arrived.wait(30)
    studio.cancel(job.id)
    assert job.state == "cancelled"
    gate.steps.release(1)
    quiet(studio)
    assert (job.step, job.picture, job.png, job.state) == (0, None, None, "cancelled")
    gate.open()
    after = studio.submit(wish(), "ann")
    finish(studio, after)
    assert after.picture.image.tobytes() == tiny_engine().generate(wish()).image.tobytes()


def test_a_cancelled_job_that_waits_is_never_drawn_and_the_others_move_up():
    studio, gate = gated_studio()
    jobs = [studio.submit(wish(visitor), visitor) for visitor in ("ann", "bob", "cid")]
    assert gate.arrived.wait(30)
    studio.cancel(jobs[1].id)
    studio.cancel(jobs[1].id)
    studio.cancel("nothing")
    assert [job.place for job in jobs] == [0, 0, 1]
    gate.open()
    finish(studio, *jobs)
    assert gate.drawn == ["ann", "cid"]


def test_cancelled_while_the_model_loads():
    loading, go = threading.Event(), threading.Event()

    def load(_: str) -> Engine:
        loading.set()
        assert go.wait(30)
        return shared_engine()

    studio = Studio(load, "tiny")
    job = studio.submit(wish(), "ann")
    assert loading.wait(30)
    assert (job.state, studio.model_state) == ("waiting", "loading")
    studio.cancel(job.id)
    go.set()
    quiet(studio)
    assert (job.state, job.step, studio.model_state) == ("cancelled", 0, "ready")


def test_closing_waits_for_the_step_and_cancels_all():
    studio, gate = gated_studio()
    jobs = [studio.submit(wish(num_inference_steps=50), visitor) for visitor in ("ann", "bob")]
    assert gate.arrived.wait(30)
    closing = threading.Thread(target=studio.close)
    closing.start()
    closing.join(0.1)
    assert closing.is_alive()
    gate.steps.release(1)
    closing.join(30)
    assert not closing.is_alive()
    assert [(job.state, job.step) for job in jobs] == [("cancelled", 0)] * 2


@pytest.mark.slow
def test_python_ends_well_in_the_middle_of_a_drawing(tmp_path):
    code = f"""
from stimage.inference.engine import Engine
from stimage.request import Request
from stimage.service.local import Studio
job = Studio(Engine.load, {str(save_tiny(tmp_path / "tiny"))!r}).submit(
    Request(prompt="a fox", num_inference_steps=50), "ann")
while job.step < 2 and not job.over:
    pass
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (done.returncode, b"terminate called" in done.stderr) == (0, False)


def test_a_finished_picture_can_not_be_cancelled():
    studio = open_studio()
    job = studio.submit(wish(), "ann")
    finish(studio, job)
    studio.cancel(job.id)
    assert (job.state, job.png is None) == ("done", False)


class Fragile(Gate):
    """Breaks in its second step when the prompt says so."""

    def generate(self, request: Request, on_step) -> Picture:
        def break_then(step):
            if step.index == 2 and request.prompt == "memory":
                raise RuntimeError("DefaultCPUAllocator: can't allocate memory: 10 GB")
            if step.index == 2 and request.prompt == "crash":
                raise ZeroDivisionError
            if step.index == 2 and request.prompt == "die":
                raise SystemExit
            on_step(step)

        return self.engine.generate(request, break_then)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize(
    ("prompt", "says"), [("memory", "memory ran out"), ("crash", "ZeroDivision"), ("die", "again")]
)
def test_a_crash_ends_its_own_job_only(prompt, says):
    studio = Studio(lambda _: Fragile(shared_engine()), "tiny")
    jobs = [studio.submit(wish(words), words) for words in ("before", prompt, "after")]
    finish(studio, *jobs)
    assert [job.state for job in jobs] == ["done", "failed", "done"]
    assert says in jobs[1].problem
    assert jobs[1].problem.endswith(".")
    assert jobs[2].picture.image.tobytes() == pixels_alone("after")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_dead_worker_is_replaced():
    studio = Studio(lambda _: Fragile(shared_engine()), "tiny")
    finish(studio, studio.submit(wish("before"), "ann"))
    first = studio._worker
    finish(studio, studio.submit(wish("die"), "ann"))
    first.join(30)
    assert not first.is_alive()
    finish(studio, studio.submit(wish("after"), "ann"))
    assert studio._worker is not first


def test_a_wish_beyond_the_models_limits_fails_with_a_sentence():
    studio = open_studio()
    job = studio.submit(wish(scheduler="Magic"), "ann")
    finish(studio, job)
    assert (job.state, job.problem[:18]) == ("failed", "There is no schedu")


def test_a_model_that_does_not_load_fails_its_job_and_is_tried_again():
    answers = [ModelError("It is not here. Download it."), shared_engine()]

    def load(_: str) -> Engine:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    studio = Studio(load, "tiny")
    job = studio.submit(wish(), "ann")
    finish(studio, job)
    assert (job.state, job.problem) == ("failed", "It is not here. Download it.")
    quiet(studio)
    assert (studio.model_state, studio.model_problem) == ("failed", "It is not here. Download it.")
    again = studio.submit(wish(), "ann")
    finish(studio, again)
    assert (again.state, studio.model_state, studio.model_problem) == ("done", "ready", "")


def test_another_model_draws_later_jobs_and_the_old_one_is_gone_first():
    engines: list[weakref.ref[Engine]] = []
    alive = []

    def load(name: str) -> Engine:
        alive.append(sum(engine() is not None for engine in engines))
        engine = tiny_engine({"one": 0, "two": 1}[name])
        engines.append(weakref.ref(engine))
        return engine

    studio = Studio(load, "one")
    first = studio.submit(wish(), "ann")
    finish(studio, first)
    studio.use_model("two")
    assert studio.model_state == "loading"
    second = studio.submit(wish(), "ann")
    finish(studio, second)
    quiet(studio)
    assert studio.model_state == "ready"
    assert alive == [0, 0]
    assert second.picture.image.tobytes() == tiny_engine(1).generate(wish()).image.tobytes()
    assert second.picture.image.tobytes() != first.picture.image.tobytes()


def test_a_chosen_model_is_loaded_without_a_wish():
    studio = open_studio()
    studio.use_model("other")
    end = time.monotonic() + 30
    while studio.model_state != "ready":
        assert time.monotonic() < end
        time.sleep(0.005)


def test_previews_are_made_while_somebody_watches_and_only_then():
    studio, gate = gated_studio()
    job = studio.submit(wish(num_inference_steps=8), "ann")
    assert gate.arrived.wait(30)
    job.watched_at += 60
    time.sleep(0.3)
    gate.steps.release(3)
    end = time.monotonic() + 30
    while job.preview is None:
        assert time.monotonic() < end
        time.sleep(0.005)
    assert job.preview.startswith(b"\xff\xd8")
    assert job.seconds_left is not None
    gate.open()
    finish(studio, job)

    studio, gate = gated_studio()
    job = studio.submit(wish(num_inference_steps=8), "ann")
    assert gate.arrived.wait(30)
    job.watched_at -= 60
    time.sleep(0.3)
    gate.steps.release(3)
    while job.step < 3:
        time.sleep(0.005)
    assert job.preview is None
    gate.open()
    finish(studio, job)


@pytest.mark.parametrize(("decode_seconds", "left"), [(3.0, 17.0), (None, 17.0)])
def test_seconds_left_come_from_this_drawings_steps_without_its_slow_first(
    monkeypatch, decode_seconds, left
):
    now = [100.0]
    monkeypatch.setattr("stimage.service.jobs.time.monotonic", lambda: now[0])
    job = Job(request=wish(), visitor="ann", model="tiny", wish=0, turn=0, state="drawing")
    watch = Watch(job, decode_seconds)
    assert job.seconds_left is None
    for index, seconds in enumerate([10.0, 2.0, 2.0], start=1):
        now[0] += seconds
        watch.on_step(Step(index, 10, lambda: b""))
    assert job.seconds_left == left  # 7 steps of 2 s and the decoding
    now[0] += 5
    assert job.seconds_left == left - 5
    now[0] += 50
    assert job.seconds_left == 0


def test_finished_jobs_are_bounded():
    studio = open_studio()
    mine = []
    for number in range(MAX_KEPT_PER_VISITOR + 3):
        mine.append(studio.submit(wish(num_inference_steps=1), "ann"))
        finish(studio, mine[-1])
        if number == 5:
            broken = studio.submit(wish(scheduler="Magic"), "ann")
            finish(studio, broken)
    assert [studio.job(job.id) is None for job in mine] == [True] * 3 + [False] * 12
    assert studio.job(broken.id) is broken
    for number in range(MAX_KEPT + 3):
        finish(studio, studio.submit(wish(num_inference_steps=1), f"visitor {number}"))
    assert len(studio._jobs) == MAX_KEPT


def test_ids_can_not_be_guessed():
    studio = open_studio()
    ids = {studio.submit(wish(num_inference_steps=1), str(i)).id for i in range(5)}
    assert len(ids) == 5
    assert all(len(name) >= 22 for name in ids)
