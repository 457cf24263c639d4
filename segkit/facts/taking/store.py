"""A cache of what was taken from each file, by its content: packs of many files, so that reading opens few.

A pack is a Parquet file per key with an index (JSON). An entry that is missing or damaged is not there.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl
from msgspec import Struct

from segkit.facts.files.quiet import no_panic_text

FILE = "_file"
"""Index of the file (UInt32) that a row came from, in the order asked for."""
_FLUSH_ROWS = 3_000_000
_MANY_PACKS = 8
_FULL_ROWS = 1_000_000
"""A table of so many rows stays as it is; smaller ones are merged once there are many."""
BRIEF = ".brief.parquet"
"""Ending of the file beside a table that tells it in brief."""
_GROUP_ROWS = 100_000
"""Rows of a table that are read or skipped together."""
_DAMAGE: tuple[type[BaseException], ...] = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError)


class _Table(Struct, frozen=True):
    """A Parquet file with so many rows; `last` is their newest day, None where they have none."""

    path: Path
    rows: int
    last: int | None
    brief: Path | None
    """A file beside it that says in brief what its rows say."""

    @property
    def full(self) -> bool:
        return self.rows >= _FULL_ROWS


class _Pack(Struct, frozen=True):
    files: tuple[str, ...]
    tables: Mapping[str, _Table]
    """By key, each with rows of all `files`."""

    def without(self, key: str) -> _Pack:
        return _Pack(self.files, {name: table for name, table in self.tables.items() if name != key})


Brief = Callable[[pl.DataFrame], pl.DataFrame]
"""Makes less of rows with FILE and day; FILE is then the first of the files that a row stands for."""


class Store:
    """Frames by (file content, key). Without a folder everything is held in memory.

    `briefs`: by key, how its rows are told in brief; kept beside each table, for its files together.
    """

    def __init__(self, folder: Path | None, briefs: Mapping[str, Brief] | None = None) -> None:
        self._folder = folder
        self._briefs = briefs or {}
        self._packs = [] if folder is None else _packs(folder)
        self._lying: dict[str, set[str]] = {}
        self._held: dict[tuple[str, str], pl.DataFrame] = {}
        self._waiting: dict[str, tuple[str, ...]] = {}
        self._rows = 0

    def has(self, sha: str, key: str) -> bool:
        return (sha, key) in self._held or sha in self._in_packs(key)

    def _in_packs(self, key: str) -> set[str]:
        """Files whose rows of `key` lie in packs."""
        if key not in self._lying:
            packs = [pack for pack in self._packs if key in pack.tables]
            self._lying[key] = {sha for pack in packs for sha in pack.files}
        return self._lying[key]

    def put(self, sha: str, tables: Mapping[str, pl.DataFrame]) -> None:
        self._held.update({(sha, key): table for key, table in tables.items()})
        self._waiting[sha] = (*self._waiting.get(sha, ()), *tables)
        self._rows += sum(table.height for table in tables.values())
        if self._rows > _FLUSH_ROWS:
            self.flush()

    def read(
        self, key: str, shas: Sequence[str], since: int | None = None
    ) -> tuple[pl.DataFrame | None, list[str]]:
        """Rows of `key` over these files with FILE, sorted by it; and the files it is not there for.

        `since`: rows of earlier days are left out, and not looked at where they lie together.
        """
        rows, missing = self._rows_of(key, shas, since)
        if rows is None and not missing and since is not None:
            rows, missing = self._rows_of(key, shas, None)
        if rows is not None and since is not None:
            rows = rows.filter(pl.col("day") >= since)
        return rows, missing

    def brief(self, key: str, shas: Sequence[str], until: int) -> tuple[list[pl.DataFrame], list[str]]:
        """What rows of `key` up to the day `until` come to in brief, in parts; and files they lack."""
        places = {sha: index for index, sha in enumerate(shas)}
        missing, found = dict.fromkeys(shas), list[pl.DataFrame]()
        for pack in self._packs:
            table = pack.tables.get(key)
            if table is None or table.brief is None or table.last is None or table.last > until:
                continue
            order = [places.get(sha, -1) for sha in pack.files]
            if all(sha in missing for sha in pack.files) and order == sorted(order):
                told = _opened(table.brief, None)
                told = None if told is None else _numbered(told, pack, places)
                found += [] if told is None else [told]
                missing = missing if told is None else _without(missing, pack.files)
        if missing:
            rows, lacking = self.read(key, list(missing))
            if rows is None or lacking:
                return found, lacking or list(missing)
            numbers = pl.Series([places[sha] for sha in missing], dtype=pl.UInt32)
            rows = rows.filter(pl.col("day") <= until).with_columns(pl.lit(numbers).gather(FILE).alias(FILE))
            found.append(self._briefs[key](rows))
        return found, []

    def _rows_of(
        self, key: str, shas: Sequence[str], since: int | None
    ) -> tuple[pl.DataFrame | None, list[str]]:
        """The same with some earlier rows left in; None where all that is there is earlier."""
        places = {sha: index for index, sha in enumerate(shas)}
        found: list[pl.DataFrame] = []
        missing = dict.fromkeys(shas)
        for sha in shas:
            table = self._held.get((sha, key))
            if table is not None:
                found.append(table.with_columns(pl.lit(places[sha], pl.UInt32).alias(FILE)))
                del missing[sha]
        for pack in self._packs:
            wanted = [sha for sha in pack.files if sha in missing]
            if key in pack.tables and wanted:
                last = pack.tables[key].last
                past = since is not None and last is not None and last < since
                table = None if past else _read(pack, key, {sha: places[sha] for sha in wanted}, since)
                if past or table is not None:
                    found += [] if table is None else [table]
                    missing = _without(missing, wanted)
        if not found:
            return None, list(missing)
        found.sort(key=lambda table: table[FILE][0] if table.height else -1)
        whole = pl.concat(found, how="diagonal_relaxed") if len(found) > 1 else found[0]
        ordered = whole if whole[FILE].is_sorted() else whole.sort(FILE, maintain_order=True)
        return ordered, list(missing)

    def flush(self, keep: Iterable[str] = ()) -> None:
        """Write what waits as one pack; many small ones become few, of the files in `keep`."""
        if self._folder is None or not self._waiting:
            return
        groups: dict[tuple[str, ...], list[str]] = {}
        for sha, keys in self._waiting.items():
            groups.setdefault(tuple(sorted(set(keys))), []).append(sha)
        try:
            # In the order in which the files came, so that reading them in that order need not sort.
            for keys, shas in groups.items():
                tables = {key: self._tagged(key, shas) for key in keys}
                self._packs.append(_write(self._folder, shas, tables, self._briefs))
            self._merge(tuple(dict.fromkeys(keep)))
        except _DAMAGE:
            # A cache that cannot be written costs time, never a result: everything stays in memory.
            return
        finally:
            self._lying.clear()
        self._held.clear()
        self._waiting.clear()
        self._rows = 0

    def _tagged(self, key: str, shas: Iterable[str]) -> pl.DataFrame:
        tables = [
            self._held[sha, key].with_columns(pl.lit(index, pl.UInt32).alias(FILE))
            for index, sha in enumerate(shas)
        ]
        return pl.concat(tables, how="diagonal_relaxed")

    def _merge(self, keep: Sequence[str]) -> None:
        """Of each key many small tables become few, of the files in `keep`, in that order."""
        for key in sorted({key for pack in self._packs for key in pack.tables}):
            small = [pack for pack in self._packs if key in pack.tables and not pack.tables[key].full]
            if keep and len(small) > _MANY_PACKS:
                self._merge_key(key, small, keep)

    def _merge_key(self, key: str, small: Sequence[_Pack], keep: Sequence[str]) -> None:
        assert self._folder is not None
        place = {sha: index for index, sha in enumerate(keep)}
        held = [pack for pack in small if any(sha in place for sha in pack.files)]
        held.sort(key=lambda pack: min(place[sha] for sha in pack.files if sha in place))
        fresh: list[_Pack] = []
        for batch in _filled(held, key):
            shas = sorted(
                {sha for pack in batch for sha in pack.files if sha in place}, key=place.__getitem__
            )
            rows, missing = self.read(key, shas)
            if rows is not None and not missing:
                fresh.append(_write(self._folder, shas, {key: rows}, self._briefs))
        kept = {table.path for pack in fresh for table in pack.tables.values()}
        for path in {pack.tables[key].path for pack in small} - kept:
            for ending in (".json", BRIEF, path.suffix):
                path.with_suffix(ending).unlink(missing_ok=True)
        others = [pack.without(key) if pack in small else pack for pack in self._packs]
        self._packs = [*(pack for pack in others if pack.tables), *fresh]


def _without(shas: Iterable[str], found: Iterable[str]) -> dict[str, None]:
    gone = set(found)
    return {sha: None for sha in shas if sha not in gone}


def _filled(packs: Sequence[_Pack], key: str) -> Iterator[list[_Pack]]:
    """Packs in their order, together until their tables of `key` make a full one."""
    batch: list[_Pack] = []
    for pack in packs:
        batch.append(pack)
        if sum(each.tables[key].rows for each in batch) >= _FULL_ROWS:
            yield batch
            batch = []
    if batch:
        yield batch


def store_for(
    cache: Path | None, source: str, fingerprint: str, briefs: Mapping[str, Brief] | None = None
) -> Store:
    """The store of one source under one way of reading; that of another way is removed."""
    if cache is None:
        return Store(None, briefs)
    folder = cache / f"{source}-{fingerprint[:16]}"
    for other in cache.glob(f"{source}-*"):
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)
    return Store(folder, briefs)


def _packs(folder: Path) -> list[_Pack]:
    packs: dict[tuple[str, ...], dict[str, _Table]] = {}
    for index in sorted(folder.glob("*.json")):
        try:
            told = json.loads(index.read_text("utf-8"))
            files, key = tuple(map(str, told["files"])), str(told["key"])
            brief = index.with_suffix(BRIEF) if told.get("brief") else None
            table = _Table(index.with_suffix(".parquet"), int(told.get("rows", 0)), told.get("last"), brief)
        except (OSError, ValueError, KeyError, TypeError):
            continue
        packs.setdefault(files, {})[key] = table
    return [_Pack(files, tables) for files, tables in packs.items()]


def _write(
    folder: Path, files: Sequence[str], tables: Mapping[str, pl.DataFrame], briefs: Mapping[str, Brief]
) -> _Pack:
    """The table first, its index last: a table without an index does not exist."""
    folder.mkdir(parents=True, exist_ok=True)
    written: dict[str, _Table] = {}
    # By its name the next run knows it for what a killed one left.
    with tempfile.TemporaryDirectory(prefix=".tmp-", dir=folder) as waiting:
        for key, table in tables.items():
            name = hashlib.sha256("\n".join([key, *files]).encode()).hexdigest()[:20]
            path = folder / f"{name}.parquet"
            brief = path.with_suffix(BRIEF) if key in briefs else None
            parts = {path: table} if brief is None else {brief: briefs[key](table), path: table}
            for place, part in parts.items():
                fresh = Path(waiting) / place.name
                part.write_parquet(fresh, compression="zstd", compression_level=1, row_group_size=_GROUP_ROWS)
                os.replace(fresh, place)
            told = Path(waiting) / f"{name}.json"
            index = {"key": key, "files": list(files), "rows": table.height, "last": _last(table)}
            told.write_text(json.dumps(index | {"brief": brief is not None}), "utf-8")
            os.replace(told, folder / told.name)
            written[key] = _Table(path, table.height, _last(table), brief)
    return _Pack(tuple(files), written)


def _last(table: pl.DataFrame) -> int | None:
    """The newest day of a table whose rows all have one."""
    if "day" not in table.columns or table["day"].has_nulls():
        return None
    newest = table["day"].max()
    return newest if isinstance(newest, int) else None


def _read(pack: _Pack, key: str, places: Mapping[str, int], since: int | None) -> pl.DataFrame | None:
    """Rows of the files in `places`, FILE renumbered; None where the Parquet file is damaged."""
    table = _opened(pack.tables[key].path, since)
    return None if table is None else _numbered(table, pack, places)


def _opened(path: Path, since: int | None) -> pl.DataFrame | None:
    """Rows of this day or later, or all of them; None where the file is damaged."""
    try:
        with no_panic_text():
            rows = pl.scan_parquet(path, glob=False, hive_partitioning=False)
            return (rows if since is None else rows.filter(pl.col("day") >= since)).collect()
    except _DAMAGE:
        return None


def _numbered(table: pl.DataFrame, pack: _Pack, places: Mapping[str, int]) -> pl.DataFrame | None:
    """Rows of the files in `places`, FILE renumbered; None where they are not those of the pack."""
    indices = [i for i, sha in enumerate(pack.files) if sha in places]
    targets = [places[pack.files[i]] for i in indices]
    newest = table[FILE].max()
    if isinstance(newest, int) and newest >= len(pack.files):
        return None
    if table.is_empty():
        return table
    if len(indices) == len(pack.files) and targets == list(range(targets[0], targets[0] + len(targets))):
        return table if targets[0] == 0 else table.with_columns(pl.col(FILE) + targets[0])
    numbers = pl.Series(targets, dtype=pl.UInt32)
    if indices != targets or len(indices) < len(pack.files):
        table = table.with_columns(
            pl.col(FILE).replace_strict(pl.Series(indices, dtype=pl.UInt32), numbers, default=None)
        ).filter(pl.col(FILE).is_not_null())
    return table
