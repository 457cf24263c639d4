"""Account snapshots through time: a permanent ledger of the rows that changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl
from msgspec import Struct

from segkit.errors import Problem
from segkit.facts.files.found import ExportFile
from segkit.facts.files.lines import LINE
from segkit.facts.rows.accept import UNCLEAR
from segkit.facts.samples import Samples
from segkit.facts.taking.gather import Gathered
from segkit.facts.taking.intake import ROWS
from segkit.facts.taking.store import FILE
from segkit.periods import epoch_day, from_epoch_day

DAY, ID, PRESENT, SHA = "snapshot_day", "account_id", "present", "sha256"
_OWN = (DAY, ID, PRESENT, SHA)
"""Ledger columns beside the attributes. A row without account_id says that a file was read as of that day."""
EMPTY = pl.DataFrame(schema={DAY: pl.Int32, ID: pl.String, PRESENT: pl.Boolean, SHA: pl.String})


class Snapshots(Struct, frozen=True):
    """ledger: every accepted snapshot, changed rows only. versions: its account rows, by id and day."""

    ledger: pl.DataFrame

    @property
    def versions(self) -> pl.DataFrame:
        return self.ledger.filter(pl.col(ID).is_not_null()).drop(SHA)


def keep_snapshots(
    gathered: Gathered, ledger: pl.DataFrame | None, as_of: date
) -> tuple[Snapshots, list[Problem]]:
    """Add the snapshots in the files to the ledger.

    A row's date is its snapshot_at, else the date in the file name, else the as_of of the first run that read
    the file. Undated files stand together for what the CRM says now: when one of them changed, came or went
    since the last run, all are dated anew. A date that is in the files replaces what the ledger held for it.
    Two files of one date that say different things about an account are refused (D108).
    """
    before = EMPTY if ledger is None or ledger.is_empty() else ledger
    marks = _marks(gathered.files, before, epoch_day(as_of))
    rows = _dated(gathered, dict(marks.select(SHA, DAY).iter_rows()))
    attributes = [name for name in rows.columns if name not in (FILE, LINE, UNCLEAR, *_OWN)]
    problems = _disagreeing(rows, attributes, gathered.files, gathered.terms.samples)
    if problems:
        return Snapshots(before), problems
    rows = rows.sort(DAY, ID, FILE, LINE).unique([DAY, ID], keep="first", maintain_order=True)
    days = rows[DAY].unique().sort()
    told = rows.select(DAY, ID, *attributes)
    older = _expand(before, days)
    whole = pl.concat([told, older], how="diagonal_relaxed") if older.height else told
    changed = pl.concat([changes(whole), marks], how="diagonal_relaxed")
    names = [name for name in changed.columns if name not in _OWN]
    return Snapshots(changed.select(*_OWN, *sorted(names)).sort(ID, DAY, SHA, nulls_last=True)), []


def not_older(ledger: pl.DataFrame, since: int) -> pl.DataFrame:
    """The ledger without versions that another took the place of before the epoch day `since`."""
    followed = pl.col(DAY).shift(-1).over(ID) <= since
    whole = ledger.sort(ID, DAY, SHA, nulls_last=True)
    return whole.filter(pl.col(ID).is_null() | ~followed.fill_null(False))


def changes(whole: pl.DataFrame) -> pl.DataFrame:
    """Full snapshots (snapshot_day, account_id, attributes) -> rows that differ from the snapshot before.

    An account that a snapshot no longer names gets a row with present = false.
    """
    attributes = [name for name in whole.columns if name not in (DAY, ID)]
    days = whole.select(DAY).unique().sort(DAY).with_row_index("at").with_columns(pl.col("at").cast(pl.Int64))
    rows = whole.join(days, on=DAY, how="left", maintain_order="left").sort(ID, DAY)
    # Rows of one account lie together: a look at the next row is cheaper than a window for each account.
    same = pl.all_horizontal(
        pl.col(ID) == pl.col(ID).shift(1),
        pl.col("at") == pl.col("at").shift(1) + 1,
        *(pl.col(name).eq_missing(pl.col(name).shift(1)) for name in attributes),
    )
    kept = rows.filter(~same.fill_null(False)).drop("at").with_columns(pl.lit(True).alias(PRESENT))
    last = pl.when(pl.col(ID) == pl.col(ID).shift(-1)).then(pl.col("at").shift(-1))
    ends = rows.filter((last.is_null() & (pl.col("at") < days.height - 1)) | (last > pl.col("at") + 1))
    gone = (
        ends.select(ID, (pl.col("at") + 1).alias("at"))
        .join(days, on="at", how="left", maintain_order="left")
        .select(DAY, ID, pl.lit(False).alias(PRESENT))
    )
    return pl.concat([kept, gone], how="diagonal_relaxed").sort(ID, DAY)


def _marks(files: Sequence[ExportFile], ledger: pl.DataFrame, as_of: int) -> pl.DataFrame:
    """snapshot_day, sha256 of the undated files."""
    last = ledger.filter(pl.col(ID).is_null()).select(DAY, SHA).sort(SHA)
    shas = sorted({file.sha256 for file in files if file.dated is None})
    if shas == last[SHA].to_list():
        return last
    return pl.DataFrame({DAY: [as_of] * len(shas), SHA: shas}, schema={DAY: pl.Int32, SHA: pl.String})


def _dated(gathered: Gathered, first_read: Mapping[str, int]) -> pl.DataFrame:
    """Accepted rows with DAY instead of snapshot_at."""
    rows = gathered.table(ROWS)
    fallback = [epoch_day(file.dated) if file.dated else first_read[file.sha256] for file in gathered.files]
    by_file = pl.DataFrame(
        {FILE: range(len(fallback)), DAY: fallback}, schema={FILE: pl.UInt32, DAY: pl.Int32}
    )
    rows = rows.join(by_file, on=FILE, how="left", maintain_order="left")
    if "snapshot_at" in rows.columns:
        own = pl.col("snapshot_at").to_physical().cast(pl.Int32)
        rows = rows.with_columns(pl.coalesce(own, DAY).alias(DAY)).drop("snapshot_at")
    return rows


def _expand(ledger: pl.DataFrame, without: pl.Series) -> pl.DataFrame:
    """The full snapshots of the ledger's dates but those in `without`."""
    versions = ledger.filter(pl.col(ID).is_not_null())
    days = versions[DAY].unique().sort()
    wanted = days.filter(~days.is_in(without.implode()))
    if not len(wanted):
        return versions.clear()
    grid = versions.select(ID).unique().join(pl.DataFrame({DAY: wanted}), how="cross").sort(DAY, ID)
    held = grid.join_asof(versions.sort(DAY, ID), on=DAY, by=ID, strategy="backward", check_sortedness=False)
    return held.filter(pl.col(PRESENT)).drop(PRESENT, SHA)


def _disagreeing(
    rows: pl.DataFrame, attributes: Sequence[str], files: Sequence[ExportFile], samples: Samples
) -> list[Problem]:
    """D203 within one file, D108 between two files of one date: the first account and column of each pair."""
    double = rows.filter(pl.struct(DAY, ID).is_duplicated()).sort(DAY, ID, FILE, LINE)
    if double.is_empty():
        return []
    first = double.unique([DAY, ID], keep="first", maintain_order=True)
    pairs = double.join(first, on=[DAY, ID], how="left", suffix="_first", maintain_order="left")
    problems: dict[tuple[int, int], Problem] = {}
    for name in attributes:
        for row in pairs.filter(pl.col(name).ne_missing(pl.col(f"{name}_first"))).iter_rows(named=True):
            pair = (row[f"{FILE}_first"], row[FILE])
            one, other = files[pair[0]], files[pair[1]]
            account = samples.cell("accounts", ID, row[ID])
            one_says, other_says = (
                samples.cell("accounts", name, repr(row[key])) for key in (f"{name}_first", name)
            )
            what = (
                f"two snapshots of {from_epoch_day(row[DAY])} disagree about account {account}: {name} is "
                f"{one_says} in {one.name}:{row[f'{LINE}_first']} and {other_says} here"
            )
            hint = "remove the wrong file, or date the files apart ({date} in the name, or snapshot_at)"
            problems.setdefault(pair, Problem("D108", what, other.place(row[LINE]), hint))
    return [problems[pair] for pair in sorted(problems)]
