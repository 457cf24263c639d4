"""Rows that are left out before anything else is looked at, and why."""

from __future__ import annotations

import polars as pl
from msgspec.structs import replace

from segkit.facts.excluding import ERASED, glob
from segkit.facts.files.read import Batch
from segkit.facts.files.reading import Reading
from segkit.facts.rows import parse
from segkit.facts.rows.derive import values_of
from segkit.facts.rows.erased import erased_lines, erased_rows

DROPPED = {"reason": pl.String, "pattern": pl.String, "rows": pl.Int64}
"""Columns of what is told about rows that were left out."""
NO_DROPPED = pl.DataFrame(schema=DROPPED)


def drop(reading: Reading, batch: Batch) -> tuple[Batch, pl.DataFrame]:
    """The batch without rows of who was erased and rows whose event is left out; how many went, and why."""
    if not reading.terms.drops(reading.source.name):
        return batch, NO_DROPPED
    batch, erased = _without_erased(reading, batch)
    batch, events = _without_events(reading, batch)
    return batch, pl.concat([erased, events])


def _without_erased(reading: Reading, batch: Batch) -> tuple[Batch, pl.DataFrame]:
    erased = reading.terms.erased
    if erased is None:
        return batch, NO_DROPPED
    rows, lines = erased_rows(reading, batch, erased), erased_lines(reading, batch.bad["text"], erased)
    gone = int(rows.sum()) + int(lines.sum())
    if not gone:
        return batch, NO_DROPPED
    told = pl.DataFrame({"reason": [ERASED], "pattern": [None], "rows": [gone]}, schema=DROPPED)
    return replace(batch, rows=batch.rows.filter(~rows), bad=batch.bad.filter(~lines)), told


def _without_events(reading: Reading, batch: Batch) -> tuple[Batch, pl.DataFrame]:
    """The batch without the rows whose event is left out, and how many went by which pattern."""
    column = next((column for column in reading.columns if column.name == "event"), None)
    if not reading.terms.events or column is None:
        return batch, NO_DROPPED
    events = parse.text(values_of(reading, batch, column))
    known = events.unique().drop_nulls().sort()
    why = _patterns(known, reading.terms.events)
    if why.is_empty():
        return batch, NO_DROPPED
    hits = pl.DataFrame({"event": events}).join(why, on="event", how="left", maintain_order="left")
    told = hits.drop_nulls("pattern").group_by("reason", "pattern").agg(pl.len().cast(pl.Int64).alias("rows"))
    return replace(batch, rows=batch.rows.filter(hits["pattern"].is_null())), told.select(*DROPPED)


def _patterns(events: pl.Series, wanted: tuple[tuple[str, tuple[str, ...]], ...]) -> pl.DataFrame:
    """event, reason, pattern: the first pattern that each of them is like."""
    schema = {"event": pl.String, "reason": pl.String, "pattern": pl.String}
    found = [
        pl.DataFrame(
            {"event": events.filter(events.str.contains(glob([pattern], any_case=False)))}
        ).with_columns(pl.lit(reason).alias("reason"), pl.lit(pattern).alias("pattern"))
        for reason, patterns in wanted
        for pattern in patterns
    ]
    whole = pl.concat([pl.DataFrame(schema=schema), *found])
    return whole.unique("event", keep="first", maintain_order=True)
