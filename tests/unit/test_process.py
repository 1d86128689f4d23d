"""The process that draws may die, hang or lack memory: the service goes on, and loses nothing."""

import os
import signal
import subprocess
import sys

import psutil
import pytest

from benchmarks import plain_engine
from stimage.errors import Cancelled, Message, StimageError
from stimage.i18n import say
from stimage.paths import ROOT
from stimage.request import Limits, Request
from stimage.service.api import JobState, ModelState
from stimage.service.local import LocalService
from stimage.service.process import Patience, ProcessRunner
from stimage.service.runner import WorkerDied
from tests.support.remote_engine import EngineHost
from tests.support.service_contract import ImageServiceContract
from tests.support.services import finish, request, until

SHORT = Patience(load_seconds=30, step_seconds=1)
MANY = 100_000


def endless() -> Request:
    """More steps than a test has time for."""
    return request(num_inference_steps=MANY, limits=Limits(max_steps=MANY))


class TestServiceOverAProcess(ImageServiceContract):
    @pytest.fixture
    def open_service(self):
        opened = []

        def open_one(load_engine, model="tiny"):
            host = EngineHost(load_engine)
            service = LocalService(ProcessRunner(host.command), model)
            opened.append((service, host))
            return service

        yield open_one
        for service, host in opened:
            service.close()
            host.close()


@pytest.fixture
def runner():
    runner = ProcessRunner(plain_engine.COMMAND, SHORT)
    yield runner
    runner.close()


@pytest.fixture
def service(runner):
    service = LocalService(runner, "plain")
    yield service
    service.close()


class Killer:
    """Follows a drawing, and kills the worker after one of its steps."""

    def __init__(self, runner: ProcessRunner, at: int) -> None:
        self._pid, self._at = runner.pid, at
        self.seen: list[int] = []

    def on_begin(self, _) -> None:
        if self._at == 0:
            os.kill(self._pid, signal.SIGKILL)

    def wants_preview(self) -> bool:
        return False

    def on_step(self, index: int, _total: int, _preview: bytes | None) -> None:
        self.seen.append(index)
        if index == self._at:
            os.kill(self._pid, signal.SIGKILL)


def test_a_worker_that_is_killed_says_so_at_whatever_step_and_draws_the_same_again(runner):
    drawn = set()
    for step in range(plain_engine.STEPS):
        runner.load("plain")
        with pytest.raises(WorkerDied):
            runner.draw(endless(), Killer(runner, step))
        assert (runner.model, runner.pid) == ("", None)
    for _ in range(2):
        runner.load("plain")
        drawn.add(runner.draw(request(), Killer(runner, -1)).png)
    assert len(drawn) == 1


def test_a_job_whose_worker_is_killed_is_drawn_all_the_same_and_says_restarted(service, runner):
    [alone] = finish(service, service.submit([request()], "ann"))
    [name] = service.submit([endless()], "ann")
    until(lambda: service.snapshot(name).step > 0)
    os.kill(runner.pid, signal.SIGKILL)
    until(lambda: service.snapshot(name).restarts == 1)
    service.cancel(name, "ann")
    [after] = finish(service, service.submit([request()], "bob"))
    assert after.png == alone.png
    assert (after.restarts, service.snapshot(name).state) == (0, JobState.CANCELLED)


def test_a_worker_that_died_while_it_was_idle_is_nobodys_restart(service, runner):
    finish(service, service.submit([request()], "ann"))
    os.kill(runner.pid, signal.SIGKILL)
    until(lambda: not runner.model)  # its threads end one after the other
    [job] = finish(service, service.submit([request()], "ann"))
    assert (job.state, job.restarts) == (JobState.DONE, 0)


@pytest.mark.parametrize(
    ("prompt", "key", "restarts"),
    [("die", "worker_died", 1), ("hang", "worker_silent", 0), ("memory", "out_of_memory", 0)],
)
def test_what_breaks_the_worker_fails_with_a_sentence_and_the_next_is_drawn(
    service, runner, prompt, key, restarts
):
    ids = [service.submit([request(words)], words)[0] for words in ("a", prompt, "b")]
    before, failed, after = finish(service, ids)
    assert [before.state, failed.state, after.state] == ["done", "failed", "done"]
    assert (failed.error.key, failed.restarts) == (key, restarts)
    assert say(failed.error).endswith(".")
    assert service.status().state is ModelState.READY
    assert psutil.pid_exists(runner.pid)


def test_an_error_keeps_its_code_and_its_values_and_ends_the_worker(runner):
    with pytest.raises(StimageError) as caught:
        runner.load("broken")
    values = {"part": "unet", "detail": Message("field.seed")}
    assert (caught.value.code, caught.value.values) == ("weights_do_not_fit", values)
    assert (runner.model, runner.pid) == ("", None)


def test_a_model_that_kills_its_worker_fails_with_a_sentence(service):
    service.use_model("deadly")
    [job] = finish(service, service.submit([request()], "ann"))
    assert (job.state, job.error.key) == (JobState.FAILED, "worker_died")
    assert service.status().state is ModelState.FAILED


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ([sys.executable, "-c", "import time; time.sleep(60)"], "worker_silent"),
        ([sys.executable, "-c", "print('Hello, I am no worker.')"], "worker_died"),
        ([sys.executable, "-c", r"print('\0\0\0\1?')"], "worker_died"),
        (["there is no such program"], "worker_not_started"),
    ],
)
def test_a_worker_that_never_comes_up_is_an_error(command, code):
    runner = ProcessRunner(command, Patience(load_seconds=0.5))
    with pytest.raises(StimageError) as caught:
        runner.load("plain")
    assert (caught.value.code, runner.pid) == (code, None)


def test_what_a_library_prints_does_not_disturb(service):
    [job] = finish(service, service.submit([request("garbage")], "ann"))
    assert job.state is JobState.DONE


def test_another_model_gets_another_worker_and_the_old_one_is_gone(runner):
    runner.load("one")
    first = runner.pid
    runner.load("two")
    assert (runner.model, runner.pid != first, psutil.pid_exists(first)) == ("two", True, False)


def test_a_follower_who_refuses_ends_the_drawing_and_the_worker_stays(runner):
    class Refusing(Killer):
        def on_step(self, *_) -> None:
            raise Cancelled

    runner.load("plain")
    worker = runner.pid
    with pytest.raises(Cancelled):
        runner.draw(endless(), Refusing(runner, -1))
    drawn = runner.draw(request(), Killer(runner, -1))
    assert (drawn.model, runner.pid) == ("plain", worker)


def test_a_worker_does_not_outlive_a_killed_parent():
    code = """
from stimage.service.process import ProcessRunner
from benchmarks import plain_engine
runner = ProcessRunner(plain_engine.COMMAND)
runner.load("plain")
print(runner.pid, flush=True)
input()
"""
    command = [sys.executable, "-c", code]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        worker = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    psutil.wait_procs([worker], timeout=30)
    assert not worker.is_running()
