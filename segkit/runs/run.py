"""What a run gives back to who asked for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
from msgspec import Struct, field

from segkit.errors import Problem
from segkit.reports import Screen
from segkit.reports.replayed import Against
from segkit.runs.guards.findings import Verdict

if TYPE_CHECKING:
    from segkit.reports.explained.explanation import Explanation


class Run(Struct, frozen=True):
    """`screen` is None and `fresh` False when there was nothing new to do; `folder` is None on a dry run.

    `guards.tripped` is empty but on a dry run: what tripped and is not accepted is never published.
    """

    id: str
    as_of: date
    folder: Path | None
    fresh: bool
    assignments: pl.DataFrame
    transitions: pl.DataFrame
    worklist: pl.DataFrame
    screen: Screen | None
    warnings: tuple[Problem, ...] = ()
    guards: Verdict = field(default_factory=Verdict)
    explaining: Callable[[str], Explanation] | None = None
    """How one of its accounts is explained."""

    def explain(self, account: str) -> Explanation:
        """Why an account is where this run puts it; `account` is an id, a name or a domain.

        Printed it is what `segkit explain` shows. Raises: ConfigError (S156), InputError, IoError.
        """
        if self.explaining is None:
            raise ValueError("only a run that segkit.open(…).assign() returned can explain")
        return self.explaining(account)


class Replay(Struct, frozen=True):
    """`differences`: as_of, account_id, dimension, published, replayed, as of each published run."""

    id: str
    as_of: date
    folder: Path
    assignments: pl.DataFrame
    transitions: pl.DataFrame
    worklist: pl.DataFrame
    differences: pl.DataFrame
    against: Against
    """The published runs it was compared with, and what people are told of it."""
    published: bool
    screen: Screen
    warnings: tuple[Problem, ...] = ()
