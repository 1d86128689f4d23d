"""Where a model computes: a card with room for it, or as many processors as do it good."""

import os

import pytest
import torch

from stimage.hardware import cpus as processors
from stimage.hardware.cpus import available_cpus, threads_for
from stimage.hardware.device import best_device
from tests.support.tiny import tiny_pipeline


@pytest.mark.parametrize(
    ("card", "free", "device"), [(True, 2**31, "cuda"), (True, 2**28, "cpu"), (False, 0, "cpu")]
)
def test_a_graphics_card_is_used_when_it_has_room(monkeypatch, card, free, device):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: card)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (free, 2**33))
    assert best_device(tiny_pipeline()) == device


def test_no_more_threads_than_processors():
    assert 1 <= available_cpus() <= (os.cpu_count() or 1)


@pytest.mark.parametrize(("cpus", "small", "large"), [(1, 1, 1), (2, 1, 2), (4, 3, 4), (16, 4, 16)])
def test_a_small_model_leaves_a_processor_to_the_page(monkeypatch, cpus, small, large):
    monkeypatch.setattr(processors, "available_cpus", lambda: cpus)
    assert threads_for(tiny_pipeline()) == small
    monkeypatch.setattr(processors, "SMALL_BYTES", 0)
    assert threads_for(tiny_pipeline()) == large
