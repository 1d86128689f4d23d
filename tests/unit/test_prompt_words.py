"""Words that a model can't use are named before anything is drawn."""

import json
import sys

import pytest
from transformers import CLIPTokenizer

from stimage.models.folder import ModelFolder
from stimage.models.prompt_words import marks, tokens_of, unknown_words, words_beyond_limit
from tests.support.tiny import tiny_tokenizer


@pytest.fixture
def folder(tmp_path):
    words = ["a", "the", "fox", "foxes", "sleeping", "in", "forest", "ice-cream", "Café"]
    (tmp_path / "words.json").write_text(json.dumps({"words": words}), encoding="utf-8")
    return ModelFolder(tmp_path)


@pytest.mark.parametrize(
    ("prompt", "unknown"),
    [
        ("A fox sleeping in the forest", []),
        ("a xylophone, a FOX and Xylophone", ["xylophone", "and"]),
        ("the fox's café!", []),
        ("the fox\u2019s 3 ice-creams", ["3", "creams"]),
        ("an ice-cream", ["an"]),
        ("foxes… 🦊", []),
        ("", []),
        ("ein Füchslein", ["ein", "füchslein"]),
    ],
)
def test_words_the_model_never_saw(folder, prompt, unknown):
    assert unknown_words(prompt, folder) == unknown


@pytest.mark.parametrize(
    ("prompt", "found"),
    [
        ("a fox in the snow", []),
        ("a fox (red), 3:4, it's 10:30 [", []),
        ("(a fox:1.4), [snow]", ["(a fox:1.4)", "[snow]"]),
        ("a <lora:fox:0.8> BREAK a cat AND a dog", ["<lora:fox:0.8>", "BREAK", "AND"]),
        (
            "((fox)) {{cat}} tree++ <hypernet:x:1>",
            ["((fox))", "{{cat}}", "tree++", "<hypernet:x:1>"],
        ),
        ("[fox:cat:0.5] (snow : .5)", ["[fox:cat:0.5]", "(snow : .5)"]),
        ("(fox:1.3), (fox:1.3)", ["(fox:1.3)"]),
        ("A FOX AND A CAT", []),
        ("breakfast and bread", []),
        ("((((((((((", []),
        ("\u05e9\u05d5\u05e2\u05dc <\U0001f98a>", []),
    ],
)
def test_marks_of_other_programs_are_named_once(prompt, found):
    assert marks(prompt) == found


def test_what_is_named_as_a_mark_is_no_word_the_model_never_saw(folder):
    prompt = "(a fox:1.4), [forest], <lora:fox:0.8> BREAK a xylophone AND the fox"
    assert unknown_words(prompt, folder) == ["xylophone"]


@pytest.mark.parametrize("text", [None, "", "[]", "{}", '{"words": []}'])
def test_a_model_that_does_not_say_what_it_knows_knows_all(tmp_path, text):
    if text is not None:
        (tmp_path / "words.json").write_text(text, encoding="utf-8")
    assert unknown_words("a xylophone", ModelFolder(tmp_path)) == []


def test_a_model_that_comes_later_is_noticed(tmp_path):
    assert unknown_words("a fox", ModelFolder(tmp_path)) == []
    (tmp_path / "words.json").write_text('{"words": ["fox"]}')
    assert unknown_words("a fox", ModelFolder(tmp_path)) == ["a"]
    folder = tmp_path / "model"
    assert words_beyond_limit("fox " * 80, ModelFolder(folder)) == []
    assert len(words_beyond_limit("fox " * 80, save(tiny_tokenizer(), folder, whole=True))) == 50


def save(tokenizer: CLIPTokenizer, folder, *, whole: bool):
    folder.mkdir()
    target = folder / "tokenizer"
    tokenizer.save_pretrained(target)
    if not whole:
        model = json.loads((target / "tokenizer.json").read_text(encoding="utf-8"))["model"]
        (target / "vocab.json").write_text(json.dumps(model["vocab"]), encoding="utf-8")
        merges = ["#version: 0.2", *(" ".join(pair) for pair in model["merges"])]
        (target / "merges.txt").write_text("\n".join(merges), encoding="utf-8")
        (target / "tokenizer.json").unlink()
    return ModelFolder(folder)


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize(
    "prompt",
    [
        "fox cat " * 30,
        "a   xylophone fox, " * 7,
        "fox" * 60,
        "Füchse & cats! don't 123 🦊 " * 4,
        "fox",
    ],
)
def test_words_beyond_the_limit_are_those_the_pipelines_tokenizer_drops(tmp_path, whole, prompt):
    tokenizer = tiny_tokenizer()
    folder = save(tokenizer, tmp_path / "model", whole=whole)
    beyond = words_beyond_limit(prompt, folder)
    words = prompt.split()
    kept = " ".join(words[: len(words) - len(beyond)])
    assert words[len(words) - len(beyond) :] == beyond
    assert len(tokenizer(kept).input_ids) <= 32
    if beyond:
        assert len(tokenizer(f"{kept} {beyond[0]}").input_ids) > 32


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("prompt", ["fox cat " * 30, "a xylophone FOX", "Füchse & 🦊"])
def test_the_tokens_of_a_prompt_are_those_the_pipeline_reads(tmp_path, whole, prompt):
    tokenizer = tiny_tokenizer()
    found = tokens_of(prompt, save(tokenizer, tmp_path / "model", whole=whole))
    read = tokenizer(prompt, truncation=True, max_length=tokenizer.model_max_length).input_ids
    assert [token.number for token in found] == read
    if prompt.isascii():
        words = "".join(token.text + " " * token.ends_word for token in found[1:-1])
        assert prompt.lower().startswith(words.strip())


def test_a_folder_without_a_tokenizer_has_no_tokens(tmp_path):
    assert tokens_of("fox", ModelFolder(tmp_path)) == ()


def test_a_folder_without_a_tokenizer_has_no_limit(tmp_path):
    assert words_beyond_limit("fox " * 200, ModelFolder(tmp_path)) == []


@pytest.mark.parametrize("name", ["tokenizer.json", "vocab.json"])
def test_a_broken_tokenizer_is_not_this_functions_problem(tmp_path, name):
    (tmp_path / "tokenizer").mkdir()
    (tmp_path / "tokenizer" / name).write_text("{broken")
    (tmp_path / "tokenizer" / "merges.txt").write_text("")
    assert words_beyond_limit("fox " * 200, ModelFolder(tmp_path)) == []


@pytest.mark.parametrize("settings", ["", "[]", "{}", '{"model_max_length": 1e30}'])
def test_a_tokenizer_that_does_not_tell_its_limit_has_clips(tmp_path, settings):
    folder = save(tiny_tokenizer(), tmp_path / "model", whole=True)
    (folder.tokenizer / "tokenizer_config.json").write_text(settings)
    beyond = words_beyond_limit("fox " * 80, folder)
    assert len(beyond) == (0 if "1e30" in settings else 5)


def test_torch_is_not_needed(tmp_path, run_python):
    code = (
        "import sys, pathlib; import stimage.service.local;"
        "from stimage.models.prompt_words import marks, unknown_words, words_beyond_limit;"
        "from stimage.models.folder import ModelFolder;"
        f"folder = ModelFolder(pathlib.Path({str(tmp_path)!r}));"
        "unknown_words('a', folder); words_beyond_limit('a', folder);"
        "sys.exit(any(name in sys.modules for name in ('torch', 'transformers', 'diffusers')))"
    )
    assert run_python(code) == 0


@pytest.fixture
def run_python():
    import subprocess

    return lambda code: subprocess.run([sys.executable, "-c", code], check=False).returncode
