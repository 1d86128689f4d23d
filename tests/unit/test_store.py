"""What is kept on the disk outlives the app: finished pictures, and the queue."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading

import pytest

from benchmarks.plain_engine import PlainEngine
from stimage.errors import Message
from stimage.i18n import say
from stimage.paths import ROOT
from stimage.service.api import JobState
from stimage.service.jobs import Job
from stimage.service.local import LocalService
from stimage.service.runner import ThreadRunner
from stimage.service.store import KEPT_SECONDS, ROW_BYTES, Store
from tests.support.services import Gate, finish, request, until

NAMES = ["ann", "bob", "cid"]


def job(**values) -> Job:
    known = {"visitor": "ann", "address": "192.0.2.1", "model": "plain", "batch": "0"}
    return Job(**{"request": request(), "watched_at": 0.0, **known, **values})


def done(**values) -> Job:
    return job(**{"state": JobState.DONE, "png": b"a picture", "seconds": 1.5, **values})


@pytest.fixture
def open_store(tmp_path):
    opened = []

    def open_one(**settings) -> Store:
        opened.append(Store(tmp_path / "kept", **settings))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
def open_service(open_store):
    opened = []

    def open_one(engine=None, **settings) -> LocalService:
        runner = ThreadRunner(lambda name: engine or PlainEngine(name))
        opened.append(LocalService(runner, "plain", store=open_store(), **settings))
        return opened[-1]

    yield open_one
    for service in opened:
        service.close()


def test_what_is_over_is_found_again_as_it_was(open_store):
    error = Message("too_long", {"field": Message("field.prompt"), "over": 3})
    jobs = [done(), done(png=None, state=JobState.FAILED, error=error, restarts=1)]
    store = open_store()
    store.save(jobs)
    store.close()
    again = open_store()
    assert [again.find(each.id) for each in jobs] == [each.snapshot(0, 0.0) for each in jobs]
    assert again.unfinished() == []
    assert again.find("nothing") is None


def test_only_its_user_can_read_the_folder(open_store, tmp_path):
    open_store()
    assert (tmp_path / "kept").stat().st_mode & 0o077 == 0


def test_jobs_of_an_app_that_is_gone_are_taken_over_by_one_other_in_their_order(open_store):
    first = open_store()
    jobs = [job(visitor=name, state=JobState.RUNNING) for name in NAMES]
    first.save(jobs)
    first.save([done()])
    assert open_store().unfinished() == []  # the first one lives
    first.close()
    second, third = open_store(), open_store()
    assert [each.visitor for each in second.unfinished()] == NAMES
    assert {each.state for each in second.unfinished()} == {JobState.QUEUED}
    assert third.unfinished() == []
    second.close()
    assert len(open_store().unfinished()) == 3


def test_where_a_visitor_came_from_is_kept_only_until_the_job_is_over(open_store, tmp_path):
    store, kept = open_store(), job()
    store.save([kept])
    kept.state = JobState.CANCELLED
    store.save([kept])
    with sqlite3.connect(tmp_path / "kept" / "pictures-1.sqlite3") as db:
        [(record,)] = db.execute("SELECT record FROM jobs")
    assert b"192.0.2.1" not in record


def test_old_pictures_go(open_store):
    now = [1e9]
    store = open_store(now=lambda: now[0])
    old, new = done(), done()
    store.save([old])
    now[0] += KEPT_SECONDS - 1
    store.save([new])
    store.close()
    assert open_store(now=lambda: now[0]).find(old.id) is not None
    now[0] += 2
    store = open_store(now=lambda: now[0])
    assert (store.find(old.id), store.find(new.id) is not None) == (None, True)


def test_the_oldest_go_when_all_together_are_too_large_and_what_is_queued_stays(open_store):
    now = [1e9]
    store = open_store(now=lambda: now[0], most_bytes=10 * (ROW_BYTES + 500))
    queued, pictures = job(), [done(png=b"x" * 500) for _ in range(40)]
    store.save([queued])
    for picture in pictures:
        now[0] += 1
        store.save([picture])
    store.close()
    store = open_store(now=lambda: now[0], most_bytes=10 * (ROW_BYTES + 500))
    left = [picture for picture in pictures if store.find(picture.id)]
    assert left == pictures[-10:]
    assert [each.id for each in store.unfinished()] == [queued.id]


def test_a_full_disk_is_said_and_what_was_drawn_meanwhile_is_kept_when_there_is_room(open_store):
    resource = pytest.importorskip("resource", reason="Windows has no such limit")
    store, before, meanwhile, after = open_store(), done(), done(png=b"x" * 10**6), done()
    store.save([before])
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        store.save([meanwhile])
        problem = store.problem
        assert problem.key.startswith("store_")
        assert say(problem).endswith(".")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    store.save([after])
    assert store.problem is None
    assert all(store.find(each.id) for each in (before, meanwhile, after))


@pytest.mark.parametrize("in_the_way", ["kept", "kept/pictures-1.sqlite3"])
def test_a_disk_that_can_not_be_used_is_said_and_drawing_goes_on(
    open_service, tmp_path, in_the_way
):
    file = tmp_path / in_the_way
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"no database" * 100)
    service = open_service()
    [drawn] = finish(service, service.submit([request()], "ann"))
    assert drawn.state is JobState.DONE
    assert service.status().memory_only.key == "store_failed"
    assert str(tmp_path) not in say(service.status().memory_only)


def test_a_service_says_whether_pictures_are_kept(open_service):
    assert open_service().status().memory_only is None
    alone = LocalService(ThreadRunner(PlainEngine), "plain")
    assert alone.status().memory_only == Message("pictures_in_memory")


def test_the_next_start_goes_on_with_the_queue_and_shows_what_was_drawn(open_service):
    gate = Gate(PlainEngine("plain"))
    service = open_service(gate)
    batches = [[request(seed=seed) for seed in range(4 * k, 4 * k + 4)] for k in range(3)]
    ids = service.submit(batches[0], "ann")
    assert gate.arrived.wait(30)
    gate.steps.release(3)  # the first picture
    ids += service.submit(batches[1], "ann") + service.submit(batches[2], "bob")
    [first] = finish(service, ids[:1])
    closing = threading.Thread(target=service.close)
    closing.start()
    until(lambda: service.snapshot(ids[1]).over)
    gate.open()
    closing.join(30)
    again = open_service()
    jobs = finish(again, ids)
    assert [each.state for each in jobs] == [JobState.DONE] * 12
    assert again.snapshot(ids[0]) == first
    alone = open_service()
    wanted = [each for batch in batches for each in batch]
    expected = [finish(alone, alone.submit([each], "cid"))[0].png for each in wanted]
    assert [each.png for each in jobs] == expected
    assert len({each.batch for each in jobs}) == 3


def test_what_was_taken_over_waits_ten_minutes_for_who_asked(open_service, open_store):
    jobs = [job(visitor=name) for name in NAMES]
    store = open_store()
    store.save(jobs)
    store.close()
    now, gate = [1000.0], Gate(PlainEngine("plain"))
    service = open_service(gate, clock=lambda: now[0])
    assert gate.arrived.wait(30)
    now[0] += 500
    service.watch(jobs[0].id)
    service.watch(jobs[1].id)
    [late] = service.submit([request()], "dan")
    assert service.snapshot(jobs[2].id).state is JobState.QUEUED
    now[0] += 101
    for name in (jobs[0].id, jobs[1].id, late):
        service.watch(name)
    service.submit([request()], "eve")
    assert service.snapshot(jobs[2].id).error.key == "unwatched"
    gate.open()
    assert finish(service, [jobs[1].id])[0].state is JobState.DONE


def test_an_app_that_is_killed_loses_no_job(open_store, tmp_path):
    code = f"""
from pathlib import Path
from stimage.request import Limits, Request
from stimage.service.local import LocalService
from stimage.service.process import ProcessRunner
from stimage.service.store import Store
from benchmarks import plain_engine
service = LocalService(
    ProcessRunner(plain_engine.COMMAND), "plain", store=Store(Path({str(tmp_path / "kept")!r}))
)
many = Limits(max_steps=3000)
ids = service.submit(
    [Request(prompt="a fox", seed=1, num_inference_steps=3000, limits=many)], "ann"
)
while service.snapshot(ids[0]).step == 0:
    pass
for number in range(10):
    wanted = Request(prompt="a fox", seed=number, num_inference_steps=3)
    ids += service.submit([wanted], str(number))
print(*ids, flush=True)
input()
"""
    command = [sys.executable, "-c", code]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as app:
        ids = app.stdout.readline().split()
        os.kill(app.pid, signal.SIGKILL)
    service = LocalService(ThreadRunner(PlainEngine), "plain", store=open_store())
    jobs = finish(service, ids)
    service.close()
    assert [each.state for each in jobs] == [JobState.DONE] * 11
    assert [each.request.seed for each in jobs] == [1, *range(10)]
