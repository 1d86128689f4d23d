"""Each code that is raised and each key that is said has a sentence, with the values it names."""

import ast
import string

import pytest
from babel.messages.pofile import read_po

from stimage import paths
from stimage.i18n import LANGUAGE, has_sentence

RAISED = ("ModelError", "TooLittleMemory", "InvalidRequest", "QueueFull", "Cancelled", "Failed")
SAID = ("Message", "text", "stop_if")
SOURCES = sorted((paths.ROOT / "stimage").rglob("*.py"))
CATALOGS = sorted((paths.LOCALES / LANGUAGE).glob("*.po"))


def codes_in(tree):
    """Yield each code or key that stands in a call, with its values; None if they are computed."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not node.args:
            continue
        if node.func.id in RAISED + SAID:
            code = node.args[-1 if node.func.id == "stop_if" else 0]
            if isinstance(code, ast.Constant) and " " not in str(code.value):
                yield code.value, values_of(node)


def values_of(call):
    computed = any(keyword.arg is None for keyword in call.keywords)
    if computed or (isinstance(call.func, ast.Name) and call.func.id in ("Message", "Failed")):
        return None
    return {keyword.arg for keyword in call.keywords}


def placeholders():
    """Return for each key the placeholders of its sentences."""
    named: dict[str, set[str]] = {}
    for file in CATALOGS:
        with file.open("rb") as source:
            for message in read_po(source):
                key = message.id if isinstance(message.id, str) else message.id[0]
                told = (message.string,) if isinstance(message.string, str) else message.string
                for sentence in told or ():
                    fields = {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
                    named.setdefault(key, set()).update(fields)
    return named


def test_every_code_has_a_sentence_that_names_only_its_values():
    named = placeholders()
    for file in SOURCES:
        for code, values in codes_in(ast.parse(file.read_text(encoding="utf-8"))):
            assert has_sentence(code), f"{file.name}: {code}"
            if values is not None:
                assert named[code] <= values, f"{file.name}: {code}"


@pytest.mark.parametrize("file", CATALOGS, ids=lambda file: file.stem)
def test_no_key_stands_in_two_files_and_no_sentence_is_empty(file):
    with file.open("rb") as source:
        ours = {(m.id, m.context) for m in read_po(source, abort_invalid=True) if m.id}
    for other in CATALOGS:
        if other != file:
            with other.open("rb") as source:
                assert not ours & {(m.id, m.context) for m in read_po(source) if m.id}
    text = file.read_text(encoding="utf-8")
    assert text.count('msgstr ""') + text.count('msgstr[0] ""') == 1  # the header's
