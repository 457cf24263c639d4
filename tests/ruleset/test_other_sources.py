"""Metrics that a second source tells as well."""

from __future__ import annotations

import pytest

from tests.ruleset.load import HEAD, check


@pytest.mark.parametrize(
    ("rule", "sources", "told"),
    [
        ("arr over 5", {"usage", "subscriptions"}, []),
        ("tenure_days over 5", {"usage"}, []),
        ("arr over 5", {"usage"}, ["arr is unknown: this workspace has no source 'accounts'"]),
    ],
)
def test_only_a_value_that_no_source_tells_is_warned_about(
    rule: str, sources: set[str], told: list[str]
) -> None:
    _, problems = check(f"{HEAD}segments: [{{name: a, enter: {rule}}}]\n", sources=sources)
    assert [problem.what for problem in problems] == told
