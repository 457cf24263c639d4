"""What a filter counts lies line by line beside what every row comes to, however rows were cut and kept."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from segkit.engine.counting.partials import UsageFold
from segkit.engine.counting.specs import PartialSpec
from segkit.errors import InputError
from segkit.facts.load import Loaded
from segkit.facts.taking.store import FILE
from segkit.periods import epoch_day
from segkit.ruleset.model import Selection
from tests.facts.exports import Exports

LOGINS = PartialSpec("day", where=Selection(events=("login",)))
USAGE = """\
at,account_id,event,count,seconds
2026-11-03,B,login,2,1.5
2026-11-02,A,push,1,
2026-11-02,B,login,1,
2026-11-03,B,push,5,4
2026-11-02,A,push,1,
2026-11-03,A,login,0,
2026-11-03,B,login,4,0.25
2026-11-08,A,push,1,9
"""
WANTED = [("account:A", 3, 1, 0, 0, 0), ("account:B", 2, 1, 1, 0, 0), ("account:B", 3, 2, 6, 1750, 2)]
"""Id, day of November, rows, n, ms, timed of logins; a row that counts for nothing is a row."""


def logins(loaded: Loaded) -> list[tuple[str, int, int, int, int, int]]:
    usage = loaded.facts.usage
    assert usage is not None
    lines = usage.days().select("raw_id", pl.col("day").cast(pl.Date).dt.day())
    found = lines.hstack(usage.meant(LOGINS.key)).filter(pl.col("rows") > 0)
    return found.with_columns(pl.col("raw_id").cast(pl.String)).sort("raw_id", "day").rows()


SOURCES = {"usage": {"files": "usage.csv"}}
FOLD = UsageFold((LOGINS,))


@pytest.mark.parametrize("lines", [1, 2, 3, 200])
def test_a_file_has_one_line_for_an_id_and_day_however_it_is_cut_into_batches(
    exports: Exports, monkeypatch: pytest.MonkeyPatch, lines: int
) -> None:
    monkeypatch.setattr("segkit.facts.files.texts.BATCH_LINES", lines)
    exports.write("usage.csv", USAGE)
    loaded = exports.load(SOURCES, fold=FOLD)
    assert logins(loaded) == WANTED
    assert loaded.facts.usage is not None
    assert loaded.facts.usage.days().height == 5


def test_a_filter_that_comes_later_lies_beside_what_was_kept_in_other_batches(
    exports: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    exports.write("usage.csv", USAGE)
    exports.load(SOURCES, cache=exports.cache)
    monkeypatch.setattr("segkit.facts.files.texts.BATCH_LINES", 2)
    assert logins(exports.load(SOURCES, cache=exports.cache, fold=FOLD)) == WANTED


def test_tables_that_do_not_lie_beside_each_other_are_told_and_never_added_up(exports: Exports) -> None:
    exports.write("usage.csv", USAGE)
    exports.load(SOURCES, cache=exports.cache, fold=FOLD)
    (path,) = (
        path
        for path in exports.cache.rglob("*.parquet")
        if pl.read_parquet_schema(path).names() == ["day", "rows", "n", "ms", "timed", FILE]
    )
    pl.read_parquet(path).sort("day", descending=True).write_parquet(path)
    with pytest.raises(InputError) as caught:
        logins(exports.load(SOURCES, cache=exports.cache, fold=FOLD))
    (problem,) = caught.value.problems
    assert (problem.code, problem.hint) == ("D104", "delete state/cache: the files are then read anew")


def test_days_that_were_read_serve_whoever_asks_for_later_ones(exports: Exports) -> None:
    exports.write("usage.csv", USAGE)
    usage = exports.load(SOURCES, fold=FOLD).facts.usage
    assert usage is not None
    third, eighth = (epoch_day(date(2026, 11, each)) for each in (3, 8))
    late = usage.days(eighth)
    assert late.height == 1
    early = usage.days(third)
    assert early.height == 5
    assert usage.days(eighth) is usage.days(eighth + 1) is late
    assert usage.days(third + 1) is early
    assert usage.meant(LOGINS.key, third + 1).height == 5
    whole = usage.days()
    assert usage.days(third) is early
    assert usage.days(third - 7) is whole
