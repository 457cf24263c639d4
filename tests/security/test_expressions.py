"""Rules that are very long, very deep or of no sense: a rule set, or a positioned problem, at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import process_time

import pytest

import segkit
from segkit.engine.conditions.compile import Compiler
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


@pytest.mark.parametrize(
    ("kind", "leaf"),
    [
        ("any", "events_{window}d at least {number}"),
        ("all", "arr is not {number}"),
        ("any", "arr between {number} and 9000"),
        ("any", "events_7d + events_28d over {number}"),
    ],
)
def test_ten_times_the_leaves_become_columns_in_ten_times_the_time(kind: str, leaf: str) -> None:
    def taken(leaves: int) -> float:
        text = _wide(kind, leaf, leaves)
        start = process_time()
        rules, problems = check(text)
        assert rules is not None
        assert problems == []
        compiled = Compiler().condition(rules.dimensions[0].segments[0].enter, {})
        assert len(set(compiled.meta.root_names())) in (1, 2, 8)
        return process_time() - start

    assert _in_step(taken)


@pytest.mark.parametrize(
    ("kind", "leaf"), [("any", "events_{window}d at least {number}"), ("all", "arr is not {number}")]
)
def test_ten_times_the_leaves_are_proved_in_ten_times_the_time(tmp_path: Path, kind: str, leaf: str) -> None:
    def taken(leaves: int) -> float:
        file = tmp_path / "rules.yaml"
        file.write_text(_wide(kind, leaf, leaves))
        start = process_time()
        assert segkit.check(file) == []
        return process_time() - start

    assert _in_step(taken)


def _in_step(taken: Callable[[int], float]) -> bool:
    """Within twice that, however fast the machine: some hundredths of a second against half a second."""
    few = min(taken(300) for _ in range(3))
    return any(taken(3_000) < 20 * few for _ in range(3))


def _wide(kind: str, leaf: str, leaves: int) -> str:
    written = (leaf.format(number=n, window=7 * (1 + n % 8)) for n in range(1, leaves + 1))
    lines = "".join(f"        - {each}\n" for each in written)
    return f"{HEAD}segments:\n  - name: all\n    enter:\n      {kind}:\n{lines}"


@pytest.mark.parametrize(
    "text", ["a" * 4_000, "1" * 4_000, "a.b" * 1_300, '"' + "x" * 4_000, "((((" * 1_000, "a_1d" * 1_000]
)
def test_no_text_takes_long_to_refuse(text: str) -> None:
    start = process_time()
    parse(text[:4_096])
    assert process_time() - start < 0.5
