"""`python -m stimage` draws a whole file or says in a sentence why there is none."""

import io
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import stimage
from stimage.__main__ import main
from stimage.commands.draw import PNG_START
from stimage.images.png_metadata import read_png
from stimage.inference.diffusion import DiffusionEngine
from stimage.request import Request
from tests.support.tiny import save_tiny


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> str:
    return str(save_tiny(tmp_path_factory.mktemp("models") / "tiny"))


@pytest.fixture
def run(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, str]:
        return main_or_exit(arguments), capfd.readouterr().err

    return call


def main_or_exit(arguments) -> int:
    try:
        return main(arguments)
    except SystemExit as end:
        return int(end.code)


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_the_same_picture_as_the_engine_draws(run, model, tmp_path):
    options = ["--steps", "2", "--guidance", "2.5", "--negative", "cat", "--model", model]
    status, said = run("a fox", "--seed", "3", "-o", "fox.png", *options)
    assert (status, said.strip().splitlines()[-1]) == (0, "fox.png: seed 3")
    data = (tmp_path / "fox.png").read_bytes()
    request = Request(
        prompt="a fox", seed=3, num_inference_steps=2, guidance_scale=2.5, negative_prompt="cat"
    )
    with Image.open(io.BytesIO(data)) as image:
        assert image.tobytes() == DiffusionEngine.load(model).generate(request).image.tobytes()
    assert read_png(data)["prompt"] == "a fox"
    assert names(tmp_path) == ["fox.png"]


def test_words_the_model_can_not_use_are_named(run, model):
    (Path(model) / "words.json").write_text('{"words": ["a", "fox"]}')
    negative = "(cat:1.3) " + "fox " * 30 + "dog"
    options = ["--steps", "1", "--model", model, "--guidance", "1", "--negative", negative]
    status, said = run("a xylophone " + "fox " * 30 + "end", *options)
    (Path(model) / "words.json").unlink()
    assert status == 0
    assert "The model never saw: xylophone, end\n" in said
    assert "will not read: " in said
    assert "fox end\n" in said
    assert "In --negative. Read letter by letter" in said
    assert "In --negative. Too long, the model will not read: " in said
    assert "fox dog\n" in said
    assert "do not want to see has no effect" in said


def test_without_a_name_the_seed_names_the_file_and_a_picture_is_replaced(run, model, tmp_path):
    for _ in range(2):
        assert run("a fox", "--seed", "0", "--steps", "1", "--model", model)[0] == 0
    assert names(tmp_path) == ["stimage-0.png"]


def test_a_dash_writes_the_picture_to_standard_output(model, capfdbinary):
    assert main(["a fox", "-o", "-", "--steps", "1", "--model", model]) == 0
    data = capfdbinary.readouterr().out
    assert data.startswith(PNG_START)
    assert read_png(data)["num_inference_steps"] == 1


def test_the_version_is_told(capfd):
    assert main_or_exit(["--version"]) == 0
    assert capfd.readouterr().out == f"stimage {stimage.__version__}\n"


def test_no_sentence_names_a_button_of_the_page(run, tmp_path):
    (tmp_path / "some.ckpt").write_bytes(b"x")
    for model in ("sd-1-5", str(tmp_path / "some.ckpt")):
        status, said = run("a fox", "--model", model)
        assert status == 1
        assert "page" not in said
        assert "press" not in said.lower()


def test_help_is_there_at_once_as_a_command():
    command = [sys.executable, "-X", "importtime", "-m", "stimage", "draw", "--help"]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert done.returncode == 0
    assert "--seed" in done.stdout
    assert " torch" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["", "-o", "a.png"], "The prompt is empty"),
        (["x" * 301], "301 characters"),
        (["a fox", "--seed", "-1"], "from 0 to 4294967295; it was -1. Leave it out for a new one."),
        (["a fox", "--steps", "0"], "from 1 to 50"),
        (["a fox", "--steps", "many"], "must be a whole number"),
        (["a fox", "--guidance", "nan"], "must be a number"),
        (["a fox", "-o", "fox.jpg"], "call the file fox.png"),
        (["a fox", "-o", "no/folder/fox.png"], "There is no folder"),
        (["a fox", "-o", "folder.png"], "is a folder"),
        (["a fox", "-o", "text.png"], "is not a picture"),
        ([], "prompt"),
    ],
)
def test_a_wrong_request_is_refused_before_anything_is_loaded(run, tmp_path, arguments, says):
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "text.png").write_text("dear diary")
    status, said = run(*arguments)
    assert status == 2
    assert says in said
    assert "Traceback" not in said
    assert names(tmp_path) == ["folder.png", "text.png"]
    assert (tmp_path / "text.png").read_text() == "dear diary"


def test_the_longest_name_that_a_disk_takes_is_written(run, model, tmp_path):
    name = "a" * 246 + ".png"
    status, _ = run("a fox", "--steps", "1", "-o", name, "--model", model)
    assert (status, names(tmp_path)) == (0, [name])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /proc, where nobody may write")
@pytest.mark.parametrize("output", ["/proc/fox.png", "a" * 260 + ".png"])
def test_what_cannot_be_written_is_said_before_anything_is_drawn(run, tmp_path, output):
    status, said = run("a fox", "-o", output, "--model", "no-such-model")
    assert status == 1
    assert said.startswith("The picture can't be written: ")
    assert names(tmp_path) == []


@pytest.mark.parametrize("model", ["~nobody-of-this-name/x", "\udcff", "/" + "x" * 300, "\0"])
def test_an_odd_name_of_a_model_is_a_sentence(run, model):
    status, said = run("a fox", "-o", "fox.png", "--model", model)
    assert status == 1
    assert said.strip().endswith(".")
    assert "unexpected" not in said


def test_a_missing_model_fails_with_a_sentence(run, tmp_path):
    status, said = run("a fox", "-o", "fox.png", "--model", "no-such-model")
    assert status == 1
    assert "There is no model" in said
    assert names(tmp_path) == []


def test_stopping_leaves_no_file(run, model, tmp_path, monkeypatch):
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(DiffusionEngine, "generate", stop)
    assert run("a fox", "--model", model) == (130, "Stopped. Nothing was written.\n")
    assert names(tmp_path) == []


def test_a_full_disk_leaves_the_old_picture(run, model, tmp_path, monkeypatch):
    run("a fox", "--seed", "1", "--steps", "1", "-o", "fox.png", "--model", model)
    before = (tmp_path / "fox.png").read_bytes()

    def full(path, data):
        path.open("wb").write(data[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    status, said = run("a fox", "--steps", "1", "-o", "fox.png", "--model", model)
    assert (status, said.strip().splitlines()[-1]) == (
        1,
        "The picture can't be written: No space left on device.",
    )
    assert names(tmp_path) == ["fox.png"]
    assert (tmp_path / "fox.png").read_bytes() == before
