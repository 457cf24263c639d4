"""A rule over what was expected of `events_28d`, and facts of counts per week to decide it on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from segkit.facts.types import Facts
from segkit.periods import Calendar
from segkit.ruleset import check_rules_text
from segkit.ruleset.expr import Metric
from segkit.ruleset.model import Baselines, Definitions, RuleSet
from tests.engine.build import Event, day, facts

EVENTS = Metric("events", 28)
RULES = """\
version: 1
name: law
peers: [industry]
segments:
  - name: at_risk
    enter:
      all:
        - events_28d.vs_expected at most -30%
        - events_28d.z_score at most -1.5
    enter_after: 2 weeks
    exit:
      any:
        - all:
            - events_28d.vs_expected at least -20%
            - events_28d.vs_usual at least -20%
        - events_28d.vs_expected is missing
    exit_after: 3 weeks
    min_stay: 4 weeks
  - name: falling
    enter: events_28d.change at most -30%
  - name: steady
    enter: events_28d at least 0
"""


def law(baselines: Baselines | None = None) -> RuleSet:
    rules, problems = check_rules_text(
        RULES, path="r.yaml", calendar=Calendar(), definitions=Definitions(), attributes={}, columns={}
    )
    assert rules is not None, problems
    return replace(rules, baselines=baselines or Baselines())


def world(weeks: int, counts: Mapping[str, Sequence[int]], **more: Any) -> Facts:
    """Counts per week by account, on Mondays; other arguments as `facts` takes them."""
    first = day(more.get("first", "2026-01-05"))
    events: list[Event] = [
        (name, first + 7 * week, {"count": int(n)})  # type: ignore[misc]
        for name, series in counts.items()
        for week, n in enumerate(series)
        if n
    ]
    return facts(events=events, metrics=[EVENTS], rules=law(), periods=weeks, **more)
