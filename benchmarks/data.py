"""The workload: 2,000 accounts, 104 weeks, 5 million events in one Parquet file a week, 60,000 tickets."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl

from segkit.periods import from_epoch_day
from segkit.simulator import Simulated, simulate, write_events
from segkit.simulator.seasons import INDUSTRIES, REGIONS
from segkit.simulator.streams import stream

RULES = Path(__file__).parent / "rules.yaml"

WORKSPACE = """\
version: 1
name: Benchmark
rules: rules.yaml
sources:
  accounts: {files: accounts.csv}
  usage: {files: "usage_*.parquet", delivery: append, through: 2026-11-15}
  tickets: {files: tickets.csv}
definitions:
  login: {events: [login]}
  core_features: [dashboards, reports, sharing, alerts, api]
  core_workflow: {events: [workflow_completed]}
"""


def workspace(folder: Path, *, accounts: int = 2000, weeks: int = 104, events: int = 5_000_000) -> Path:
    """The workspace in `folder`, made once; without any run."""
    exports = folder / "exports"
    if not (folder / "segkit.yaml").is_file():
        shutil.rmtree(folder, ignore_errors=True)
        sim = simulate(accounts, weeks, 7)
        write_events(sim, exports, events=events)
        _accounts(sim).write_csv(exports / "accounts.csv")
        _tickets(sim, 30 * accounts).write_csv(exports / "tickets.csv", datetime_format="%Y-%m-%dT%H:%M")
        (folder / "segkit.yaml").write_text(WORKSPACE, encoding="utf-8")
    shutil.copy(RULES, folder / "rules.yaml")
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
    rng = stream(sim.seed, "benchmark tickets")
    account = rng.integers(0, sim.accounts, many)
    opened = (sim.starts[0] + rng.random(many) * (7 * sim.weeks - 1)) * 86_400
    resolved = opened + rng.lognormal(10.5, 1, many)
    return pl.DataFrame(
        {
            "ticket_id": [f"T{number:07d}" for number in range(many)],
            "account": account,
            "opened_at": opened.astype(int),
            "resolved_at": resolved.astype(int),
        }
    ).select(
        "ticket_id",
        _id(pl.col("account")).alias("account_id"),
        pl.from_epoch("opened_at"),
        pl.from_epoch("resolved_at"),
    )
