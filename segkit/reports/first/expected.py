"""What was expected and so not alarmed: accounts that dip like their peers or every year; whole groups."""

from __future__ import annotations

import polars as pl
from msgspec import Struct

from segkit.engine.results import Decisions
from segkit.reports.first.calls import pressing
from segkit.reports.first.supports import read_by
from segkit.reports.words import listed, plural
from segkit.ruleset.catalogue import BASELINE_VIEWS
from segkit.ruleset.expr import Metric
from segkit.ruleset.model import RuleSet

SHOWN = 3
UNUSUAL, SEASONAL, NORMAL = "unusual", "seasonal", "normal"


class Group(Struct, frozen=True):
    """A peer group whose change stands out."""

    metric: str
    name: str
    accounts: int
    change: float
    last_years: float | None
    """What it did in the same weeks of past years; None where nobody knows."""
    relative: bool
    """False: changes are in the metric's own unit."""
    verdict: str
    """seasonal or unusual."""

    def said(self) -> str:
        """`Retail: events_28d −32 % against the weeks before, −4 % in past years: unusual (14 accounts)`"""
        then = "" if self.last_years is None else f", {self.shown(self.last_years)} in past years"
        now = f"{self.metric} {self.shown(self.change)} against the weeks before"
        return f"{self.name}: {now}{then}: {self.verdict} ({plural(self.accounts, 'account')})"

    def shown(self, change: float) -> str:
        """`−32 %`, or in the metric's own unit `+1.5`"""
        value = f"{abs(change) * 100:.0f} %" if self.relative else f"{abs(change):.3g}"
        return f"{'−' if change < 0 else '+'}{value}"


def dipped(rules: RuleSet, decisions: Decisions, assignments: pl.DataFrame) -> tuple[str, ...]:
    """Names of the accounts that fell as expected and are in no segment to act on, largest ARR first."""
    alarms = set(pressing(rules))
    metrics = {m.base for of in _asking(rules).values() for m in of}
    accounts = {account for metric in metrics for account in decisions.dipped.get(metric, ())}
    rows = assignments.filter(
        pl.col("account_id").is_in(sorted(accounts)) & ~pl.col("primary").is_in(sorted(alarms))
    )
    return tuple(rows.sort(-pl.col("arr").fill_null(0), "account_id")["name"])


def alarmed(rules: RuleSet, assignments: pl.DataFrame) -> int:
    """How many accounts are in a segment to act on that asks who fell further than expected."""
    asking = sorted(name for name, metrics in _asking(rules).items() if metrics)
    return assignments.filter(pl.col("primary").is_in(asking)).height


def _asking(rules: RuleSet) -> dict[str, list[Metric]]:
    """Segments to act on -> what they compare with what was expected."""
    alarms = set(pressing(rules))
    return {
        segment.name: [m for m in read_by(segment) if m.view in BASELINE_VIEWS]
        for segment in rules.main.segments
        if segment.name in alarms
    }


def groups(decisions: Decisions, verdicts: tuple[str, ...] = (UNUSUAL, SEASONAL)) -> tuple[Group, ...]:
    """Groups with one of the verdicts, in their order, larger ones first; without more only what is news."""
    return () if decisions.groups is None else groups_of(decisions.groups, verdicts)


def groups_of(rows: pl.DataFrame, verdicts: tuple[str, ...]) -> tuple[Group, ...]:
    """The same of rows as groups.csv has them."""
    order = pl.col("verdict").replace_strict({v: i for i, v in enumerate(verdicts)}, return_dtype=pl.Int8)
    rows = rows.filter(pl.col("verdict").is_in(verdicts))
    rows = rows.sort(order, "accounts", "metric", "level", "group", descending=[False, True] + [False] * 3)
    return tuple(
        Group(
            row["metric"],
            row["group"],
            row["accounts"],
            row["change"],
            row["last_years"],
            row["unit"] == "share",
            row["verdict"],
        )
        for row in rows.iter_rows(named=True)
    )


def dips_said(names: tuple[str, ...], at_most: int) -> str:
    """`41 accounts dipped as expected, like their peers this week or like every year: A, B and 39 more`"""
    why = "like their peers this week or like every year"
    return f"{plural(len(names), 'account')} dipped as expected, {why}: {listed(list(names), at_most)}"
