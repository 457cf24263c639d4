"""How often the comparisons of a segment have held of late."""

from __future__ import annotations

from datetime import date, timedelta

from benchmarks.panels import rules_of
from segkit.engine.biting import Bite, bites
from segkit.engine.counting.needs import wanted_columns
from segkit.ruleset.expr import Metric
from tests.engine.build import facts

RULES = """\
version: 1
name: bitten
segments:
  - name: quiet
    enter:
      all:
        - events_7d under 2
        - tenure_days at least 90
        - not large
  - name: busy
    enter: events_7d at least 2
flags:
  - name: large
    enter: arr over 10
"""


def test_the_last_quarter_stands_beside_all_that_came_before() -> None:
    """20 weeks, of which 13 are of late: B is quiet in weeks 0 to 9, A never."""
    rules = rules_of(RULES)
    came = [(name, week) for name, since in (("A", 0), ("B", 10)) for week in range(since, 20)]
    events = [(name, date(2026, 1, 5) + timedelta(weeks=week), {"count": 3}) for name, week in came]
    metrics = [each for each in wanted_columns(rules) if isinstance(each, Metric)]
    found = bites(rules, facts(events=events, periods=20, metrics=metrics, rules=rules))
    assert found == (
        Bite("quiet", "events_7d under 2", known=26, held=3, known_before=14, held_before=7),
        Bite("busy", "events_7d at least 2", known=26, held=23, known_before=14, held_before=7),
    )
