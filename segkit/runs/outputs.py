"""The files of a run folder."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from segkit import reports
from segkit.engine.results import State
from segkit.facts.load import Loaded
from segkit.reports import Screen
from segkit.runs.history import LATCHES, LEDGER, PRIMARIES

ASSIGNMENTS = "assignments.parquet"
TRANSITIONS = "transitions.parquet"


def results(assignments: pl.DataFrame, transitions: pl.DataFrame, screen: Screen) -> dict[str, bytes]:
    """What people open."""
    return {
        "assignments.csv": reports.to_csv(assignments),
        ASSIGNMENTS: reports.to_parquet(assignments),
        "transitions.csv": reports.to_csv(transitions),
        TRANSITIONS: reports.to_parquet(transitions),
        "summary.md": reports.summary(screen).encode(),
    }


def refused(rejected: Mapping[str, pl.DataFrame]) -> dict[str, bytes]:
    """`rejected/<source>.csv` for each source with refused rows."""
    return {f"rejected/{name}.csv": reports.to_csv(rows) for name, rows in rejected.items() if rows.height}


def next_state(state: State, loaded: Loaded) -> dict[str, bytes]:
    """What the next run starts from."""
    files = {LATCHES: reports.to_parquet(state.latches), PRIMARIES: reports.to_parquet(state.primaries)}
    if loaded.ledger is not None and loaded.ledger.width:
        files[LEDGER] = reports.to_parquet(loaded.ledger)
    return files
