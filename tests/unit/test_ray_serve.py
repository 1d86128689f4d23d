"""Engines on a Ray cluster: two at once, errors as they are, a stop within a step, no job lost."""

from __future__ import annotations

import time

import psutil
import pytest

pytest.importorskip("ray", reason="Ray is missing: pip install -r requirements-cluster.txt")

from benchmarks.plain_engine import PlainEngine
from stimage.request import Limits, Request
from stimage.server.ray_serve import Cluster, RayRunner
from stimage.service.api import JobState
from stimage.service.local import LocalService
from stimage.service.runner import ThreadRunner
from tests.support.services import finish, pixels, request, until

REPLICA = "ServeReplica:stimage"  # Ray writes it into the command line
pytestmark = [pytest.mark.ray, pytest.mark.slow]


class SlowEngine(PlainEngine):
    """Takes a tenth of a second for each step."""

    def generate(self, request: Request, on_step=None):
        def slowly(step):
            time.sleep(0.1)
            on_step(step)

        return super().generate(request, slowly)


@pytest.fixture(scope="module")
def service():
    cluster = Cluster(2, SlowEngine)
    service = LocalService(RayRunner(cluster), "plain", beside=[RayRunner(cluster)])
    yield service
    service.close()
    cluster.close()


def submit(service, count, prompt="a fox", steps=6):
    facts = {"num_inference_steps": steps, "limits": Limits(max_steps=1000)}
    asked = [request(prompt, seed=seed, **facts) for seed in range(count)]
    return [name for each in asked for name in service.submit([each], f"{prompt} {each.seed}")]


def replicas():
    found = psutil.process_iter(["cmdline"])
    return [each for each in found if REPLICA in " ".join(each.info["cmdline"] or ())]


def test_two_are_drawn_at_once_and_each_is_what_was_asked_for(service):
    ids = submit(service, 6)
    until(lambda: sum(service.watch(name).state is JobState.RUNNING for name in ids) == 2)
    alone = LocalService(ThreadRunner(PlainEngine), "plain")
    expected = [pixels(job) for job in finish(alone, submit(alone, 6))]
    assert [pixels(job) for job in finish(service, ids)] == expected
    assert len(replicas()) == 2
    alone.close()


def test_a_killed_replica_loses_no_job(service):
    ids = submit(service, 8)
    until(lambda: any(service.watch(name).step > 2 for name in ids))
    replicas()[0].kill()
    jobs = finish(service, ids)
    assert [job.state for job in jobs] == [JobState.DONE] * 8
    assert sum(job.restarts for job in jobs) == 1


def test_what_the_engine_says_is_said_here(service):
    [job] = finish(service, submit(service, 1, "memory"))
    assert (job.state, job.error.key) == (JobState.FAILED, "out_of_memory")


def test_a_stopped_drawing_ends_within_a_step_and_frees_its_replica(service):
    long = submit(service, 2, "a long one", steps=600)
    until(lambda: all(service.watch(name).step > 1 for name in long))
    assert (
        service.watch(long[0]).preview is None or service.watch(long[0]).preview[:2] == b"\xff\xd8"
    )
    for name in long:
        service.cancel(name, service.snapshot(name).visitor)
    start = time.monotonic()
    [job] = finish(service, submit(service, 1))
    assert job.state is JobState.DONE
    assert time.monotonic() - start < 20
