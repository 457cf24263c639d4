"""Declared metrics over columns that the export does not have: unknown, never zero."""

from __future__ import annotations

from pathlib import Path

import pytest

from segkit.engine import decide, usage_fold
from tests.facts.exports import Exports
from tests.ruleset.load import HEAD, rules


@pytest.mark.parametrize(
    "metric",
    [
        "{count: tickets, where: satisfaction at least 4}",
        "{count: tickets, where: resolved_at over 2026-01-01}",
        "{count: tickets, where: escalated is true}",
        "{mean: tickets.satisfaction}",
        "{distinct: tickets.topic}",
        '{share_of: tickets, where: kind is "bug"}',
    ],
)
def test_a_metric_over_an_absent_column_is_unknown(tmp_path: Path, metric: str) -> None:
    text = f"segments: [{{name: a, enter: it_28d at least 0}}]\nmetrics:\n  it_28d: {metric}\n"
    rule_set = rules(HEAD + text)
    exports = Exports(tmp_path)
    exports.write("usage.csv", "at,account_id\n2026-10-05,A\n2026-10-12,A\n2026-10-18,A\n")
    exports.write("tickets.csv", "ticket_id,opened_at,account_id\n1,2026-10-05,A\n2,2026-10-12,A\n")
    sources = {"usage": {"files": "usage.csv"}, "tickets": {"files": "tickets.csv"}}
    found = decide(rule_set, exports.load(sources, fold=usage_fold(rule_set)).facts)
    assert found.metrics_unknown == {"it_28d": 1.0}
    assert found.assignments["primary"].to_list() == ["unknown"]
