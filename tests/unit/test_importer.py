"""Importing once: a child process with limits, what it says, and what is left when it fails."""

import errno
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import torch

from stimage.errors import Cancelled, ModelError, TooLittleMemory
from stimage.hardware import memory
from stimage.i18n import sentence
from stimage.importing.importer import import_model
from stimage.importing.worker import Failed, limit_memory, run
from stimage.inference.pipeline import load_pipeline
from stimage.models import library
from stimage.models.folder import Record
from stimage.models.library import free_name
from stimage.paths import SHIPPED
from tests.support.made_files import Good
from tests.support.malicious_files import MALICIOUS


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return Good(tmp_path_factory.mktemp("good"))


@pytest.fixture
def models(tmp_path, monkeypatch):
    monkeypatch.setenv("STIMAGE_MODELS", str(tmp_path / "models"))
    (tmp_path / "models").mkdir()
    return tmp_path / "models"


def test_an_import_in_its_child_process_can_draw_and_leaves_nothing_else(good, models):
    seen = []
    name = import_model(good.ckpt, on_progress=lambda *done: seen.append(done))
    assert name == "good"
    assert seen[-1] == ("importing.writing_weights", 1.0)
    assert [file.name for file in models.iterdir()] == ["good"]
    loaded = load_pipeline("good")
    assert loaded.pipeline("a fox", num_inference_steps=1).images[0].size == (32, 32)
    assert [entry.name for entry in library.installed()] == [*SHIPPED, "good"]
    with pytest.raises(ModelError) as caught:
        import_model(good.ckpt, "good")
    assert caught.value.code == "model_exists"
    assert "already a model “good”" in sentence(caught.value)
    library.remove("good")
    assert list(models.iterdir()) == []


def test_what_the_child_refuses_is_said_here_and_nothing_is_kept(good, models, tmp_path):
    MALICIOUS["os.system in a zip"](good, tmp_path / "evil.ckpt")
    with pytest.raises(ModelError) as caught:
        import_model(tmp_path / "evil.ckpt")
    assert caught.value.code == "unsafe_pickle"
    assert not (tmp_path / "touched").exists()
    assert list(models.iterdir()) == []


def test_an_import_can_be_stopped(good, models):
    stop = threading.Event()
    threading.Timer(0.5, stop.set).start()
    start = time.monotonic()
    with pytest.raises(Cancelled):
        import_model(good.ckpt, cancelled=stop)
    assert time.monotonic() - start < 10
    assert list(models.iterdir()) == []


def test_an_import_that_takes_too_long_is_ended(good, models):
    with pytest.raises(ModelError) as caught:
        import_model(good.ckpt, seconds=0.3)
    assert caught.value.code == "import_too_slow"
    assert list(models.iterdir()) == []


def test_a_child_that_dies_is_told_from_one_that_refuses(monkeypatch, good, models):
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    with pytest.raises(ModelError) as caught:
        import_model(good.ckpt)
    assert caught.value.code == "import_crashed"
    assert list(models.iterdir()) == []


@pytest.mark.usefixtures("models")
def test_too_little_memory_or_disk_is_said_before_the_import(monkeypatch, good):
    monkeypatch.setattr(memory, "left_mib", lambda: 100)
    with pytest.raises(TooLittleMemory) as refused:
        import_model(good.ckpt)
    assert "900 MiB of memory and 100 MiB are left" in sentence(refused.value)
    full = shutil.disk_usage("/")._replace(free=9)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: full)
    with pytest.raises(ModelError) as caught:
        import_model(good.ckpt)
    assert caught.value.code == "disk_full"


@pytest.mark.usefixtures("models")
def test_what_is_no_file_and_no_model_folder_is_a_sentence_at_once(tmp_path):
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
    for source, code in (
        (tmp_path / "nothing.ckpt", "missing"),
        (tmp_path / "pipe", "not_a_file" if hasattr(os, "mkfifo") else "missing"),
        (Path("/"), "configs_missing"),
        (tmp_path, "configs_missing"),
        (tmp_path / ("x" * 300), "unreadable_file"),
    ):
        with pytest.raises(ModelError) as caught:
            import_model(source)
        assert caught.value.code == code
        assert str(tmp_path) not in sentence(caught.value)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")
@pytest.mark.parametrize("problem", [ValueError, OSError])
def test_a_system_that_refuses_the_limit_imports_all_the_same(monkeypatch, good, problem):
    import resource

    def refuse(*_arguments):
        raise problem

    monkeypatch.setattr(resource, "setrlimit", refuse)
    limit_memory(good.ckpt)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")
def test_a_lower_limit_of_the_system_stays(monkeypatch, good):
    import resource

    taken = []
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (2**20, 2**30))
    monkeypatch.setattr(resource, "setrlimit", lambda _which, limit: taken.append(limit))
    limit_memory(good.ckpt)
    assert taken == [(2**30, 2**30)]


@pytest.mark.parametrize(
    ("problem", "code"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "disk_full_meanwhile"),
        (PermissionError(errno.EACCES, "Permission denied"), "unreadable_file"),
        (MemoryError(), "import_memory"),
        (KeyError("x"), "import_failed"),
        (ModelError("zip_bomb", claimed=9, size=3), "zip_bomb"),
    ],
)
def test_the_child_says_each_way_to_fail_as_a_code(monkeypatch, good, tmp_path, problem, code):
    def fail(*_arguments):
        raise problem

    monkeypatch.setattr("stimage.importing.convert.convert", fail)
    ended = run(good.ckpt, tmp_path, Record())
    assert isinstance(ended, Failed)
    assert ended.code == code
    assert "{" not in sentence(ModelError(code, **ended.values))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts a process's own memory")
def test_the_child_cannot_take_more_memory_than_its_limit(tmp_path):
    small = tmp_path / "small.ckpt"
    small.write_bytes(b"x")
    code = (
        "import sys; from pathlib import Path; from stimage.importing.worker import limit_memory;"
        "limit_memory(Path(sys.argv[1]));\n"
        "try: bytearray(5 * 2**30)\n"
        "except MemoryError: print('refused')"
    )
    home = Path(__file__).parents[2]
    run = subprocess.run(
        [sys.executable, "-c", code, str(small)],
        env=os.environ | {"PYTHONPATH": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == "refused"


def test_names_for_imports_are_plain_and_free(models):
    assert free_name("My Modèl (v2)") == "my-mod-l-v2"
    (models / "my-mod-l-v2").mkdir()
    assert free_name("My Modèl (v2)") == "my-mod-l-v2-2"
    for taken in (*SHIPPED, "configs", "sd-1-5", "taesd", "..", "...", "", "a/../../b"):
        name = free_name(taken)
        assert name not in (taken, "", ".", "..")
        assert "/" not in name


@pytest.mark.slow
def test_a_full_size_stable_diffusion_1_checkpoint_draws_offline(models, tmp_path):
    """Without our configs inside: 1,130 weights, 2.1 GB, recognized by their names and shapes."""
    from benchmarks.loading import write_checkpoint

    file = tmp_path / "sd-v1-5.ckpt"
    write_checkpoint(file)
    assert file.stat().st_size > 2 * 10**9
    name = import_model(file)
    written = torch.load(file, map_location="cpu", weights_only=True, mmap=True)["state_dict"]
    loaded = load_pipeline(name)
    assert loaded.pipeline.unet.config.cross_attention_dim == 768
    assert len(loaded.pipeline.tokenizer) == 49408
    original = "model.diffusion_model.output_blocks.11.1.proj_out.weight"
    ours = loaded.pipeline.unet.up_blocks[3].attentions[2].proj_out.weight
    assert torch.equal(ours, written[original].to(loaded.dtype))
    image = loaded.pipeline("a fox", num_inference_steps=1, width=64, height=64).images[0]
    assert image.size == (64, 64)
    shutil.rmtree(models / name)
    file.unlink()
