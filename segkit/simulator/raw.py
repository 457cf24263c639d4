"""Raw usage events at any size: one Parquet file a week, for benchmarks."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from segkit.simulator.levels import Simulated
from segkit.simulator.people import FEATURES, hire
from segkit.simulator.usage import EVENTS, week_events


def write_events(sim: Simulated, folder: Path, *, events: int | None = None, features: int = 40) -> int:
    """Write `usage_<Monday>.parquet` per week and return the number of rows.

    Columns at, account_id, user_id, event, feature, seconds; rows in order of time. `events` sets about how
    many rows there are in all; without it every simulated event is written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    people = hire(sim, features=features)
    names = [*FEATURES, *(f"module_{number:02d}" for number in range(len(FEATURES) + 1, features + 1))][
        :features
    ]
    thin = 1.0 if events is None else events / (1.25 * max(int(sim.events[~sim.lost].sum()), 1))
    written = 0
    for week in range(sim.weeks):
        rows = week_events(sim, people, week, thin)
        moment = pl.col("day").cast(pl.Int64) * 86_400 + pl.col("second")
        named = rows.select(
            at=(moment * 1_000_000).cast(pl.Datetime("us")),
            account_id=pl.format("A{}", (pl.col("account") + 1).cast(pl.String).str.zfill(6)),
            user_id=pl.format("U{}", (pl.col("user") + 1).cast(pl.String).str.zfill(7)),
            event=pl.col("event").replace_strict(dict(enumerate(EVENTS)), return_dtype=pl.String),
            feature=pl.col("feature").replace_strict(dict(enumerate(names)), return_dtype=pl.String),
            seconds=pl.col("seconds"),
        ).sort("at", "account_id", "user_id", "event", "feature", "seconds")
        monday = pl.Series([int(sim.starts[week])]).cast(pl.Int32).cast(pl.Date)[0]
        named.write_parquet(folder / f"usage_{monday}.parquet", compression="zstd", statistics=True)
        written += named.height
    return written
