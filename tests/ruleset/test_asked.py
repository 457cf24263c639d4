"""A condition that stands outside a rule file: what it means there, or the first thing wrong with it."""

from __future__ import annotations

import pytest

from segkit.ruleset.asked import Wrong, read_condition
from segkit.ruleset.printing import format_condition
from tests.ruleset.load import FRAME, rules

RULES = rules(
    f"{FRAME}conditions: {{small: arr under 1000}}\nmetrics: {{exports_28d: {{count: usage, window: 28d}}}}\n"
)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("arr under 3", "arr under 3"),
        ("small and seats over 2", "small and seats over 2"),
        ("arr under $some", "arr under $some"),
        ("exports_28d.change under 30%", "exports_28d.change under 30%"),
        ("floors over 3", "floors over 3"),
        ("tickets_28d over 3", "tickets_28d over 3"),
        ("active_days_28d at most 29", "active_days_28d at most 29"),
    ],
)
def test_it_means_what_it_means_in_the_rules(text: str, printed: str) -> None:
    found = read_condition(text, RULES, {"floors": "number"}, ["usage"])
    assert not isinstance(found, Wrong)
    assert format_condition(found) == printed


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("arr ovr 3", "character 5: unexpected 'ovr'; 'and', 'or' or a comparison"),
        ("arr over 1e400", "character 10: 1e400 is too large"),
        (
            "seats over 1 and arrr over 3",
            "character 18: unknown metric, attribute or condition 'arrr'; did you",
        ),
        ("arrr over 3 and seatz over 1", "character 1: unknown metric, attribute or condition 'arrr'"),
        ("arr is 3 or arr", "character 13: arr is no condition"),
        ("arr over 1e400 or arrr is missing", "character 10: 1e400 is too large"),
        ("true", "character 1: a condition that is always the same decides nothing"),
        ("arr over 3 and member(new)", "character 16: it waits for a segment (new), and an override"),
        ("arr over 3 and renewal_due", "character 16: it waits for a segment (renewal_due), and"),
        ("weeks_in(new) over 3 and renewal_due", "character 1: it waits for a segment (new), and"),
        ("new", "character 1: 'new' is a segment; write member(new)"),
        ("arr over $same", "character 10: unknown threshold '$same'; did you mean 'some'?"),
    ],
)
def test_the_first_thing_that_is_wrong_is_told_with_its_character(text: str, wrong: str) -> None:
    found = read_condition(text, RULES, {}, None)
    assert isinstance(found, Wrong)
    assert str(found).startswith(wrong)
