"""How the steps of a drawing are written into its job."""

import threading

import pytest

from stimage.errors import Cancelled
from stimage.request import Request
from stimage.service.api import JobState
from stimage.service.jobs import Job
from stimage.service.step_recorder import StepRecorder


def running_job() -> Job:
    return Job(
        request=Request(prompt="a fox"),
        visitor="ann",
        model="tiny",
        batch="0",
        watched_at=0.0,
        state=JobState.RUNNING,
    )


@pytest.mark.parametrize(("decode_seconds", "left"), [(3.0, 17.0), (None, 17.0)])
def test_seconds_left_come_from_this_drawings_steps_without_its_slow_first(decode_seconds, left):
    now = [100.0]
    job = running_job()
    recorder = StepRecorder(job, decode_seconds, lambda: now[0], threading.Condition())
    assert job.snapshot(0, now[0]).seconds_left is None
    for index, seconds in enumerate([10.0, 2.0, 2.0], start=1):
        now[0] += seconds
        recorder.on_step(index, 10, None)
    assert job.snapshot(0, now[0]).seconds_left == left  # 7 steps of 2 s and the decoding
    assert job.snapshot(0, now[0] + 5).seconds_left == left - 5
    assert job.snapshot(0, now[0] + 55).seconds_left == 0


def test_what_is_over_no_longer_changes_though_it_ends_while_its_preview_is_made():
    job = running_job()
    recorder = StepRecorder(job, None, lambda: 100.0, threading.Condition())
    job.state = JobState.CANCELLED
    with pytest.raises(Cancelled):
        recorder.on_step(1, 10, b"preview")
    assert (job.step, job.preview) == (0, None)


def test_a_drawing_that_was_cancelled_meanwhile_does_not_begin():
    job = running_job()
    job.state = JobState.CANCELLED
    recorder = StepRecorder(job, None, lambda: 100.0, threading.Condition())
    with pytest.raises(Cancelled):
        recorder.on_begin(Request(prompt="a fox", num_inference_steps=10))
    assert (job.state, job.total) == (JobState.CANCELLED, 0)
