"""What an accepted row promises: a contract per source, for Pandera and as one-pass Polars checks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

from segkit.columns import SOURCES, Kind, Source

if TYPE_CHECKING:
    import pandera.polars as pa

DTYPES: Mapping[Kind, Any] = {
    "text": pl.String,
    "number": pl.Float64,
    "integer": pl.Int64,
    "date": pl.Date,
    "moment": pl.Date,
    "flag": pl.Boolean,
}
"""Types of accepted columns; a moment is the day it falls on in the workspace's zone."""

OUTCOMES = ("churned", "renewed", "expanded", "escalated", "advocated")
"""What can really happen to an account."""

CHECKS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "accounts": {
        "seats": {"greater_than_or_equal_to": 0},
        "plan_limit": {"greater_than_or_equal_to": 0},
        "arr": {"greater_than_or_equal_to": 0},
    },
    "usage": {
        "count": {"greater_than_or_equal_to": 0, "less_than_or_equal_to": 1_000_000_000},
        "seconds": {"greater_than_or_equal_to": 0, "less_than_or_equal_to": 1_000_000_000},
    },
    "subscriptions": {
        "seats": {"greater_than_or_equal_to": 0},
        "mrr": {"greater_than_or_equal_to": 0},
    },
    "outcomes": {"kind": {"isin": OUTCOMES}},
    "overrides": {"in_or_out": {"isin": ("in", "out")}},
}
"""Source -> column -> Pandera check -> its bound. Those of `count` keep sums of 2^33 rows within Int64."""


def contract(source: Source, attributes: Mapping[str, Kind] | None = None) -> pa.DataFrameSchema:
    """The public contract of a source's accepted rows.

    Pandera is imported here because it takes 0.3 s that a run without new files need not spend.
    """
    import pandera.polars as pa

    checks = CHECKS.get(source.name, {})
    columns = {
        column.name: pa.Column(
            DTYPES[column.kind],
            checks=[getattr(pa.Check, name)(bound) for name, bound in checks.get(column.name, {}).items()],
            nullable=not column.required,
            required=column.required,
        )
        for column in source.columns
    }
    for name, kind in (attributes or {}).items():
        columns[name] = pa.Column(DTYPES[kind], nullable=True, required=False)
    return pa.DataFrameSchema(columns, name=source.name, strict=False, unique=None)


def out_of_range(source: str, column: str) -> list[tuple[pl.Expr, str]]:
    """The column's checks as expressions that are true for a bad value, each with its words."""
    return [
        _bad(pl.col(column), name, bound) for name, bound in CHECKS.get(source, {}).get(column, {}).items()
    ]


def _bad(value: pl.Expr, check: str, bound: Any) -> tuple[pl.Expr, str]:
    match check:
        case "greater_than_or_equal_to":
            return value < bound, f"under {bound:g}"
        case "less_than_or_equal_to":
            return value > bound, f"over {bound:g}"
        case _:
            return ~value.is_in(bound), f"not {', '.join(bound[:-1])} or {bound[-1]}"


def confirm(source: str, attributes: Mapping[str, Kind], rows: pl.DataFrame) -> None:
    """Hold accepted rows against their contract.

    Raises pandera.errors.SchemaErrors: a bug of ours, not of the data.
    """
    contract(SOURCES[source], attributes).validate(rows, lazy=True)
