"""What the structure check, validation and quarantine add to ingesting one large file, CSV and Parquet.

Both sides read the file, parse its columns, fold usage by id and day and take a digest; one accepts whatever
parses, the other is what a run does. A row in a thousand is bad.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from benchmarks.process import PYTHON, Cost, measure
from benchmarks.table import Row, show
from benchmarks.worlds import Size, world
from segkit.facts.coded import CodedRows
from segkit.facts.files.found import find_files
from segkit.facts.files.lines import LINE
from segkit.facts.files.read import BATCH_ROWS, open_file
from segkit.facts.files.reading import Reading, plan_reading
from segkit.facts.files.texts import BATCH_LINES
from segkit.facts.mapping import SourceConfig
from segkit.facts.rows import parse
from segkit.facts.taking.intake import fold_rows, receipts, take_in, usage_rows
from segkit.facts.terms import Terms

BAD = 1000
"""One row in so many is bad."""
TERMS = Terms("UTC")
TARGET = {".parquet": 25, ".csv": 40}
"""Per cent of time that checking may add."""


def run(data: Path, rounds: int, rows: int) -> int:
    """1 when the target is missed."""
    files = _files(data / f"ingest-{rows}", rows)
    sides = ("imports", "plain", "checked")
    costs: dict[tuple[str, str], list[Cost]] = {(file.suffix, side): [] for file in files for side in sides}
    for number in range(rounds + 1):
        for file in files:
            for side in sides:
                cost = measure([PYTHON, "-m", "benchmarks.ingest", side, file])
                if number:  # the first round warms the disk cache
                    costs[file.suffix, side].append(cost)
    wanted = []
    for file in files:
        for kind in ("wall", "cpu"):
            none, plain, checked = (
                statistics.median(getattr(cost, kind) for cost in costs[file.suffix, side]) for side in sides
            )
            added = (checked - none) / (plain - none) - 1
            name = f"{file.suffix[1:]}: added to ingest, % of {kind}"
            wanted.append(Row(name, TARGET[file.suffix], 100 * added))
            print(f"{file.name:<14} {kind:<4} {plain - none:6.2f} s plain  {checked - none:6.2f} s checked")
        peak = max(cost.megabytes for cost in costs[file.suffix, "checked"])
        print(f"{file.name:<14} {peak:6.0f} MB at most")
    return show(f"ingest of {rows:,} rows", wanted)


def _files(folder: Path, rows: int) -> tuple[Path, Path]:
    """usage.csv and usage.parquet of about so many rows, made once."""
    paths = folder / "usage.csv", folder / "usage.parquet"
    if not all(path.is_file() for path in paths):
        print("making the data (once) …", flush=True)
        weeks = world(folder.parent, Size(folder.name, 2_000, 104, rows)) / "exports" / "usage_*.parquet"
        whole = pl.scan_parquet(weeks).sort("at").collect().with_row_index("n")
        bad = pl.col("n") % BAD == 7
        typed = whole.with_columns(
            pl.when(bad & (pl.col("n") % 2 == 0)).then(None).otherwise("account_id").alias("account_id"),
            pl.when(bad & (pl.col("n") % 2 == 1)).then(-1.0).otherwise("seconds").alias("seconds"),
        ).drop("n")
        typed.write_parquet(paths[1])
        typed.write_csv(paths[0], datetime_format="%Y-%m-%dT%H:%M:%S")
        with paths[0].open("a") as file:
            file.writelines("2026-11-15T10:00:00,A000001\n" for _ in range(rows // BAD // 2))
    return paths


def plain(path: Path) -> None:
    """Read, parse, fold: what fails to parse is null, what is short is padded, nobody is told."""
    reading = _reading(path)
    told, tables = [], []
    for batch in _batches(path):
        columns = [_parsed(reading, batch, column.name, column.kind) for column in reading.columns]
        rows = usage_rows(reading, CodedRows(pl.DataFrame([batch[LINE], *columns])))
        told.append(receipts(rows.column("day"), rows.hashes()))
        tables.append(fold_rows(rows, None))
    assert len(told) == len(tables) > 0


def _batches(path: Path) -> Iterator[pl.DataFrame]:
    if path.suffix == ".csv":
        lazy = pl.scan_csv(path, infer_schema=False, row_index_name=LINE, glob=False)
        yield from lazy.collect_batches(chunk_size=BATCH_LINES, maintain_order=True)
        return
    scan = pl.scan_parquet(path, glob=False)
    height = int(scan.select(pl.len()).collect().item())
    for start in range(0, height, BATCH_ROWS):
        yield scan.slice(start, BATCH_ROWS).collect().with_row_index(LINE, offset=start)


def _parsed(reading: Reading, batch: pl.DataFrame, name: str, kind: str) -> pl.Series:
    raw = batch[name]
    match kind:
        case "text":
            return parse.text(raw)
        case "moment":
            written = parse.text(raw) if raw.dtype == pl.String else raw
            return parse.day(written, (), reading.zone, reading.zone)
        case _:
            return parse.number(raw, ".", None)


def checked(path: Path) -> None:
    """What a run does with the file."""
    (file,), _ = find_files("usage", SourceConfig(files=path.name), path.parent)
    take_in(file, SourceConfig(files=path.name), TERMS)


def _reading(path: Path) -> Reading:
    config = SourceConfig(files=path.name)
    (file,), _ = find_files("usage", config, path.parent)
    return plan_reading(open_file(file), config, TERMS)


if __name__ == "__main__":
    {"imports": lambda path: None, "plain": plain, "checked": checked}[sys.argv[1]](Path(sys.argv[2]))
