"""A fault that is put where functions are at hand is met by whoever holds one of them."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from tests.mutation.faults import faults
from tests.mutation.places import put

TEXT = """\
def make(step):
    def count(a):
        return a + step
    return count

class Counter:
    @property
    def size(self):
        return sum(1 for each in (1, 2, 3) if each > 2)

TABLE = (lambda: 5, make)
"""


@pytest.mark.parametrize(
    ("line", "new", "after"),
    [(3, "(a - step)", (1, 1, 5)), (9, "(each >= 2)", (7, 2, 5)), (11, "6", (7, 1, 6))],
)
def test_what_was_made_before_is_other_afterwards(
    tmp_path: Path, line: int, new: str, after: tuple[int, int, int]
) -> None:
    path = tmp_path / "planted.py"
    path.write_text(TEXT)
    spec = importlib.util.spec_from_file_location("planted", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    held, (five, make) = module.Counter(), module.TABLE
    assert (make(3)(4), held.size, five()) == (7, 1, 5)

    [fault] = [each for each in faults(path) if (each.line, each.new) == (line, new)]
    put(path, fault.planted(TEXT))
    assert (make(3)(4), held.size, five()) == after
