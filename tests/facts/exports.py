"""A small exports folder and one call of `load` on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from segkit.errors import InputError, Problem
from segkit.facts.coded import UsageRows
from segkit.facts.load import Loaded, load
from segkit.facts.mapping import SourceConfig
from segkit.periods import Calendar

TODAY = date(2026, 11, 22)
BESIDE = "beside"


class CountFold:
    """rows per id and day, by themselves and line by line beside those that are kept in any case."""

    keys: tuple[str, ...] = ("events", BESIDE)

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, rows: UsageRows, keys: tuple[str, ...], daily: bool) -> Mapping[str, pl.DataFrame]:
        self.calls += 1
        counted = rows.frame().group_by("raw_id", "day").agg(n=pl.col("count").sum())
        return {key: rows.counted() if key == BESIDE else counted for key in keys}


class Exports:
    """Files of a test, and `load` on them."""

    def __init__(self, root: Path) -> None:
        self.root = root / "exports"
        self.root.mkdir()
        self.cache = root / "cache"

    def write(self, name: str, text: str, encoding: str = "utf-8") -> Path:
        path = self.root / name
        path.write_bytes(text.encode(encoding))
        return path

    def load(self, sources: Mapping[str, Mapping[str, Any]], **given: Any) -> Loaded:
        settings: dict[str, Any] = {
            "exports": self.root,
            "calendar": Calendar(),
            "timezone": "UTC",
            "as_of": None,
            "today": TODAY,
            "fold": CountFold(),
            "cache": None,
            "ledger": None,
        }
        return load({name: SourceConfig(**config) for name, config in sources.items()}, **(settings | given))

    def refused(self, sources: Mapping[str, Mapping[str, Any]], **given: Any) -> tuple[Problem, ...]:
        with pytest.raises(InputError) as caught:
            self.load(sources, **given)
        return caught.value.problems


def usage_days(loaded: Loaded) -> list[tuple[str, str, int]]:
    """(raw id, day, count) of the accepted usage rows."""
    assert loaded.facts.usage is not None
    return as_days(loaded.facts.usage.days().select("raw_id", "day", "n"))


def fold_days(loaded: Loaded) -> list[tuple[str, str, int]]:
    """The same from the tables that the fold kept."""
    usage = loaded.facts.usage
    assert usage is not None
    found = as_days(usage.table("events"))
    assert as_days(usage.days().select("raw_id", "day").hstack(usage.meant(BESIDE))) == found
    return found


def as_days(table: pl.DataFrame) -> list[tuple[str, str, int]]:
    whole = table.group_by("raw_id", "day").agg(pl.col("n").sum()).sort("raw_id", "day")
    return whole.select("raw_id", pl.col("day").cast(pl.Date).cast(pl.String), "n").rows()


def lines(*rows: str) -> str:
    return "\n".join(rows) + "\n"


def table(exports: Exports, source: str, config: dict[str, Any], **sources: Any) -> pl.DataFrame:
    """Accepted rows of a source, with usage that says up to when."""
    exports.write("usage.csv", lines("at,account_id", *(f"2026-11-{day:02},A" for day in range(1, 16))))
    loaded = exports.load(
        {"usage": {"files": "usage.csv", "through": "2026-11-15"}, source: config, **sources}
    )
    return loaded.facts.tables[source]
