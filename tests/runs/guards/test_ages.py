"""How old the newest row may be: what is written, else a period more than it was when all was well."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace

import pytest

from segkit.limits import GuardsFile, SourceLimits
from segkit.periods import Calendar
from segkit.runs.guards.delivered import _age_limit

OWN = GuardsFile(max_age="10 days", sources={"tickets": SourceLimits(max_age="3 weeks")})
"""For all, and for one source."""


def limit(source: str, limits: GuardsFile, runs: int = 3, ages: Sequence[int] = (1, 2, 3)) -> float | None:
    head = SimpleNamespace(runs=runs, ages=ages)
    facts = SimpleNamespace(calendar=Calendar())
    told = SimpleNamespace(limits=limits, deciding="usage", head=head, facts=facts)
    return _age_limit(told, source)  # type: ignore[arg-type]


@pytest.mark.parametrize(("source", "days"), [("tickets", 21), ("usage", 10), ("surveys", None)])
def test_a_written_age_holds_for_its_source_or_for_the_one_that_decides(source: str, days: int) -> None:
    assert limit(source, OWN) == days


@pytest.mark.parametrize(
    ("runs", "ages", "days"), [(2, (1, 2, 3), None), (3, (1, 2), None), (3, (1, 2, 3), 8)]
)
def test_else_three_runs_say_it(runs: int, ages: tuple[int, ...], days: int | None) -> None:
    """The middle of 1, 2 and 3 days, and less than a week more."""
    assert limit("usage", GuardsFile(), runs, ages) == days


def test_before_the_first_run_nothing_does() -> None:
    told = SimpleNamespace(limits=GuardsFile(), deciding="usage", head=None)
    assert _age_limit(told, "usage") is None  # type: ignore[arg-type]
