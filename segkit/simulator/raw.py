"""Raw usage events at any size: one Parquet file a week, for benchmarks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from segkit.periods import from_epoch_day
from segkit.simulator.levels import Simulated
from segkit.simulator.people import FEATURES, hire
from segkit.simulator.usage import EVENTS, week_events


def write_events(
    sim: Simulated,
    folder: Path,
    *,
    events: int | None = None,
    features: int = 40,
    weeks: int | None = None,
) -> None:
    """Write `usage_<Monday>.parquet` per week; a week whose file is there stays as it is.

    Columns at, account_id, user_id, event, feature, seconds; rows in order of time. `events` sets about how
    many rows the last `weeks` (all, unless given) have; without it every simulated event is written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    people = hire(sim, features=features)
    names = [*FEATURES, *(f"module_{number:02d}" for number in range(len(FEATURES) + 1, features + 1))]
    lately = slice(sim.weeks - (weeks or sim.weeks), None)
    known = int(np.where(sim.lost, 0, sim.events)[:, lately].sum())
    thin = 1.0 if events is None else events / (1.25 * max(known, 1))
    for week in range(sim.weeks):
        path = folder / f"usage_{from_epoch_day(int(sim.starts[week]))}.parquet"
        if not path.exists():
            rows = _named(week_events(sim, people, week, thin), names[:features])
            rows.write_parquet(path.with_suffix(".part"), compression="zstd", statistics=True)
            path.with_suffix(".part").replace(path)


def _named(rows: pl.DataFrame, features: list[str]) -> pl.DataFrame:
    """Rows of `week_events` as an export has them."""
    moment = pl.col("day").cast(pl.Int64) * 86_400 + pl.col("second")
    return rows.select(
        at=(moment * 1_000_000).cast(pl.Datetime("us")),
        account_id=pl.format("A{}", (pl.col("account") + 1).cast(pl.String).str.zfill(6)),
        user_id=pl.format("U{}", (pl.col("user") + 1).cast(pl.String).str.zfill(7)),
        event=pl.col("event").replace_strict(dict(enumerate(EVENTS)), return_dtype=pl.String),
        feature=pl.col("feature").replace_strict(dict(enumerate(features)), return_dtype=pl.String),
        seconds=pl.col("seconds"),
    ).sort("at", "account_id", "user_id", "event", "feature", "seconds")
