"""Random small tables: table metrics equal a plain recount, and what comes later changes nothing before."""

from __future__ import annotations

import random
import statistics
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from segkit.engine.counting.values import Values
from segkit.engine.metrics.attributes import snapshot_rows
from segkit.engine.metrics.registry import context_of
from segkit.engine.metrics.tables import TABLES
from segkit.engine.metrics.usage import USAGE_METRICS
from segkit.engine.views import viewed
from segkit.facts.types import Facts
from segkit.periods import epoch_day
from segkit.ruleset.catalogue import METRICS
from segkit.ruleset.expr import Attribute, Compare, IsMissing, Metric, Not, Number, Text
from segkit.ruleset.model import CustomMetric, Definitions, HealthPart, RuleSet
from tests.engine import build

FIRST, PERIODS = date(2026, 1, 5), 8
DAYS = PERIODS * 7
ACCOUNTS = ("A", "B", "C")
PURPLE = Compare(Attribute("topic"), "=", Text("purple"))
RESOLVED = Not(IsMissing(Attribute("resolved_at", "moment")))
BIG = Compare(Attribute("count", "integer"), ">", Number(2.0))
DEFINITIONS = Definitions(
    expected_milestones={"setup": 14, "report": 30},
    first_value="report",
    positive_topics=("green",),
    health_score={
        "nps": HealthPart(Metric("nps_latest"), 2.0, 0.0, 10.0),
        "tickets": HealthPart(Metric("tickets", 28, "change"), 1.0, 1.0, -1.0),
    },
)
ARGUED = ("days_to_feature",)
"""Metrics that need an argument."""
KINDS = ("sum", "mean", "median", "max", "min", "latest")


def rules() -> RuleSet:
    found = [
        CustomMetric("purple", "share_of", "tickets", where=PURPLE, window=28),
        CustomMetric("resolved", "count", "tickets", where=RESOLVED, window=28),
        CustomMetric("topics", "distinct", "tickets", "topic", window=20),
        CustomMetric("quiet", "days_since", "tickets", where=PURPLE),
        CustomMetric("big", "count", "usage", where=BIG, window=14),
        CustomMetric("people", "distinct", "usage", "user_id", window=28),
    ]
    found += [CustomMetric(f"t_{kind}", kind, "tickets", "satisfaction", window=21) for kind in KINDS]
    found += [CustomMetric(f"m_{kind}", kind, "measures", "score", window=21) for kind in KINDS]
    found += [CustomMetric(f"u_{kind}", kind, "usage", "size", window=21) for kind in KINDS]
    return build.ruleset(DEFINITIONS, metrics={each.name: each for each in found})


def world(seed: int) -> dict[str, Any]:
    """Everything a build of facts takes, rows up to the last day of the panel and some beyond."""
    dice = random.Random(seed)

    def some_day(low: int = 0, high: int = DAYS - 1) -> str:
        return (FIRST + timedelta(dice.randint(low, high))).isoformat()

    def maybe(value: Any, chance: float = 0.7) -> Any:
        return value if dice.random() < chance else None

    def whose() -> dict[str, Any]:
        return {"account_id": dice.choice(ACCOUNTS)}

    def many(make: Any, most: int = 25) -> list[dict[str, Any]]:
        return [whose() | make() for _ in range(dice.randint(1, most))]

    def ticket() -> dict[str, Any]:
        opened = dice.randint(0, DAYS - 1)
        closed = (FIRST + timedelta(opened + dice.randint(0, 30))).isoformat()
        return {
            "ticket_id": str(dice.random()),
            "opened_at": (FIRST + timedelta(opened)).isoformat(),
            "resolved_at": maybe(closed),
            "topic": maybe(dice.choice(["purple", "green", "blue"])),
            "escalated": maybe(dice.random() < 0.5),
            "satisfaction": maybe(float(dice.randint(1, 5))),
        }

    def contact() -> dict[str, Any]:
        gone = (FIRST + timedelta(dice.randint(10, DAYS))).isoformat()
        return {
            "user_id": str(dice.randint(1, 6)),
            "created_at": maybe(some_day(-40, 20), 0.5),
            "deactivated_at": maybe(gone, 0.4),
            "is_key": maybe(dice.random() < 0.5),
        }

    def survey() -> dict[str, Any]:
        instrument = dice.choice(["nps", "csat"])
        score = float(dice.randint(0, 10))
        user = maybe(str(dice.randint(1, 6)))
        return {"answered_at": some_day(), "instrument": instrument, "score": score, "user_id": user}

    events = []
    for _ in range(dice.randint(1, 40)):
        special = {"user": str(dice.randint(1, 6)), "count": dice.randint(1, 4)}
        size = maybe(float(dice.randint(0, 9)))
        events.append((dice.choice(ACCOUNTS), some_day(), special | {"size": size}))
    dates = ("A", "B", "C")
    return {
        "events": events,
        "accounts": {
            "A": {"signup_date": some_day(-300, 20), "seats": 3.0, "arr": maybe(900.0), "plan_limit": 20.0},
            "B": {"signup_date": some_day(-300, 20), "churned_at": maybe(some_day(30))},
            "C": {"renewal_date": some_day(), "notice_date": maybe(some_day()), "seats": maybe(2.0)},
        },
        "snapshots": [
            {"account_id": dice.choice(dates), "snapshot_at": some_day(1), "arr": maybe(100.0), "seats": 1.0}
        ],
        "uncovered": {"tickets": dice.sample(range(PERIODS), dice.randint(0, 2))},
        "away": {"C": dice.sample(range(PERIODS), dice.randint(0, 2))},
        "tables": {
            "tickets": many(ticket),
            "contacts": many(contact, 8),
            "surveys": many(survey),
            "touchpoints": many(
                lambda: {"at": some_day(), "status": maybe(dice.choice(["held", "missed", "no_answer"]))}
            ),
            "milestones": many(
                lambda: {"milestone": dice.choice(["setup", "report"]), "completed_at": some_day()}, 4
            ),
            "subscriptions": many(
                lambda: {"starts_on": some_day(), "ends_on": maybe(some_day(20)), "mrr": 10.1, "seats": 2.0},
                4,
            ),
            "payments": many(lambda: {"due_on": some_day(), "paid_on": maybe(some_day())}),
            "measures": many(lambda: {"on": some_day(), "score": maybe(float(dice.randint(0, 9)))}),
        },
    }


LATE = {
    "tickets": ("resolved_at", ("resolved_at", "satisfaction")),
    "payments": ("paid_on", ("paid_on",)),
    "contacts": ("deactivated_at", ("deactivated_at",)),
}
WHEN = {
    "tickets": "opened_at",
    "contacts": "created_at",
    "surveys": "answered_at",
    "touchpoints": "at",
    "milestones": "completed_at",
    "subscriptions": "starts_on",
    "payments": "due_on",
    "measures": "on",
}


def seen_by(asked: dict[str, Any], end: str) -> dict[str, Any]:
    """The world as it was known at the end of a day."""
    tables = {}
    for source, rows in asked["tables"].items():
        by, hidden = LATE.get(source, ("", ()))
        tables[source] = [
            {name: None if name in hidden and (row[by] or "") > end else value for name, value in row.items()}
            for row in rows
            if (row[WHEN[source]] or "") <= end
        ]
    return asked | {
        "tables": tables,
        "events": [event for event in asked["events"] if event[1] <= end],
        "snapshots": [each for each in asked["snapshots"] if each["snapshot_at"] <= end],
    }


def built(asked: dict[str, Any], declared: RuleSet, metrics: list[Metric], periods: int = PERIODS) -> Facts:
    inside = {
        key: {who: [n for n in numbers if n < periods] for who, numbers in asked[key].items()}
        for key in ("uncovered", "away")
    }
    return build.facts(rules=declared, metrics=metrics, periods=periods, **asked | inside)


def every_metric() -> list[Metric]:
    """Each metric of the tables with windows short enough for the panel, and each declared one."""
    declared = [Metric(name) for name in rules().metrics]
    return [Metric(name, window) for name in TABLES for window in (None, 14)] + declared


@pytest.mark.parametrize("seed", range(6))
def test_what_comes_after_a_period_changes_no_value_in_it(seed: int) -> None:
    declared, asked, metrics = rules(), world(seed), every_metric()
    whole = context_of(declared, built(asked, declared, metrics))
    for periods in (3, 6):
        end = (FIRST + timedelta(periods * 7 - 1)).isoformat()
        part = context_of(declared, built(seen_by(asked, end), declared, metrics, periods))
        for metric in metrics:
            for shift in (0, 14):
                now, then = part.measure(metric, shift), whole.measure(metric, shift)
                what = f"{metric.key} {shift} {periods}"
                np.testing.assert_array_equal(now.value, then.value[:, :periods], what)
                np.testing.assert_array_equal(now.missing, then.missing[:, :periods], what)


@pytest.mark.parametrize("seed", range(6))
def test_a_period_computed_without_those_before_it_has_the_same_values(seed: int) -> None:
    declared, asked = rules(), world(seed)
    metrics = every_metric() + [Metric(n, w) for n in USAGE_METRICS for w in (14, 28) if METRICS[n].windowed]
    metrics += [Metric(name) for name in USAGE_METRICS if not METRICS[name].windowed and name not in ARGUED]
    metrics += [Metric("days_to_feature", argument="red"), Metric("nps_latest", None, "previous")]
    metrics += [Metric("events", 14, view) for view in ("change", "delta", "percentile", "previous")]
    facts = built(asked, declared, metrics)
    whole = context_of(declared, facts)
    for first in (1, PERIODS - 2):
        part = context_of(declared, facts, first)
        for metric in metrics:
            now, then = viewed(part, metric), viewed(whole, metric)
            what = f"{metric.key} from {first}"
            np.testing.assert_array_equal(now.value, then.value[:, first:], what)
            np.testing.assert_array_equal(now.missing, then.missing[:, first:], what)
        np.testing.assert_array_equal(snapshot_rows(part, 7), snapshot_rows(whole, 7)[:, first:])


@pytest.mark.parametrize("seed", range(2))
def test_the_order_of_rows_changes_no_value(seed: int) -> None:
    declared, asked, metrics = rules(), world(seed), every_metric()
    dice = random.Random(seed)
    mixed = asked | {
        "events": dice.sample(asked["events"], len(asked["events"])),
        "tables": {name: dice.sample(rows, len(rows)) for name, rows in asked["tables"].items()},
    }
    one = context_of(declared, built(asked, declared, metrics))
    other = context_of(declared, built(mixed, declared, metrics))
    for metric in metrics:
        np.testing.assert_array_equal(one.measure(metric).value, other.measure(metric).value, metric.key)


# --- a plain recount ---


class Recount:
    """One account and window at a time, by loops over days and rows."""

    def __init__(self, asked: dict[str, Any], facts: Facts, source: str) -> None:
        self.roster, self.source = facts.roster, source
        self.rows = asked["tables"][source]
        self.uncovered = set(asked["uncovered"].get(source, ()))

    def known(self, account: int, day: int) -> bool:
        period = (day - epoch_day(FIRST)) // 7
        inside = 0 <= period < PERIODS and period not in self.uncovered
        return inside and bool(self.roster.on[account, period])

    def days(self, account: int, end: int, length: int) -> list[int]:
        start = int(self.roster.start[account])
        return list(range(max(end - length + 1, start), end + 1))

    def inside(self, account: int, days: list[int], column: str) -> list[dict[str, Any]]:
        """Rows of the account whose date in `column` is a known day of the window."""
        found = []
        for row in self.rows:
            if row["account_id"] == self.roster.accounts[account] and row[column] is not None:
                when = epoch_day(date.fromisoformat(row[column]))
                if when in days and self.known(account, when):
                    found.append(row)
        return found


def compare(values: Values, expected: list[list[float | None]]) -> None:
    plain = np.array([[np.nan if cell is None else cell for cell in row] for row in expected])
    np.testing.assert_allclose(values.value, plain, rtol=1e-8)


@pytest.mark.parametrize("length", [7, 20, 28])
@pytest.mark.parametrize("seed", range(5))
def test_counts_and_middles_of_tickets_equal_a_recount(seed: int, length: int) -> None:
    declared, asked = rules(), world(seed)
    facts = built(asked, declared, [])
    ctx, tickets = context_of(declared, facts), Recount(asked, facts, "tickets")
    count: list[list[float | None]] = []
    middle: list[list[float | None]] = []
    most: list[list[float | None]] = []
    for account in range(3):
        for cells in (count, middle, most):
            cells.append([])
        for period in range(PERIODS):
            end = epoch_day(FIRST) + 7 * period + 6
            days = tickets.days(account, end, length)
            known = [day for day in days if tickets.known(account, day)]
            unknown = {(day - epoch_day(FIRST)) // 7 for day in days} - {
                (day - epoch_day(FIRST)) // 7 for day in known
            }
            beyond = bool(days) and days[0] < epoch_day(FIRST)
            enough = facts.roster.on[account, period] and known and 2 * len(known) >= len(days)
            whole = enough and not beyond and len(unknown) <= 1
            opened = tickets.inside(account, days, "opened_at")
            count[-1].append(len(opened) * len(days) / len(known) if enough else None)
            took = [
                24.0 * (date.fromisoformat(r["resolved_at"]) - date.fromisoformat(r["opened_at"])).days
                for r in tickets.inside(account, days, "resolved_at")
            ]
            middle[-1].append(statistics.median(took) if whole and took else None)
            topics = [r["topic"] for r in opened if r["topic"]]
            most[-1].append(max((topics.count(t) for t in topics), default=0) if whole else None)
    compare(ctx.measure(Metric("tickets", length)), count)
    compare(ctx.measure(Metric("median_resolution_hours", length)), middle)
    named = [r["opened_at"] for r in asked["tables"]["tickets"] if r["topic"]]
    begun = [(FIRST + timedelta(7 * p + 6)).isoformat() >= min(named, default="9") for p in range(PERIODS)]
    compare(
        ctx.measure(Metric("repeat_topic_tickets", length)),
        [[cell if told else None for cell, told in zip(row, begun, strict=True)] for row in most],
    )
