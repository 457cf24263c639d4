"""Attributes and traits as they were known at the end of each period."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from segkit.engine.counting.values import Texts, Values
from segkit.engine.metrics.attributes import attribute_column, trait_column
from segkit.engine.metrics.registry import context_of
from segkit.periods import epoch_day
from segkit.ruleset.expr import Attribute, Trait
from tests.engine import build


def told(found: Values | Texts, account: int = 0) -> list[Any]:
    """The values of an account, `?` for unknown and `-` for missing."""
    missing = found.missing[account].tolist()
    if isinstance(found, Texts):
        row = [found.labels[code] if code >= 0 else None for code in found.codes[account].tolist()]
    else:
        row = [None if np.isnan(value) else value for value in found.value[account].tolist()]
    return [
        ("-" if gone else "?") if value is None else value for value, gone in zip(row, missing, strict=True)
    ]


def read(operand: Attribute | Trait, account: int = 0, shift: int = 0, **world: Any) -> list[Any]:
    ctx = context_of(build.ruleset(), build.facts(no_usage=True, periods=4, **world))
    if isinstance(operand, Trait):
        return told(trait_column(ctx, operand, shift), account)
    return told(attribute_column(ctx, operand, shift), account)


WORLD: dict[str, Any] = {
    "accounts": {
        "A": {"plan": "free", "seats": 5.0, "consent": True, "renewal_date": "2026-03-01"},
        "B": {"signup_date": "2026-01-20", "plan": "pro", "churned_at": "2026-01-30"},
    },
    "snapshots": [
        {"account_id": "A", "snapshot_at": "2026-01-18", "plan": "pro", "seats": None, "consent": False},
        {"account_id": "A", "snapshot_at": "2026-01-21", "plan": None, "seats": 7.0},
    ],
}


def test_a_snapshot_holds_from_its_day_until_the_next() -> None:
    assert read(Attribute("plan"), **WORLD) == ["free", "pro", "-", "-"]
    assert read(Attribute("seats", "number"), **WORLD) == [5.0, "-", 7.0, 7.0]


def test_flags_are_one_and_zero_and_dates_epoch_days() -> None:
    assert read(Attribute("consent", "flag"), **WORLD) == [1.0, 0.0, "-", "-"]
    renewal = float(epoch_day(date(2026, 3, 1)))
    assert read(Attribute("renewal_date", "date"), **WORLD) == [renewal, "-", "-", "-"]


def test_an_account_has_attributes_only_while_it_lives() -> None:
    assert read(Attribute("plan"), account=1, **WORLD) == ["?", "?", "pro", "?"]
    assert read(Attribute("seats", "number"), account=1, **WORLD) == ["?", "?", "-", "?"]


def test_a_shift_reads_the_snapshot_of_an_earlier_period() -> None:
    assert read(Attribute("plan"), shift=7, **WORLD) == ["?", "free", "pro", "-"]


def test_a_column_the_accounts_do_not_have_is_unknown() -> None:
    assert read(Attribute("tier"), **WORLD) == ["?"] * 4
    assert read(Attribute("score", "number"), **WORLD) == ["?"] * 4


def test_a_declared_number_is_read_as_one_whatever_a_threshold_calls_it() -> None:
    world = {"accounts": {"A": {"tier": 2.0}}}
    assert read(Attribute("tier", "number"), **world) == [2.0] * 4
    assert read(Attribute("tier"), **world) == [2.0] * 4


def test_a_trait_is_the_newest_value_observed_by_the_end() -> None:
    rows = [
        ("A", "priority", "growth", "2026-01-08"),
        ("A", "Priority", "efficiency", "2026-01-12"),
        ("A", "priority", "cost", "2026-01-12"),
        ("A", "mood", "good", "2026-01-06"),
        ("A", "priority", "future", "2026-02-20"),
    ]
    table = [
        {"account_id": who, "trait": name, "value": value, "observed_at": day}
        for who, name, value, day in rows
    ]
    world: dict[str, Any] = {"accounts": {"A": {}, "B": {}}, "tables": {"traits": table}}
    assert read(Trait("priority"), **world) == ["growth", "efficiency", "efficiency", "efficiency"]
    assert read(Trait("priority"), account=1, **world) == ["-"] * 4
    assert read(Trait("priority"), uncovered={"traits": [0]}, **world)[0] == "?"
    assert read(Trait("priority"), accounts={"A": {}}) == ["?"] * 4
