"""The generated data: S, M and L as workspaces, made once, and shorter histories of M by hard links.

S: 2,000 accounts, 104 weeks, 5 million events. M: 20,000 accounts, 260 weeks of which the last 104 have
50 million events. L: 100,000 accounts, 156 weeks, one usage row per account and active day. One usage file a
week; the tickets closed in a week and the surveys answered in it come as small weekly files, too.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from segkit.periods import from_epoch_day
from segkit.simulator import Simulated, simulate, write_events
from segkit.simulator.seasons import INDUSTRIES, REGIONS
from segkit.simulator.streams import stream

RULES = Path(__file__).parent / "rules"
SEED = 7
LATELY = 104
"""The weeks that the number of events is about."""

_HEAD = """\
version: 1
name: Benchmark {name}
rules: rules.yaml
sources:
  accounts: {{files: accounts.csv}}
  usage: {{files: "usage_*.{ending}", delivery: append, through: 2026-11-15}}
"""
_EVENTS = """\
  tickets: {files: "tickets_*.csv", delivery: append}
  surveys: {files: "surveys_*.csv", delivery: append}
definitions:
  login: {events: [login]}
  core_features: [dashboards, reports, sharing, alerts, api]
  core_workflow: {events: [workflow_completed]}
"""
_DAYS = """\
definitions:
  login: active_day
"""


@dataclass(frozen=True, slots=True)
class Size:
    name: str
    accounts: int
    weeks: int
    events: int | None = None
    """Of the last LATELY weeks; None for one row per account and active day."""
    rules: str = "events"


S = Size("S", 2_000, 104, 5_000_000)
M = Size("M", 20_000, 260, 50_000_000)
L = Size("L", 100_000, 156, rules="days")
SIZES = {size.name: size for size in (S, M, L)}


def world(data: Path, size: Size) -> Path:
    """The workspace of `size` below `data`, without any run; one cut short is gone on with."""
    folder = data / size.name
    if not (folder / "segkit.yaml").is_file():
        exports = folder / "exports"
        exports.mkdir(parents=True, exist_ok=True)
        sim = simulate(size.accounts, size.weeks, SEED)
        if size.events is None:
            _write_days(sim, exports)
        else:
            write_events(sim, exports, events=size.events, weeks=LATELY)
            _write_weekly(sim, _tickets(sim, 30 * size.accounts * size.weeks // LATELY), exports, "tickets")
            _write_weekly(sim, _surveys(sim, 20 * size.accounts * size.weeks // LATELY), exports, "surveys")
        _accounts(sim).write_csv(exports / "accounts.csv")
        told = _HEAD.format(name=size.name, ending="parquet") + (_DAYS if size.events is None else _EVENTS)
        (folder / "segkit.yaml").write_text(told, encoding="utf-8")
    shutil.copy(RULES / f"{size.rules}.yaml", folder / "rules.yaml")
    return folder


def shorter(whole: Path, weeks: int) -> Path:
    """The workspace of the last `weeks` of another one."""
    folder = whole.with_name(f"{whole.name}-{weeks}")
    exports = folder / "exports"
    if not exports.is_dir():
        exports.mkdir(parents=True)
        os.link(whole / "exports" / "accounts.csv", exports / "accounts.csv")
        for source in ("usage", "tickets", "surveys"):
            for path in sorted((whole / "exports").glob(f"{source}_*"))[-weeks:]:
                os.link(path, exports / path.name)
    for name in ("segkit.yaml", "rules.yaml"):
        shutil.copy(whole / name, folder / name)
    return folder


def as_csv(typed: Path) -> Path:
    """The same workspace with usage in CSV files."""
    folder = typed.with_name(f"{typed.name}-csv")
    exports = folder / "exports"
    if not (folder / "segkit.yaml").is_file():
        exports.mkdir(parents=True, exist_ok=True)
        for path in sorted((typed / "exports").iterdir()):
            fresh = exports / path.with_suffix(".csv").name
            if path.suffix == ".parquet":
                pl.read_parquet(path).write_csv(fresh, datetime_format="%Y-%m-%dT%H:%M:%S")
            else:
                shutil.copy(path, fresh)
        told = (typed / "segkit.yaml").read_text("utf-8").replace("usage_*.parquet", "usage_*.csv")
        (folder / "segkit.yaml").write_text(told, encoding="utf-8")
    shutil.copy(typed / "rules.yaml", folder / "rules.yaml")
    return folder


def _id(account: pl.Expr) -> pl.Expr:
    return pl.format("A{}", (account + 1).cast(pl.String).str.zfill(6))


def _accounts(sim: Simulated) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "account": range(sim.accounts),
            "industry": [list(INDUSTRIES)[code] for code in sim.industry],
            "region": [REGIONS[code] for code in sim.region],
            "arr": (90 * sim.base).round(-1).astype(int),
            "signup_date": [from_epoch_day(int(day)) for day in sim.signup],
        }
    ).select(_id(pl.col("account")).alias("account_id"), pl.all().exclude("account"))


def _tickets(sim: Simulated, many: int) -> pl.DataFrame:
    """`second` is that of closing."""
    rng = stream(sim.seed, "benchmark tickets")
    account = rng.integers(0, sim.accounts, many)
    opened = (sim.starts[0] + rng.random(many) * 7 * sim.weeks) * 86_400
    resolved = opened + rng.lognormal(10.5, 1, many)
    return pl.DataFrame(
        {
            "ticket_id": [f"T{number:07d}" for number in range(many)],
            "account": account,
            "opened_at": opened.astype(int),
            "second": resolved.astype(int),
        }
    ).select(
        "ticket_id",
        _id(pl.col("account")).alias("account_id"),
        pl.from_epoch("opened_at"),
        pl.from_epoch("second").alias("resolved_at"),
        "second",
    )


def _surveys(sim: Simulated, many: int) -> pl.DataFrame:
    """`second` is that of the answer."""
    rng = stream(sim.seed, "benchmark surveys")
    frame = pl.DataFrame(
        {
            "second": ((sim.starts[0] + rng.random(many) * 7 * sim.weeks) * 86_400).astype(int),
            "account": rng.integers(0, sim.accounts, many),
            "score": np.clip(np.round(rng.normal(8, 2, many)), 0, 10).astype(int),
        }
    )
    return frame.select(
        pl.from_epoch("second").alias("answered_at"),
        _id(pl.col("account")).alias("account_id"),
        pl.lit("nps").alias("instrument"),
        "score",
        "second",
    )


def _write_weekly(sim: Simulated, rows: pl.DataFrame, exports: Path, source: str) -> None:
    """One file per week, by `second`; what lies after the last week is not written."""
    for week, name in _weeks(sim):
        since = int(sim.starts[week]) * 86_400
        own = rows.filter(pl.col("second").is_between(since, since + 7 * 86_400, closed="left"))
        own.drop("second").write_csv(exports / f"{source}_{name}.csv", datetime_format="%Y-%m-%dT%H:%M")


def _weeks(sim: Simulated) -> Iterator[tuple[int, str]]:
    for week, start in enumerate(sim.starts):
        yield week, from_epoch_day(int(start)).isoformat()


def _write_days(sim: Simulated, exports: Path) -> None:
    """`usage_<Monday>.parquet`: at, account_id, event, count."""
    names = _id(pl.int_range(0, sim.accounts, eager=False))
    ids = pl.select(names).to_series().cast(pl.Categorical)
    for week, monday in _weeks(sim):
        path = exports / f"usage_{monday}.parquet"
        if path.exists():
            continue
        rng = stream(sim.seed, "benchmark days", week)
        shares = sim.weights[:, week] / sim.weights[:, week].sum(axis=1, keepdims=True)
        events = np.where(sim.lost[:, week], 0, sim.events[:, week])
        counts = rng.multinomial(events, shares[sim.region])
        days = sim.starts[week] + np.arange(7)[None, :]
        counts[(days < sim.signup[:, None]) | (days >= sim.churned[:, None])] = 0
        day, account = np.nonzero(counts.T)
        rows = pl.DataFrame(
            {
                "at": (sim.starts[week] + day).astype(np.int32),
                "account_id": ids.gather(account).cast(pl.String),
                "event": pl.repeat("used", len(day), eager=True),
                "count": counts.T[day, account],
            }
        ).with_columns(pl.col("at").cast(pl.Date))
        rows.write_parquet(path.with_suffix(".part"), compression="zstd", statistics=True)
        path.with_suffix(".part").replace(path)
