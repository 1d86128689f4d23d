"""The other commands of the command line: `serve`, `models`, `import`."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys

import httpx
import pytest

from stimage.__main__ import COMMANDS, main
from stimage.commands.serve import imported_before, model_to_serve
from stimage.errors import ModelError
from stimage.importing.export import save_checkpoint
from stimage.models import library
from stimage.paths import ROOT
from tests.support.browser import free_port
from tests.support.services import until


@pytest.fixture
def models(tmp_path, monkeypatch):
    monkeypatch.setenv("STIMAGE_MODELS", str(tmp_path / "models"))
    (tmp_path / "models").mkdir()
    return tmp_path / "models"


def test_help_names_every_command(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    said = capsys.readouterr().out
    assert all(f"\n    {name} " in said for name in COMMANDS)


def test_models_are_listed_with_how_they_stand(models, capsys, tiny_folder):
    shutil.copytree(tiny_folder, models / "broken")
    (models / "broken" / "model.json").write_text("{")
    assert main(["models"]) == 0
    lines = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert lines["stimage-mini"].endswith(": ready to draw")
    assert lines["sd-1-5"].endswith(": not downloaded")
    assert "model.json is damaged" in lines["broken"]


def test_what_can_not_be_imported_is_said(models, tmp_path, capsys):
    (tmp_path / "bad.ckpt").write_bytes(b"no checkpoint")
    assert main(["import", str(tmp_path / "bad.ckpt")]) == 1
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert said.endswith(".")
    assert [path.name for path in models.iterdir()] == []


def test_a_name_and_a_folder_are_served_as_they_are(tiny_folder):
    assert model_to_serve("stimage-mini") == "stimage-mini"
    assert model_to_serve(str(tiny_folder)) == str(tiny_folder)
    with pytest.raises(ModelError):
        model_to_serve("no-such-model")


def test_a_port_that_is_taken_is_said(capsys, tiny_folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert main(["serve", "--port", port, "--model", str(tiny_folder)]) == 2
    assert f"port {port}" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to be stopped with")
def test_a_checkpoint_is_imported_once_and_served(models, tmp_path, tiny_folder, capsys):
    checkpoint = tmp_path / "my model.ckpt"
    save_checkpoint(tiny_folder, checkpoint)
    assert imported_before(checkpoint) == ""
    assert main(["import", str(checkpoint)]) == 0
    name = capsys.readouterr().out.strip()
    assert library.find(name)[1].title == "my model"
    assert imported_before(checkpoint) == name
    port = str(free_port())
    command = [sys.executable, "-m", "stimage", "serve", "--port", port, "--model", str(checkpoint)]
    address = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        assert server.poll() is None
        try:
            return httpx.get(f"{address}/readyz", timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as server:
        try:
            until(answers, 120)
            asked = {"prompt": "a fox", "num_inference_steps": 1}
            answer = httpx.post(f"{address}/generate", json=asked, timeout=60)
            assert answer.json()["image"]
        finally:
            server.send_signal(signal.SIGTERM)
            said = server.communicate(timeout=30)[1]
    assert server.returncode == 0
    assert address in said
    assert [path.name for path in models.iterdir()] == [name]
