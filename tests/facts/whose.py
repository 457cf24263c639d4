"""`identify` on accounts A1, A2 and A3, and the small frames it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from segkit.columns import SOURCES
from segkit.facts.identity.identify import Identity, identify
from segkit.facts.identity.resolve import resolve
from segkit.facts.rows.contracts import DTYPES
from segkit.periods import epoch_day


def whose(
    tables: Mapping[str, pl.DataFrame] | None = None,
    versions: pl.DataFrame | None = None,
    seen: Sequence[str] = (),
    keys: Sequence[str] = (),
    **given: Any,
) -> Identity:
    rows = versions if versions is not None else snapshots()
    return identify(["A1", "A2", "A3"], rows, tables or {}, keys, pl.Series(seen, dtype=pl.String), **given)


def rows(source: str, *lines: Mapping[str, Any]) -> pl.DataFrame:
    """Accepted rows of a source with every column of its contract."""
    schema = {column.name: DTYPES[column.kind] for column in SOURCES[source].columns}
    return pl.DataFrame([dict.fromkeys(schema) | dict(line) for line in lines], schema=schema, orient="row")


def snapshots(*lines: tuple[str, date | None, str | None], column: str = "domains") -> pl.DataFrame:
    """Versions of accounts: id, date (None: the first of all), and what the column says."""
    made = [(account, 0 if on is None else epoch_day(on), told, True) for account, on, told in lines]
    schema = {"account_id": pl.String, "snapshot_day": pl.Int32, column: pl.String, "present": pl.Boolean}
    return pl.DataFrame(made, schema=schema, orient="row")


def accounts_of(found: Identity, raw_id: str, *days: date) -> list[str | None]:
    """Whose the id is on each of the days."""
    asked = pl.DataFrame({"raw_id": raw_id, "day": [epoch_day(day) for day in days]})
    return resolve(asked.cast({"day": pl.Int32}), found.mapping, "day")["account_id"].to_list()


def owner(found: Identity, raw_id: str) -> str | None:
    """Whose the id is now."""
    return resolve(pl.DataFrame({"raw_id": [raw_id]}), found.mapping, None)["account_id"][0]
