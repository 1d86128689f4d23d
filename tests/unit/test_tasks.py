"""Downloads and imports: one at a time, told by snapshots, cancelled on request."""

import threading

import pytest

from stimage.errors import Message, ModelError
from stimage.progress import stop_if
from stimage.service.tasks import TaskKind, Tasks, TaskSnapshot, TaskState
from tests.support.services import until


def ended(tasks: Tasks) -> TaskSnapshot:
    until(lambda: not tasks.running)
    assert tasks.last is not None
    return tasks.last


def test_a_task_reports_how_far_it_is_and_ends_with_the_name_of_the_model():
    tasks, told, go = Tasks(), threading.Event(), threading.Event()

    def work(report, _) -> str:
        report("importing.reading", 1.5)
        told.set()
        assert go.wait(30)
        return "sd-1-5"

    assert (tasks.last, tasks.running) == (None, False)
    tasks.start(TaskKind.DOWNLOAD, "Stable Diffusion", work, "sd-1-5")
    assert told.wait(30)
    before = tasks.last
    assert before == TaskSnapshot(
        kind=TaskKind.DOWNLOAD,
        label="Stable Diffusion",
        model="sd-1-5",
        stage="importing.reading",
        share=1.0,  # never more than all of it
    )
    go.set()
    after = ended(tasks)
    assert (after.state, after.result, after.message) == (TaskState.DONE, "sd-1-5", None)
    assert before.state is TaskState.RUNNING  # a snapshot does not change


def test_only_one_runs_at_a_time_and_a_cancelled_one_makes_room():
    tasks = Tasks()

    def work(_, cancelled) -> str:
        assert cancelled.wait(30)
        stop_if(cancelled, "cancelled")
        return "never"

    tasks.start(TaskKind.IMPORT, "a.ckpt", work)
    with pytest.raises(ModelError) as caught:
        tasks.start(TaskKind.IMPORT, "b.ckpt", work)
    assert caught.value.code == "busy"
    tasks.cancel()
    task = ended(tasks)
    assert (task.label, task.state, task.result) == ("a.ckpt", TaskState.CANCELLED, "")
    assert task.message == Message("cancelled")
    tasks.start(TaskKind.IMPORT, "c.ckpt", lambda *_: "c")
    assert ended(tasks).result == "c"


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ModelError("disk_full", needed=2.0, free=1.0), None),
        (ZeroDivisionError(), Message("unexpected", {"kind": "ZeroDivisionError"})),
        (SystemExit(), Message("unexpected", {"kind": "SystemExit"})),
    ],
)
def test_a_failure_is_told_and_the_next_task_runs(error, message):
    tasks = Tasks()

    def work(*_) -> str:
        raise error

    tasks.start(TaskKind.IMPORT, "a.ckpt", work)
    task = ended(tasks)
    assert (task.state, task.message) == (TaskState.FAILED, message or error.message)
    tasks.start(TaskKind.IMPORT, "a.ckpt", lambda *_: "a")
    assert ended(tasks).state is TaskState.DONE


def test_to_cancel_what_is_over_changes_nothing():
    tasks = Tasks()
    tasks.cancel()
    tasks.start(TaskKind.IMPORT, "a.ckpt", lambda *_: "a")
    before = ended(tasks)
    tasks.cancel()
    assert tasks.last is before


def test_a_system_out_of_threads_leaves_nothing_running(monkeypatch):
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    tasks = Tasks()
    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(RuntimeError):
        tasks.start(TaskKind.IMPORT, "a.ckpt", lambda *_: "a")
    assert not tasks.running
