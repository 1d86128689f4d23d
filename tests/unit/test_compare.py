from __future__ import annotations

import pytest

from benchmarks.compare import compare, import_of, measure, module_with
from stimage.paths import ROOT

TABLE = "print('| what | measured |'); print('| picture 1 | {} s, at worst 9 s |')"


@pytest.fixture
def checkouts(tmp_path):
    """Two checkouts that have the same function in modules of other names."""
    for name, module in (("old", "checkpoint.py"), ("new", "importing/importer.py")):
        file = tmp_path / name / "stimage" / module
        file.parent.mkdir(parents=True)
        file.write_text('"""."""\n\ndef import_model(source, name):\n    source.read_bytes()\n')
    return tmp_path / "old", tmp_path / "new"


def test_each_row_is_shown_with_its_ratio(checkouts):
    old, new = checkouts
    lines = compare(old, new, lambda where: ["-c", TABLE.format(2 if where == old else 3)], 1)
    assert lines == ["| picture 1 | 2 | 3 | 1.50 |"]


def test_a_function_is_found_wherever_it_stands(checkouts):
    names = [module_with(checkout, "import_model") for checkout in checkouts]
    assert names == ["stimage.checkpoint", "stimage.importing.importer"]
    assert module_with(ROOT, "import_model") == "stimage.importing.importer"


def test_an_import_is_timed_in_both(checkouts, tmp_path):
    checkpoint = tmp_path / "tiny.ckpt"
    checkpoint.write_bytes(b"weights")
    old, new = checkouts
    [line] = compare(old, new, import_of(checkpoint), 1)
    assert line.startswith("| seconds | ")


def test_the_time_of_a_statement_is_read_in_seconds(tmp_path):
    [(name, seconds)] = measure(tmp_path, ["-m", "timeit", "-n", "1", "-r", "1", "pass"])
    assert name == "seconds"
    assert 0 <= seconds < 1


def test_a_command_that_fails_says_where(tmp_path):
    with pytest.raises(SystemExit, match="failed in"):
        measure(tmp_path, ["-c", "raise ValueError"])
