"""What a run gives back to who asked for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl

from segkit.errors import Problem
from segkit.reports import Screen
from segkit.reports.replayed import Against
from segkit.runs.guards.findings import Verdict


@dataclass(frozen=True, slots=True)
class Run:
    """`screen` is None and `fresh` False when there was nothing new to do; `folder` is None on a dry run.

    `guards.tripped` is empty but on a dry run: what tripped and is not accepted is never published.
    """

    id: str
    as_of: date
    folder: Path | None
    fresh: bool
    assignments: pl.DataFrame
    transitions: pl.DataFrame
    screen: Screen | None
    warnings: tuple[Problem, ...] = ()
    guards: Verdict = field(default_factory=Verdict)


@dataclass(frozen=True, slots=True)
class Replay:
    """`differences`: as_of, account_id, dimension, published, replayed, as of each published run."""

    id: str
    as_of: date
    folder: Path
    assignments: pl.DataFrame
    transitions: pl.DataFrame
    differences: pl.DataFrame
    against: Against
    """The published runs it was compared with, and what people are told of it."""
    published: bool
    screen: Screen
    warnings: tuple[Problem, ...] = ()
