"""Accepted rows that cannot all be true: told with their count, and left as they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import polars as pl

from segkit.columns import SOURCES
from segkit.errors import Place, Problem
from segkit.facts.accounts.ledger import DAY, ID
from segkit.facts.excluded.sieve import Sieve
from segkit.facts.files.lines import LINE
from segkit.facts.quality.form import Measured
from segkit.facts.taken import Taken
from segkit.facts.taking.gather import Gathered
from segkit.facts.taking.store import FILE
from segkit.periods import epoch_day, from_epoch_day

AHEAD = frozenset({"starts_on", "due_on"})
"""Dating columns that may well lie in the future."""
PAST = ("resolved_at", "paid_on", "deactivated_at")
"""Further columns that say what has happened."""
NEVER = 2**31 - 1
"""An epoch day after all days."""
FLAG = "churned"
"""A declared flag of this name among the attributes of accounts is held against their outcomes."""


def in_the_future(taken: Taken, today: date) -> Iterator[Problem]:
    """D310: rows about days that are still to come, one problem per source and column."""
    for source, gathered in taken.all.items():
        when = SOURCES[source].when
        if when is not None and when not in AHEAD:
            ahead = gathered.receipts.filter(pl.col("day") > epoch_day(today)).sort(FILE, "day")
            if ahead.height:
                rows, last = int(ahead["rows"].sum()), int(ahead["day"].max())  # type: ignore[arg-type]
                place = gathered.files[ahead[FILE][0]].place()
                yield _future(source, when, rows, from_epoch_day(last), today, place)
    for source, table in taken.tables.items():
        for column in PAST:
            if column in table.rows.columns:
                ahead = table.rows.filter(pl.col(column) > today).sort(FILE, LINE)
                if ahead.height:
                    place = _first(table.gathered, ahead)
                    yield _future(source, column, ahead.height, ahead[column].max(), today, place)  # type: ignore[arg-type]


def _future(source: str, column: str, rows: int, last: date, today: date, place: Place) -> Problem:
    what = f"{source}: {column} lies in the future in {_rows(rows)}, up to {last} (today is {today})"
    return Problem("D310", what, place, "a wrong date format, or a clock that goes wrong?", "warning")


def in_another_order(measured: Mapping[str, Measured]) -> Iterator[Problem]:
    """D311: an end before its beginning, one problem per source and pair of columns."""
    for source, one in measured.items():
        late = one.profiles.filter(pl.col("what") == "late").sort(FILE, "column")
        lines = one.profiles.filter(pl.col("what") == "late line").sort(FILE)
        for column, first in late.select("column", "value").unique(maintain_order=True).iter_rows():
            rows = late.filter((pl.col("column") == column) & (pl.col("value") == first))
            line = lines.filter((pl.col("column") == column) & (pl.col(FILE) == rows[FILE][0]))
            place = one.files[rows[FILE][0]].place(min(int(value) for value in line["value"]))
            what = f"{source}: {column} lies before {first} in {_rows(int(rows['n'].sum()))}"
            yield Problem("D311", what, place, "check which of the two is wrong", "warning")


def outside_its_term(taken: Taken) -> Iterator[Problem]:
    """D312 and D313: usage by a key (a subscription, say) before its start or after its end."""
    if taken.usage is None or not taken.usage.gathered.config.keys:
        return
    kept = taken.usage.days()
    days = Sieve(NEVER, taken.usage.parts(kept)).of(kept).with_columns(pl.col("raw_id").cast(pl.String))
    total = int(days["rows"].sum())
    for key in taken.usage.gathered.config.keys:
        for source, table in taken.tables.items():
            if not {key, "starts_on"} <= set(table.rows.columns):
                continue
            term = _term(table.rows, key)
            used = days.join(term, on="raw_id")
            for code, side, outside in (
                ("D312", "before the start", pl.col("day") < pl.col("start")),
                ("D313", "after the end", pl.col("day") > pl.col("end")),
            ):
                rows = used.filter(outside)
                count = int(rows["rows"].sum())
                if count:
                    what = (
                        f"{count:,} of {total:,} usage rows ({count / total:.1%}) lie {side} of their "
                        f"{key.removesuffix('_id')}: {rows['raw_id'].n_unique():,} of them"
                    )
                    hint = f"check starts_on and ends_on in {source}, or which {key} usage is exported with"
                    yield Problem(code, what, table.gathered.files[0].place(), hint, "warning")


def _term(rows: pl.DataFrame, key: str) -> pl.DataFrame:
    """raw_id, start, end (null: open) of each key, over all its rows."""
    ends = pl.col("ends_on") if "ends_on" in rows.columns else pl.lit(None, pl.Date)
    end = pl.when(ends.is_null().any()).then(None).otherwise(ends.max().to_physical().cast(pl.Int32))
    return (
        rows.drop_nulls(key)
        .group_by(pl.concat_str(pl.lit(f"{key}:"), key).alias("raw_id"))
        .agg(pl.col("starts_on").min().to_physical().cast(pl.Int32).alias("start"), end.alias("end"))
    )


def churned_and_not(taken: Taken, versions: pl.DataFrame) -> Iterator[Problem]:
    """D314: accounts that churned by their outcomes, and did not by the newest snapshot of accounts.

    Where accounts say nothing about it (neither churned_at nor a flag `churned`) there is no contradiction.
    """
    says = [name for name in (FLAG, "churned_at") if name in versions.columns]
    outcomes = taken.tables["outcomes"].rows if "outcomes" in taken.tables else pl.DataFrame()
    if taken.accounts is None or "account_id" not in outcomes.columns or not says:
        return
    gone = outcomes.filter(pl.col("kind") == "churned").select(pl.col("account_id").alias(ID)).unique()
    newest = versions.sort(ID, DAY).unique(ID, keep="last", maintain_order=True).join(gone, on=ID, how="semi")
    flag = ~pl.col(FLAG) if FLAG in says else pl.lit(True)
    undated = pl.col("churned_at").is_null() if "churned_at" in says else pl.lit(True)
    torn = newest.filter(flag.fill_null(True) & undated)
    if torn.height:
        said = f"{FLAG} is false" if FLAG in says else "churned_at is empty"
        what = (
            f"{torn.height:,} of {newest.height:,} accounts with an outcome 'churned' are still customers by "
            f"accounts: {said}"
        )
        place = taken.accounts.files[-1].place()
        yield Problem("D314", what, place, "one of the two exports is wrong", "warning")


def held_at_once(taken: Taken) -> str | None:
    """How many accounts hold subscriptions that overlap, and how many each; nothing that is wrong as such."""
    if "subscriptions" not in taken.tables:
        return None
    subscriptions = taken.tables["subscriptions"].rows
    if "account_id" not in subscriptions.columns:
        return None
    ends = pl.col("ends_on") if "ends_on" in subscriptions.columns else pl.lit(None, pl.Date)
    rows = subscriptions.drop_nulls("account_id").select(
        "account_id", "starts_on", ends.fill_null(date.max).alias("ends_on")
    )
    ordered = rows.sort("account_id", "starts_on", "ends_on")
    open_until = pl.col("ends_on").cum_max().shift(1).over("account_id")
    over = (pl.col("starts_on") <= open_until).fill_null(False)
    # One overlaps when it begins while an earlier one runs, or runs while a later one begins.
    next_start = pl.col("starts_on").shift(-1).over("account_id")
    touched = ordered.filter(over | (pl.col("ends_on") >= next_start).fill_null(False))
    each = touched.group_by("account_id").len()["len"]
    if each.is_empty():
        return None
    span = f"{int(each.min())} to {int(each.max())}"  # type: ignore[arg-type]
    held = "1 account holds" if len(each) == 1 else f"{len(each):,} accounts hold"
    return f"subscriptions: {held} several that overlap, {span} each; ARR sums what runs"


def _first(gathered: Gathered, rows: pl.DataFrame) -> Place:
    return gathered.files[int(rows[FILE][0])].place(int(rows[LINE][0]))


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
