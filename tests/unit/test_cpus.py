"""Where a model computes: a card with room for it, or as many processors as do it good."""

import os

import pytest
import torch

from stimage.hardware import cpus as processors
from stimage.hardware import memory
from stimage.hardware.cpus import available_cpus, threads_for
from stimage.hardware.device import best_device, computes
from stimage.inference.pipeline import load_pipeline
from tests.support.tiny import tiny_pipeline


@pytest.fixture
def accelerator(monkeypatch):
    """The machine has, or seems to have, an accelerator of a kind with so many bytes free."""

    def install(kind, free=None):
        def get_memory_info():
            if free is None:
                raise NotImplementedError
            return free, 2**40

        device = kind and torch.device(kind)
        monkeypatch.setattr(torch.accelerator, "current_accelerator", lambda **_: device)
        monkeypatch.setattr(torch.accelerator, "get_memory_info", get_memory_info)

    return install


@pytest.mark.parametrize(
    ("kind", "free", "device"),
    [
        ("cuda", 2**31, "cuda"),
        ("cuda", 2**28, "cpu"),
        ("xpu", 2**31, "xpu"),
        ("xpu", 2**28, "cpu"),
        (None, 0, "cpu"),
    ],
)
def test_an_accelerator_is_used_when_it_has_room(accelerator, kind, free, device):
    accelerator(kind, free)
    assert best_device(tiny_pipeline().unet) == device


@pytest.mark.parametrize(("left", "device"), [(2048, "mps"), (512, "cpu")])
def test_one_that_shares_the_computers_memory_needs_room_there(
    accelerator, monkeypatch, left, device
):
    accelerator("mps")
    monkeypatch.setattr(memory, "left_mib", lambda: left)
    assert best_device(tiny_pipeline().unet) == device


def test_a_card_is_tried_with_one_operation():
    assert computes("cpu", torch.float32)
    assert computes("cpu", torch.bfloat16)
    assert not computes("meta", torch.float32)  # there, and computes nothing
    assert not computes("no such device", torch.float32)


@pytest.mark.skipif(torch.accelerator.is_available(), reason="here it would work")
@pytest.mark.parametrize("kind", ["cuda", "mps", "xpu"])
def test_a_card_that_cannot_compute_is_left_alone(monkeypatch, tiny_folder, kind):
    monkeypatch.setattr("stimage.inference.pipeline.best_device", lambda *_networks: kind)
    loaded = load_pipeline(str(tiny_folder))
    assert loaded.pipeline.device.type == "cpu"
    assert loaded.pipeline("a fox", num_inference_steps=1).images


def test_no_more_threads_than_processors():
    assert 1 <= available_cpus() <= (os.cpu_count() or 1)


@pytest.mark.parametrize(("cpus", "small", "large"), [(1, 1, 1), (2, 1, 2), (4, 3, 4), (16, 4, 16)])
def test_a_small_model_leaves_a_processor_to_the_page(monkeypatch, cpus, small, large):
    monkeypatch.setattr(processors, "available_cpus", lambda: cpus)
    assert threads_for(tiny_pipeline().unet) == small
    monkeypatch.setattr(processors, "SMALL_BYTES", 0)
    assert threads_for(tiny_pipeline().unet) == large
