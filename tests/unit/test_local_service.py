"""The local service draws everybody's pictures in turn, and nobody's failure is another's."""

import subprocess
import sys
import threading
import weakref

import pytest

from stimage.i18n import say
from stimage.inference.engine import Engine
from stimage.request import Picture, Request
from stimage.service.api import JobState, ModelState
from stimage.service.jobs import MAX_KEPT, MAX_KEPT_PER_VISITOR
from stimage.service.local import LocalService
from stimage.service.runner import ThreadRunner
from tests.support.service_contract import ImageServiceContract
from tests.support.services import Gate, drawn_alone, finish, pixels, places, request, until
from tests.support.tiny import save_tiny, shared_engine, tiny_engine


@pytest.fixture
def open_service():
    """Open services over any engine; all are closed after the test."""
    opened = []

    def open_one(load_engine, model="tiny", **settings):
        opened.append(LocalService(ThreadRunner(load_engine), model, **settings))
        return opened[-1]

    yield open_one
    for service in opened:
        service.close()


class TestLocalService(ImageServiceContract):
    @pytest.fixture
    def open_service(self, open_service):
        return open_service


def worker_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "worker"]


def test_nothing_is_loaded_before_the_first_request_and_then_once_in_the_worker(open_service):
    loads = []

    def load(name: str) -> Engine:
        loads.append((name, threading.current_thread().name))
        return shared_engine()

    service = open_service(load)
    assert service.snapshot("nothing") is None
    assert (service.status().state, loads, worker_threads()) == (ModelState.NOT_LOADED, [], [])
    finish(service, service.submit([request()], "ann") + service.submit([request()], "bob"))
    assert (service.status().state, loads) == (ModelState.READY, [("tiny", "worker")])


def test_a_getter_starts_nothing_and_does_not_count_as_watching(open_service):
    service = open_service(lambda _: shared_engine())
    service.snapshot("nothing")
    service.watch("nothing")
    service.status()
    assert worker_threads() == []


def test_closing_waits_for_the_step_cancels_all_and_ends_the_thread(open_service):
    gate = Gate(shared_engine())
    service = open_service(lambda _: gate)
    ids = [service.submit([request(num_inference_steps=50)], who)[0] for who in ("ann", "bob")]
    assert gate.arrived.wait(30)
    closing = threading.Thread(target=service.close)
    closing.start()
    closing.join(0.1)
    assert closing.is_alive()
    gate.steps.release(1)
    closing.join(30)
    assert not closing.is_alive()
    assert worker_threads() == []
    snapshots = [service.snapshot(name) for name in ids]
    assert [(job.state, job.step) for job in snapshots] == [(JobState.CANCELLED, 0)] * 2


def test_what_is_submitted_while_it_closes_is_drawn_after(open_service):
    gate = Gate(shared_engine())
    service = open_service(lambda _: gate)
    [first] = service.submit([request()], "ann")
    assert gate.arrived.wait(30)
    closing = threading.Thread(target=service.close)
    closing.start()
    until(lambda: service.snapshot(first).over)
    ids = service.submit([request()], "bob")
    gate.open()
    closing.join(30)
    [job] = finish(service, ids)
    assert job.state is JobState.DONE


def test_a_system_out_of_threads_stops_the_service_only_for_that_time(open_service, monkeypatch):
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    service = open_service(lambda _: shared_engine())
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError):
            service.submit([request()], "ann")
    [job] = finish(service, service.submit([request()], "ann"))
    assert job.state is JobState.DONE


def test_a_closed_service_opens_again_with_the_next_request(open_service):
    service = open_service(lambda _: shared_engine())
    service.close()
    [job] = finish(service, service.submit([request()], "ann"))
    assert job.state is JobState.DONE


@pytest.mark.slow
def test_python_ends_well_in_the_middle_of_a_drawing(tmp_path):
    code = f"""
from stimage.inference.diffusion import DiffusionEngine
from stimage.request import Request
from stimage.service.local import LocalService
from stimage.service.runner import ThreadRunner
service = LocalService(ThreadRunner(DiffusionEngine.load), {str(save_tiny(tmp_path / "tiny"))!r})
[name] = service.submit([Request(prompt="a fox", num_inference_steps=50)], "ann")
while service.snapshot(name).step < 2 and not service.snapshot(name).over:
    pass
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (done.returncode, b"terminate called" in done.stderr) == (0, False)


class Fragile(Gate):
    """Breaks in its second step when the prompt says so."""

    def generate(self, request: Request, on_step=None) -> Picture:
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
    ("prompt", "key", "says"),
    [
        ("memory", "out_of_memory", "memory ran out"),
        ("crash", "unexpected", "ZeroDivision"),
        ("die", "drawing_failed", "again"),
    ],
)
def test_a_crash_ends_its_own_job_only(open_service, prompt, key, says):
    service = open_service(lambda _: Fragile(shared_engine()))
    ids = [service.submit([request(words)], words)[0] for words in ("before", prompt, "after")]
    before, failed, after = finish(service, ids)
    assert [before.state, failed.state, after.state] == ["done", "failed", "done"]
    assert failed.error.key == key
    assert says in say(failed.error)
    assert say(failed.error).endswith(".")
    assert pixels(after) == drawn_alone(request("after"))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_dead_worker_is_replaced(open_service):
    service = open_service(lambda _: Fragile(shared_engine()))
    finish(service, service.submit([request("before")], "ann"))
    [first] = worker_threads()
    finish(service, service.submit([request("die")], "ann"))
    first.join(30)
    assert not first.is_alive()
    finish(service, service.submit([request("after")], "ann"))
    assert worker_threads() != [first]


def test_the_old_model_is_gone_before_the_new_one_comes(open_service):
    engines: list[weakref.ref[Engine]] = []
    alive = []

    def load(name: str) -> Engine:
        alive.append(sum(engine() is not None for engine in engines))
        engine = tiny_engine({"one": 0, "two": 1}[name])
        engines.append(weakref.ref(engine))
        return engine

    service = open_service(load, "one")
    finish(service, service.submit([request()], "ann"))
    service.use_model("two")
    assert service.status().state is ModelState.LOADING
    finish(service, service.submit([request()], "ann"))
    assert alive == [0, 0]


def test_previews_are_made_while_somebody_watches_and_only_then(open_service):
    now = [100.0]
    gate = Gate(shared_engine())
    service = open_service(lambda _: gate, clock=lambda: now[0])
    [name] = service.submit([request(num_inference_steps=8)], "ann")
    assert gate.arrived.wait(30)

    def step(number: int) -> None:
        gate.steps.release(1)
        until(lambda: service.snapshot(name).step == number)

    now[0] += 5  # nobody has asked for five seconds
    step(1)
    assert service.snapshot(name).preview is None
    service.snapshot(name)
    step(2)
    assert service.snapshot(name).preview is None
    service.watch(name)
    step(3)
    assert service.snapshot(name).preview.startswith(b"\xff\xd8")
    assert service.snapshot(name).seconds_left is not None
    gate.open()
    finish(service, [name])


def test_finished_jobs_are_bounded(open_service):
    service = open_service(lambda _: shared_engine())
    mine = []
    for number in range(MAX_KEPT_PER_VISITOR + 3):
        mine += service.submit([request(num_inference_steps=1)], "ann")
        finish(service, mine[-1:])
        if number == 5:
            [broken] = finish(service, service.submit([request(scheduler="Magic")], "ann"))
    assert [service.snapshot(name) is None for name in mine] == [True] * 3 + [False] * 12
    assert service.snapshot(broken.id) == broken
    others = []
    for number in range(MAX_KEPT + 3):
        others += service.submit([request(num_inference_steps=1)], f"visitor {number}")
        finish(service, others[-1:])
    kept = [name for name in mine + others if service.snapshot(name) is not None]
    assert kept == others[-MAX_KEPT:]


def test_what_is_queued_is_dropped_after_a_minute_in_which_nobody_asked_for_it(open_service):
    now = [100.0]
    gate = Gate(shared_engine())
    service = open_service(lambda _: gate, clock=lambda: now[0])
    running, forgotten, watched = (
        service.submit([request(who)], who)[0] for who in ("ann", "bob", "cid")
    )
    assert gate.arrived.wait(30)
    now[0] += 60  # as often as a hidden tab asks
    service.watch(watched)
    service.snapshot(forgotten)  # a getter is not a look
    now[0] += 16
    [late] = service.submit([request("late")], "dan")
    dropped = service.snapshot(forgotten)
    assert (dropped.state, dropped.error.key) == (JobState.FAILED, "unwatched")
    assert say(dropped.error).endswith(".")
    assert places(service, [watched, late]) == [1, 2]
    gate.open()
    assert [job.state for job in finish(service, [running, watched, late])] == ["done"] * 3
    assert gate.drawn == ["ann", "cid", "late"]


def test_what_is_drawn_for_nobody_ends_after_two_minutes(open_service):
    now = [100.0]
    gate = Gate(shared_engine())
    service = open_service(lambda _: gate, clock=lambda: now[0])
    [name] = service.submit([request(num_inference_steps=9)], "ann")
    assert gate.arrived.wait(30)
    now[0] += 119
    gate.steps.release(1)
    until(lambda: service.snapshot(name).step == 1)
    now[0] += 2
    gate.open()
    until(lambda: service.snapshot(name).over)
    left = service.snapshot(name)
    assert (left.state, left.error.key, left.step) == (JobState.FAILED, "unwatched", 1)
    [job] = finish(service, service.submit([request()], "bob"))
    assert pixels(job) == drawn_alone(request())


def test_runners_beside_each_other_draw_at_the_same_time_and_each_job_once():
    gates = [Gate(tiny_engine()) for _ in range(2)]  # one engine draws one picture at a time
    beside = [ThreadRunner(lambda _: gates[1])]
    service = LocalService(ThreadRunner(lambda _: gates[0]), "tiny", beside=beside)
    ids = [service.submit([request(who)], who)[0] for who in ("ann", "bob", "cid", "dan")]
    assert all(gate.arrived.wait(30) for gate in gates)
    assert sorted(places(service, ids)) == [0, 0, 2, 3]
    running = [name for name in ids if service.snapshot(name).state is JobState.RUNNING]
    service.cancel(running[1], service.snapshot(running[1]).visitor)
    for gate in gates:
        gate.open()
    jobs = finish(service, ids)
    assert [job.state for job in jobs].count(JobState.CANCELLED) == 1
    assert sorted(gates[0].drawn + gates[1].drawn) == ["ann", "bob", "cid", "dan"]
    assert service.status().state is ModelState.READY
    service.close()
    assert worker_threads() == []
