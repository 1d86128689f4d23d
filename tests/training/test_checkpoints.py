"""A run of the training: what it logs and saves, and how it goes on after a kill."""

import json

import pytest
import torch
from torch import nn

from stimage.errors import StimageError
from stimage.training.checkpoints import load_checkpoint, save_checkpoint
from stimage.training.command import run_command
from stimage.training.trainer import Run
from tests.support.errors import refused


def small_run(folder, total_steps):
    torch.manual_seed(0)
    model = nn.Linear(4, 4)
    run = Run(folder, model, total_steps=total_steps, peak_lr=1e-2)

    def loss_of(_step, generator):
        return model(torch.randn(8, 4, generator=generator)).square().mean(), {}

    return run, loss_of, model


def test_a_killed_run_goes_on_to_the_same_weights(tmp_path):
    run, loss_of, whole = small_run(tmp_path / "whole", 60)
    run.train(loss_of)

    run, loss_of, _ = small_run(tmp_path / "killed", 60)

    def kill(step):
        if step == 30:
            run.save()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run.train(loss_of, kill)
    run, loss_of, resumed = small_run(tmp_path / "killed", 60)
    assert run.step == 30
    run.train(loss_of)
    torch.testing.assert_close(resumed.state_dict(), whole.state_dict())
    assert (tmp_path / "killed" / "log.csv").read_text().startswith("step,seconds,loss")


def test_a_truncated_checkpoint_is_named_and_without_it_the_run_goes_on_from_the_one_before(
    tmp_path,
):
    run, _, _ = small_run(tmp_path, 60)
    for run.step in (30, 40):
        run.save()
    path = tmp_path / "last.pt"
    path.write_bytes(path.read_bytes()[:100])
    with refused(StimageError, r"last\.pt.*Delete it"):
        small_run(tmp_path, 60)
    path.unlink()
    run, _, _ = small_run(tmp_path, 60)
    assert run.step == 30


def test_a_log_that_can_not_be_written_ends_the_command_with_a_sentence(tmp_path):
    run, loss_of, _ = small_run(tmp_path, 25)
    (tmp_path / "log.csv").mkdir()
    with pytest.raises(SystemExit, match=r"The training stopped: .*log\.csv"):
        run_command(lambda: run.train(loss_of))


def test_a_full_disk_leaves_the_old_checkpoint_whole(tmp_path, monkeypatch):
    path = tmp_path / "last.pt"
    save_checkpoint(path, {"step": 1})

    def full(_state, _path):
        raise OSError("No space left on device")

    monkeypatch.setattr(torch, "save", full)
    with refused(StimageError, "No space left"):
        save_checkpoint(path, {"step": 2})
    assert load_checkpoint(path)["step"] == 1


def test_losses_are_logged_as_a_table(tmp_path):
    run, loss_of, _ = small_run(tmp_path, 50)
    run.train(loss_of)
    lines = (tmp_path / "log.csv").read_text().splitlines()
    assert lines[0] == "step,seconds,loss"
    assert [int(line.split(",")[0]) for line in lines[1:]] == [25, 50]


def test_a_checkpoint_holds_plain_tensors_only(tmp_path):
    run, loss_of, _ = small_run(tmp_path, 2)
    run.train(loss_of)
    state = torch.load(tmp_path / "last.pt", weights_only=True)
    assert set(state) == {"model", "ema", "optimizers", "step"}
    json.dumps(state["step"])
