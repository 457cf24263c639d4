"""Which faults are planted, which are not, and that a test meets them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutation.faults import faults


def planted(folder: Path, text: str) -> list[str]:
    path = folder / "module.py"
    path.write_text(text)
    return [each.planted(text) for each in faults(path)]


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("a < b", ["(a <= b)"]),
        ("a == b in c", ["(a != b in c)", "(a == b not in c)"]),
        ("a and b", ["(a or b)"]),
        ("a + b", ["(a - b)"]),
        ("not a", ["(a)"]),
        ("~a", ["(a)"]),
        ("3", ["4"]),
        ("True", ["False"]),
        ("a.min()", ["a.max()"]),
        ("any(a)", ["all(a)"]),
        ("a if b else c", ["a if (not b) else c"]),
        ("[a for a in b if c]", ["[a for a in b if (not c)]"]),
    ],
)
def test_each_kind_of_expression_has_its_fault(tmp_path: Path, text: str, other: list[str]) -> None:
    assert planted(tmp_path, f"x = {text}\n") == [f"x = {each}\n" for each in other]


def test_statements_are_left_out_or_turned(tmp_path: Path) -> None:
    text = "for ü in a:\n    b('ü'); b.clear()\n    continue\n"
    assert planted(tmp_path, text) == [
        text.replace("b('ü')", "pass"),
        text.replace("b.clear()", "pass"),
        text.replace("continue", "break"),
    ]
    assert planted(tmp_path, "a += b\n") == ["a -= b\n"]


@pytest.mark.parametrize(
    "text",
    [
        "def f(a: Literal[1]) -> Literal[2]: ...\n",
        "Kind = Literal[1] | None\n",
        "from x import y\nif TYPE_CHECKING:\n    a = 1\n",
        "assert a < b\n",
        "a = isinstance(b, int | float)\n",
        "a = f'{b + 1}'\n",
        "a = zip(b, c, strict=True)\n",
        "@dataclass(frozen=True)\nclass A: ...\n",
        "class A(Struct, frozen=True): ...\n",
        "a = 'text'\n",
    ],
)
def test_what_nobody_could_see_is_left_alone(tmp_path: Path, text: str) -> None:
    assert planted(tmp_path, text) == []


def test_a_fault_knows_the_lines_of_its_statement_and_whether_it_runs_at_import(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(
        "LIMIT = (\n    3\n)\n\n\ndef f(a=4):\n    if (\n        a < 5\n    ):\n        return 6\n"
    )
    assert [(each.new, each.lines, each.imported) for each in faults(path)] == [
        ("4", (1, 3), True),
        ("5", (6, 6), True),
        ("(a <= 5)", (7, 9), False),
        ("6", (7, 9), False),
        ("7", (10, 10), False),
    ]
