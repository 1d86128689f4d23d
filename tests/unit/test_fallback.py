"""Memory that runs out, in whatever words; an accelerator that lacks an operation."""

import errno

import pytest
import torch
from safetensors import SafetensorError

from stimage.errors import Cancelled, ModelError, is_out_of_memory
from stimage.i18n import message_of
from stimage.importing.worker import run
from stimage.inference import weights
from stimage.inference.fallback import on_cpu_if_lacking
from stimage.inference.weights import read_state_dict
from stimage.models.folder import Record

NO_MEMORY = [
    MemoryError(),
    RuntimeError(
        "[enforce fail at alloc_cpu.cpp:81] data. DefaultCPUAllocator: not enough memory: you"
        " tried to allocate 151781376 bytes."
    ),
    RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to ..."),
    RuntimeError("unable to mmap 3400 bytes from file <x>: Cannot allocate memory (12)"),
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 320.00 MiB"),
    RuntimeError("CUDA error: out of memory"),
    RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
    RuntimeError("MPS backend out of memory (MPS allocated: 7.93 GB)"),
    RuntimeError("XPU out of memory. Tried to allocate 2.00 GiB"),
    RuntimeError("level_zero backend failed with error: UR_RESULT_ERROR_OUT_OF_DEVICE_MEMORY"),
    RuntimeError("could not create a primitive: out_of_memory"),
    RuntimeError("std::bad_alloc"),
    RuntimeError("bad allocation"),
    SafetensorError("The paging file is too small for this operation to complete. (os error 1455)"),
    SafetensorError("Error while serializing: I/O error: Cannot allocate memory (os error 12)"),
    OSError(errno.ENOMEM, "Cannot allocate memory"),
]
OTHER = [
    RuntimeError("mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)"),
    RuntimeError("The size of tensor a (128) must match the size of tensor b (12)"),
    OSError(errno.ENOSPC, "No space left on device"),
    OSError(errno.EACCES, "Permission denied"),
    ModelError("disk_full", reason="out of memory"),
    KeyError("memory"),
]


@pytest.mark.parametrize("error", NO_MEMORY, ids=str)
def test_a_lack_of_memory_is_understood_in_whatever_words(error):
    assert message_of(error).key == "out_of_memory"


@pytest.mark.parametrize("error", OTHER, ids=str)
def test_other_errors_are_no_lack_of_memory(error):
    assert not is_out_of_memory(error)


def test_windows_has_numbers_for_it():
    class OnWindows(OSError):
        winerror = 1455

    assert is_out_of_memory(OnWindows("[WinError 1455]"))


@pytest.mark.parametrize("error", NO_MEMORY, ids=str)
def test_an_import_that_finds_no_memory_says_so(monkeypatch, tmp_path, error):
    def fail(*_arguments):
        raise error

    monkeypatch.setattr("stimage.importing.convert.convert", fail)
    assert run(tmp_path, tmp_path, Record()).code == "import_memory"


def test_weights_that_find_no_memory_are_not_called_damaged(monkeypatch, tiny_folder):
    def fail(_file):
        raise SafetensorError("Cannot allocate memory (os error 12)")

    monkeypatch.setattr(weights, "load_file", fail)
    with pytest.raises(SafetensorError) as caught:
        read_state_dict(tiny_folder / "unet", torch.float32)
    assert message_of(caught.value).key == "out_of_memory"


class Card:
    """Stands for a pipeline on an accelerator, which no machine for tests has."""

    def __init__(self, kind="mps"):
        self.device, self.calls = torch.device(kind), []

    def to(self, device):
        self.device = torch.device(device)

    def draw(self, problem):
        self.calls.append(self.device.type)
        if problem is not None and self.device.type != "cpu":
            raise problem
        return "a picture"


@pytest.mark.parametrize(
    "problem",
    [
        NotImplementedError("The operator 'aten::x' is not currently implemented for the MPS"),
        RuntimeError("CUDA error: no kernel image is available for execution on the device"),
        TypeError("Cannot convert a MPS Tensor to float64 dtype as the MPS framework doesn't"),
        RuntimeError("\"upsample_bicubic2d\" not implemented for 'BFloat16'"),
    ],
    ids=str,
)
def test_what_an_accelerator_lacks_the_processors_do_from_the_start(problem):
    card = Card()
    assert on_cpu_if_lacking(card, lambda: card.draw(problem)) == "a picture"
    assert on_cpu_if_lacking(card, lambda: card.draw(problem)) == "a picture"
    assert card.calls == ["mps", "cpu", "cpu"]


@pytest.mark.parametrize(
    ("kind", "problem"),
    [
        ("mps", Cancelled()),
        ("mps", ModelError("latents_not_finite")),
        ("mps", RuntimeError("shapes cannot be multiplied")),
        ("cpu", NotImplementedError("not implemented")),
    ],
)
def test_other_errors_pass_through_and_nothing_moves(kind, problem):
    card = Card(kind)

    def fail():
        card.calls.append(card.device.type)
        raise problem

    with pytest.raises(type(problem)):
        on_cpu_if_lacking(card, fail)
    assert card.calls == [kind]
    assert card.device.type == kind


def test_after_a_lack_of_memory_the_accelerators_cache_is_emptied(monkeypatch):
    emptied = []
    monkeypatch.setattr(torch.accelerator, "empty_cache", lambda: emptied.append(True))
    card = Card("cuda")
    with pytest.raises(torch.OutOfMemoryError):
        on_cpu_if_lacking(card, lambda: card.draw(torch.OutOfMemoryError("CUDA out of memory")))
    assert emptied == [True]
    assert card.device.type == "cuda"
    assert on_cpu_if_lacking(card, lambda: card.draw(None)) == "a picture"
