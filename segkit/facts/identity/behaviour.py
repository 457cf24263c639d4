"""What each user does and at what hours, from the usage rows themselves: how machines are told apart."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
from msgspec import Struct

from segkit.facts.coded import CodedRows
from segkit.facts.files.reading import read_as
from segkit.facts.presets.sift import rows_of
from segkit.facts.rows.accept import accept
from segkit.facts.taking.intake import usage_rows
from segkit.facts.taking.store import FILE
from segkit.facts.usage import Usage

HABITS = {
    "user_key": pl.String,
    "rows": pl.Int64,
    "moments": pl.Int64,
    "days": pl.Int64,
    "first_day": pl.Int32,
    "last_day": pl.Int32,
    "night": pl.Float64,
    "weekend": pl.Float64,
    "timetable": pl.Float64,
    "main": pl.String,
    "narrow": pl.Float64,
    "overlap": pl.Float64,
}
"""Of each user: rows; different seconds in which something was done, and days; the share of these moments in
the quietest eight hours of the day, at weekends, and in the three commonest minutes of the hour (night and
timetable are null where the export knows no hours); what it does most (event, feature), the share of its
three commonest kinds of row, and how much of its mix of kinds a typical user shares: 0 nothing, 1 all, null
with too few users to compare."""
QUIET_HOURS = 8
MANY_USERS = 20
"""Users with at least FEW_ROWS below which none is typical."""
FEW_ROWS = 10
_NO_HOURS = 0.9
"""Share of moments at midnight from which on the export holds days and no hours."""


class _Seen(Struct, frozen=True):
    """moments: user_key, second (local, since 1970). kinds: user_key, kind, rows."""

    moments: pl.DataFrame
    kinds: pl.DataFrame


def habits_of(usage: Usage) -> pl.DataFrame:
    """HABITS of everybody in the usage files, sorted by user. Reads the files. Raises InputError."""
    seen = [_of_file(usage, index) for index in range(len(usage.gathered.files))]
    moments = pl.concat([each.moments for each in seen]).unique()
    kinds = pl.concat([each.kinds for each in seen]).group_by("user_key", "kind").agg(pl.col("rows").sum())
    if moments.is_empty():
        return pl.DataFrame(schema=HABITS)
    rhythm = _rhythm(moments)
    return (
        rhythm.join(_work(kinds), on="user_key", how="left").select(*HABITS).cast(HABITS).sort("user_key")  # type: ignore[arg-type]
    )


def _of_file(usage: Usage, index: int) -> _Seen:
    gathered = usage.gathered
    reading = read_as(gathered.files[index], gathered.config, gathered.terms)
    moments = [pl.DataFrame(schema={"user_key": pl.String, "second": pl.Int64})]
    kinds = [pl.DataFrame(schema={"user_key": pl.String, "kind": pl.String, "rows": pl.Int64})]
    for sifted in rows_of(reading):
        accepted = accept(reading, sifted.batch, seconds=True).rows
        local = (
            pl.from_epoch("at_seconds").dt.replace_time_zone("UTC").dt.convert_time_zone(gathered.terms.zone)
        )
        second = local.dt.replace_time_zone(None).dt.epoch("s").alias("second")
        rows = (
            usage_rows(reading, CodedRows(accepted)).frame().with_columns(accepted.select(second).to_series())
        )
        rows = rows.filter(pl.col("user_key").is_not_null())
        if usage.owned is not None:
            own = usage.owned.filter(pl.col(FILE) == index).select("day")
            rows = rows.join(own, on="day", how="semi")
        moments.append(rows.select("user_key", "second").unique())
        words = pl.concat_str([pl.col("event"), pl.col("feature")], separator=" · ", ignore_nulls=True)
        kinds.append(
            rows.group_by("user_key", words.alias("kind")).agg(pl.len().cast(pl.Int64).alias("rows"))
        )
    return _Seen(pl.concat(moments), pl.concat(kinds))


def _rhythm(moments: pl.DataFrame) -> pl.DataFrame:
    day = pl.col("second") // 86_400
    dated = moments.with_columns(
        day=day.cast(pl.Int32),
        hour=(pl.col("second") % 86_400) // 3_600,
        minute=(pl.col("second") % 3_600) // 60,
        # 1970-01-01 was a Thursday.
        weekday=(day + 3) % 7,
    )
    whole_days = float((moments["second"] % 86_400 == 0).mean() or 0) >= _NO_HOURS  # type: ignore[arg-type]
    minutes = dated.group_by("user_key", "minute").len().sort("len", descending=True)
    top = minutes.group_by("user_key").agg(pl.col("len").head(3).sum().alias("top"))
    found = dated.group_by("user_key").agg(
        moments=pl.len(),
        days=pl.col("day").n_unique(),
        first_day=pl.col("day").min(),
        last_day=pl.col("day").max(),
        weekend=(pl.col("weekday") >= 5).mean(),
    )
    found = found.join(top, on="user_key").sort("user_key")
    clock = dated.group_by("user_key", "hour").len()
    night = pl.lit(None, pl.Float64) if whole_days else pl.Series(_quietest(found["user_key"], clock))
    return found.with_columns(
        night=night,
        timetable=pl.lit(None, pl.Float64) if whole_days else pl.col("top") / pl.col("moments"),
    )


def _quietest(users: pl.Series, clock: pl.DataFrame) -> npt.NDArray[np.float64]:
    """[users] the least share of moments that any QUIET_HOURS hours of the day in a row hold."""
    counts = np.zeros((len(users), 24))
    at = users.search_sorted(clock["user_key"]).to_numpy()
    counts[at, clock["hour"].to_numpy()] = clock["len"].to_numpy()
    turns = [np.roll(counts, -hour, axis=1)[:, :QUIET_HOURS].sum(axis=1) for hour in range(24)]
    least: npt.NDArray[np.float64] = np.min(turns, axis=0) / counts.sum(axis=1)
    return least


def _work(kinds: pl.DataFrame) -> pl.DataFrame:
    """user_key, rows, main, narrow, overlap."""
    total = pl.col("rows").sum().over("user_key")
    shares = kinds.with_columns(total=total, part=pl.col("rows") / total)
    regular = shares.filter(pl.col("total") >= FEW_ROWS)
    users = regular["user_key"].n_unique()
    typical = regular.group_by("kind").agg(pl.col("part").sum().alias("all"))
    compared = shares.join(typical, on="kind", how="left", nulls_equal=True).with_columns(
        pl.col("all").fill_null(0.0)
    )
    own = pl.when(pl.col("total") >= FEW_ROWS).then(pl.col("part")).otherwise(0.0)
    # What all others do of it on average; its own part is taken out again.
    others = (pl.col("all") - own) / max(users - 1, 1)
    compared = compared.with_columns(common=pl.min_horizontal("part", others).clip(0.0))
    ranked = compared.sort("user_key", "rows", "kind", descending=[False, True, False])
    work = ranked.group_by("user_key", maintain_order=True).agg(
        rows=pl.col("rows").sum(),
        main=pl.col("kind").first(),
        narrow=pl.col("part").head(3).sum(),
        overlap=pl.col("common").sum(),
    )
    return work if users > MANY_USERS else work.with_columns(overlap=pl.lit(None, pl.Float64))
