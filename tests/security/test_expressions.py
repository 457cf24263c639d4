"""Rules that are very long, very deep or of no sense: a rule set, or a positioned problem, at once."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest

import segkit
from segkit.ruleset.parse import Fault, parse
from tests.ruleset.load import HEAD


@pytest.mark.parametrize("text", ["a < 3 or " * 455 + "ab", "(" * 51 + "a < 3" + ")" * 51, "not " * 51 + "a"])
def test_4097_characters_or_51_levels_are_refused_where_they_stand(text: str) -> None:
    assert len(text) == 4097 or len(text) < 300
    start = process_time()
    fault = parse(text)
    assert process_time() - start < 0.5
    assert isinstance(fault, Fault)
    assert 0 <= fault.start < fault.end <= len(text)


@pytest.mark.parametrize(
    ("kind", "leaf", "seconds"),
    [
        ("any", "events_{window}d at least {number}", 1),
        ("all", "arr is not {number}", 2),
    ],
)
def test_a_rule_of_three_thousand_leaves_is_read_checked_and_proved_in_time(
    tmp_path: Path, kind: str, leaf: str, seconds: float
) -> None:
    """The best of three within twice the seconds: on a busy machine the same work takes that much longer."""
    leaves = (leaf.format(number=n, window=7 * (1 + n % 8)) for n in range(1, 3_001))
    file = tmp_path / "rules.yaml"
    lines = "".join(f"        - {each}\n" for each in leaves)
    file.write_text(f"{HEAD}segments:\n  - name: all\n    enter:\n      {kind}:\n{lines}")

    def taken() -> float:
        start = process_time()
        assert segkit.check(file) == []
        return process_time() - start

    assert any(taken() < 2 * seconds for _ in range(3))


@pytest.mark.parametrize(
    "text", ["a" * 4_000, "1" * 4_000, "a.b" * 1_300, '"' + "x" * 4_000, "((((" * 1_000, "a_1d" * 1_000]
)
def test_no_text_takes_long_to_refuse(text: str) -> None:
    start = process_time()
    parse(text[:4_096])
    assert process_time() - start < 0.5
