"""What the exports of a source look like, for the next run to compare with; it goes to quality.json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
from msgspec import Struct
from msgspec.structs import asdict

from segkit.facts.files.found import ExportFile
from segkit.facts.taking.gather import Gathered
from segkit.facts.taking.intake import LOOK
from segkit.facts.taking.profile import CATEGORIES, size_of
from segkit.facts.taking.store import FILE


class ColumnLook(Struct, frozen=True):
    """One column of the accepted rows of some files."""

    rows: int
    empty: int
    header: str | None = None
    """Its name in the newest file."""
    looks: str | None = None
    """What nearly all texts read like: number, date or text."""
    type: str | None = None
    """How the newest typed file holds it; text files hold texts."""
    median: float | None = None
    """Of numbers other than 0, to an eighth."""
    values: Mapping[str, int] | None = None
    """Categories with their rows; None where there are too many, or where they would say who it is."""


class SourceLook(Struct, frozen=True):
    """header: of the newest file. files: their sha256."""

    files: tuple[str, ...]
    header: tuple[str, ...]
    columns: Mapping[str, ColumnLook]


class Measured(Struct, frozen=True):
    """The profiles of the files of a source: FILE and profile.PROFILE."""

    source: str
    files: tuple[ExportFile, ...]
    profiles: pl.DataFrame

    def look(self, without: frozenset[str] = frozenset()) -> SourceLook | None:
        """What the files look like whose sha256 is not in `without`; None where there is none."""
        places = [at for at, file in enumerate(self.files) if file.sha256 not in without]
        if not places:
            return None
        rows = self.profiles.filter(pl.col(FILE).is_in(places))
        newest = max(places, key=lambda at: (self.files[at].dated is not None, self.files[at].dated, at))
        last = rows.filter(pl.col(FILE) == newest)
        header = last.filter(pl.col("what") == "header").sort("n")["column"]
        columns = _columns(rows, _said(last, "type"), _said(last, "from"))
        return SourceLook(tuple(self.files[at].sha256 for at in places), tuple(header), columns)

    def delays(self) -> Mapping[int, int]:
        """Whole days from an event to the arrival of its row -> rows; nothing where no file says it."""
        told = self.profiles.filter(pl.col("what") == "delay").group_by("value").agg(pl.col("n").sum())
        return dict(sorted((int(value), n) for value, n in told.iter_rows()))


def measure(gathered: Gathered) -> Measured:
    return Measured(gathered.source, gathered.files, gathered.table(LOOK))


def _said(profile: pl.DataFrame, what: str) -> dict[str, str]:
    return dict(profile.filter(pl.col("what") == what).select("column", "value").iter_rows())


def _columns(
    rows: pl.DataFrame, types: Mapping[str, str], headers: Mapping[str, str]
) -> dict[str, ColumnLook]:
    told = rows.filter(~pl.col("what").is_in(["header", "from", "type", "rows", "delay"]))
    sums = told.group_by("column", "what", "value").agg(pl.col("n").sum()).sort("column", "what", "value")
    by_column: dict[str, list[tuple[str, str | None, int]]] = {}
    for column, what, value, n in sums.iter_rows():
        by_column.setdefault(column, []).append((what, value, n))
    whole = int(rows.filter(pl.col("what") == "rows")["n"].sum())
    return {
        name: _column(lines, whole, types.get(name), headers.get(name)) for name, lines in by_column.items()
    }


def _column(
    lines: list[tuple[str, str | None, int]], rows: int, kind: str | None, header: str | None
) -> ColumnLook:
    found: dict[str, dict[str, int]] = {}
    for what, value, n in lines:
        found.setdefault(what, {})[value or ""] = n
    values = found.get("value", {})
    few = "many" not in found and 0 < len(values) <= CATEGORIES
    return ColumnLook(
        rows=rows,
        empty=found.get("empty", {}).get("", 0),
        header=header,
        looks=_mostly(found.get("looks", {})),
        type=kind,
        median=_median(found.get("size", {})),
        values=values if few else None,
    )


def _mostly(looks: Mapping[str, int]) -> str | None:
    """What at least 95 % read like."""
    for kind, n in looks.items():
        if n >= 0.95 * sum(looks.values()):
            return kind
    return None


def _median(sizes: Mapping[str, int]) -> float | None:
    order = sorted((size_of(bucket), n) for bucket, n in sizes.items() if bucket != "0")
    half = sum(n for _, n in order) / 2
    for size, n in order:
        half -= n
        if half <= 0:
            return float(f"{size:.3g}")
    return None


def to_json(look: SourceLook) -> dict[str, Any]:
    columns = {
        name: {key: value for key, value in asdict(column).items() if value is not None}
        for name, column in look.columns.items()
    }
    return {"files": list(look.files), "header": list(look.header), "columns": columns}


def from_json(told: Mapping[str, Any]) -> SourceLook:
    """Raises KeyError, TypeError or ValueError where it is not what `to_json` wrote."""
    columns = {name: ColumnLook(**column) for name, column in told["columns"].items()}
    return SourceLook(tuple(told["files"]), tuple(told["header"]), columns)
