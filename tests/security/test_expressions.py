"""Rules that are very long, very deep or of no sense: a rule set, or a positioned problem, at once."""

from __future__ import annotations

from time import process_time

import pytest

from segkit.ruleset.parse import Fault, parse
from tests.ruleset.load import HEAD, check


@pytest.mark.parametrize("text", ["a < 3 or " * 455 + "ab", "(" * 51 + "a < 3" + ")" * 51, "not " * 51 + "a"])
def test_4097_characters_or_51_levels_are_refused_where_they_stand(text: str) -> None:
    assert len(text) == 4097 or len(text) < 300
    start = process_time()
    fault = parse(text)
    assert process_time() - start < 0.5
    assert isinstance(fault, Fault)
    assert 0 <= fault.start < fault.end <= len(text)


def test_a_rule_of_three_thousand_leaves_is_read_and_checked_in_three_seconds() -> None:
    leaves = "".join(f"        - arr over {number}\n" for number in range(3_000))
    start = process_time()
    rules, problems = check(f"{HEAD}segments:\n  - name: all\n    enter:\n      any:\n{leaves}")
    assert rules is not None, problems
    assert process_time() - start < 3


@pytest.mark.parametrize(
    "text", ["a" * 4_000, "1" * 4_000, "a.b" * 1_300, '"' + "x" * 4_000, "((((" * 1_000, "a_1d" * 1_000]
)
def test_no_text_takes_long_to_refuse(text: str) -> None:
    start = process_time()
    parse(text[:4_096])
    assert process_time() - start < 0.5
