"""Every sentence a person reads stands in a catalog, fits its code, and is used."""

from __future__ import annotations

import ast
import re
import string
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from stimage.i18n import Edge, has_sentence
from stimage.paths import LOCALES, ROOT

CODE = sorted((ROOT / "stimage").rglob("*.py"))
ERRORS = {"StimageError", "InvalidRequest", "QueueFull", "Cancelled", "ModelError"}
SAYING = ERRORS | {"TooLittleMemory", "MissingInput", "Message", "text"}
SENTENCE = re.compile(r"[A-Z][a-z]+ [a-z]+ ?")
FORMATTER = string.Formatter()


@cache
def entries() -> list[tuple[str, str, str]]:
    """Return (msgctxt, msgid, msgstr) of every entry; each plural form is one."""
    found = []
    for file in sorted((LOCALES / "en").glob("*.po")):
        with file.open("rb") as source:
            for message in read_po(source, locale="en", abort_invalid=True):
                key = message.id[0] if isinstance(message.id, tuple) else message.id
                forms = message.string if isinstance(message.string, tuple) else (message.string,)
                found += [(message.context or "", str(key), str(form)) for form in forms if key]
    return found


def keys() -> set[str]:
    return {key for _, key, _ in entries()}


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in CODE:
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def calls() -> Iterator[tuple[Path, str, ast.Call]]:
    """Yield every call that says something, with its literal key."""
    for path, tree in trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id in SAYING and node.args:
                for first in ast.walk(node.args[0]):
                    if isinstance(first, ast.Constant) and isinstance(first.value, str):
                        yield path, first.value, node
                        break


def test_each_key_stands_once_in_all_catalogs():
    forms = Counter((context, key, form) for context, key, form in entries())
    ids = Counter((context, key) for context, key, _ in set(entries()))
    plural = {(context, key) for context, key, _ in entries() if "{count" in _of(context, key)}
    assert [name for name, count in forms.items() if count > 1] == []
    assert [name for name, count in ids.items() if count > 1 and name not in plural] == []


def test_no_sentence_is_empty():
    assert [key for _, key, form in entries() if not form.strip()] == []


def _of(context: str, key: str) -> str:
    return " ".join(form for ctx, name, form in entries() if (ctx, name) == (context, key))


def test_whatever_code_says_has_a_sentence():
    said = {key for _, key, node in calls() if isinstance(node.args[0], ast.Constant)}
    assert len(said) > 150
    assert sorted(key for key in said if not has_sentence(key)) == []


def test_placeholders_are_given_by_the_code():
    for path, key, node in calls():
        if not isinstance(node.args[0], ast.Constant) or any(k.arg is None for k in node.keywords):
            continue
        given = {str(keyword.arg) for keyword in node.keywords}
        if len(node.args) > 1:
            if not isinstance(node.args[1], ast.Dict):
                continue
            names = [k.value for k in node.args[1].keys if isinstance(k, ast.Constant)]
            given |= {str(name) for name in names}
        for context, name, form in entries():
            if name == key:
                wanted = {field for _, field, _, _ in FORMATTER.parse(form) if field}
                assert wanted <= given, (path.name, context, key)


def test_no_link_leads_out_of_the_path_that_the_app_is_served_under():
    assert [key for _, key, form in entries() if re.search(r"\]\(/", form)] == []


def test_no_sentence_is_left_over():
    words: set[str] = set()
    starts: set[str] = set()
    for _, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                words.add(node.value)
            elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                starts.add(str(node.values[0].value))
    starts = {start for start in starts if len(start) > 4 and start[-1] in "._"}
    left = [key for key in keys() if key not in words and not key.startswith(tuple(starts))]
    assert sorted(left) == []


def test_a_context_is_an_edge_and_says_something_else_than_the_page():
    for context, key, form in entries():
        if context:
            assert context in list(Edge)
            assert form != _of("", key)
            assert has_sentence(key)


def test_the_command_line_never_names_the_page():
    for context, key, form in entries():
        if context == Edge.COMMAND_LINE:
            assert not re.search(r"[Pp]ress |button|Models page|the box", form), key


@pytest.mark.parametrize(
    "path", sorted((ROOT / "stimage" / "ui").rglob("*.py")), ids=lambda path: path.name
)
def test_no_sentence_stands_in_the_code_of_a_page(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documents = {
        ast.get_docstring(node, clean=False)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert node.value in documents or not SENTENCE.match(node.value), node.value
