"""Tasks as they lie between two runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any, Final

import polars as pl
from msgspec import Struct, field

TASKS: Mapping[str, Any] = {
    "account_id": pl.String,
    "playbook": pl.String,
    "key": pl.String,
    "segments": pl.String,
    "opened": pl.Date,
    "due": pl.Date,
    "within": pl.Date,
    "owner": pl.String,
    "effort": pl.String,
    "touch": pl.String,
    "say": pl.String,
    "because": pl.String,
    "escalated": pl.Date,
    "escalated_because": pl.String,
    "closed": pl.Date,
    "closed_because": pl.String,
    "staying": pl.Boolean,
}
"""`segments`: the segments and flags that ask for it, separated by `; `, as last seen while it was open.
`due`, `within`: last days, fixed when it opens. `owner` to `say`: what the playbook said while it was open.
`staying`: the account has been in one of the segments ever since, so that no new task may open."""

LISTED_DAYS: Final = 28
"""How long a closed task is listed."""
LEFT_ROSTER: Final = "left the roster"


class Carried(Struct, frozen=True):
    """Tasks that earlier runs left, and the last day that they already tell of; None: of no day."""

    rows: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=TASKS))
    since: date | None = None

    def onward(self, rows: pl.DataFrame, as_of: date) -> Carried:
        """The same after some periods more have been decided."""
        return Carried(rows, as_of if self.since is None else max(self.since, as_of))


def listed(as_of: date) -> pl.Expr:
    """Open, closed not long ago, or closed while the account stays."""
    recent = pl.col("closed") > as_of - timedelta(days=LISTED_DAYS)
    return pl.col("closed").is_null() | recent | pl.col("staying")


def gone(carried: Carried, accounts: Collection[str], first: date, as_of: date) -> pl.DataFrame:
    """Tasks of accounts that the facts do not know any more; those still open close on `first`.

    Columns TASKS.
    """
    rows = carried.rows.filter(~pl.col("account_id").is_in(list(accounts)))
    still = pl.col("closed").is_null()
    return rows.with_columns(
        closed=pl.when(still).then(pl.lit(first, pl.Date)).otherwise("closed"),
        closed_because=pl.when(still).then(pl.lit(LEFT_ROSTER)).otherwise("closed_because"),
        staying=pl.lit(False),
    ).filter(listed(as_of))
