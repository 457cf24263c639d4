"""The cache saves reading and changes nothing else."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import segkit.facts.taking.together as together
from segkit.facts.taking.store import FILE, Store
from tests.facts.exports import CountFold, Exports, fold_days, usage_days

SOURCES = {"usage": {"files": "usage_*.csv"}, "accounts": {"files": "accounts.csv"}}


@pytest.fixture
def filled(exports: Exports) -> Exports:
    exports.write("usage_1.csv", "at,account_id\n2026-10-26,A1\n2026-11-01,A2\nbroken\n")
    exports.write("usage_2.csv", "at,account_id\n2026-11-02,A1\n2026-11-08,A2\n")
    exports.write("accounts.csv", "account_id\nA1\nA2\n")
    return exports


def test_a_file_whose_tables_are_kept_is_not_read_again(
    filled: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = filled.load(SOURCES, cache=filled.cache)
    monkeypatch.setattr(together, "take_in", None)
    again = filled.load(SOURCES, cache=filled.cache)
    assert (usage_days(again), fold_days(again)) == (usage_days(first), fold_days(first))
    assert again.digest == first.digest
    assert again.rejected["usage"].equals(first.rejected["usage"])
    assert again.facts.counts == first.facts.counts


def test_without_the_cache_everything_is_the_same(filled: Exports) -> None:
    kept, fresh = filled.load(SOURCES, cache=filled.cache), filled.load(SOURCES)
    assert (usage_days(kept), fold_days(kept), kept.digest) == (
        usage_days(fresh),
        fold_days(fresh),
        fresh.digest,
    )


@pytest.mark.parametrize("damage", [b"", b"PAR1 no more"])
@pytest.mark.parametrize("ending", ["parquet", "json"])
def test_a_damaged_cache_is_folded_anew(filled: Exports, ending: str, damage: bytes) -> None:
    first = filled.load(SOURCES, cache=filled.cache)
    for path in filled.cache.rglob(f"*.{ending}"):
        path.write_bytes(damage)
    again = filled.load(SOURCES, cache=filled.cache)
    assert (usage_days(again), fold_days(again), again.digest) == (
        usage_days(first),
        fold_days(first),
        first.digest,
    )


def test_a_cache_damaged_between_loading_and_reading_is_folded_anew(filled: Exports) -> None:
    first = filled.load(SOURCES, cache=filled.cache)
    expected = fold_days(first)
    again = filled.load(SOURCES, cache=filled.cache)
    for path in filled.cache.rglob("*.parquet"):
        path.unlink()
    assert fold_days(again) == expected


def test_a_new_key_folds_the_files_for_that_key_alone(filled: Exports) -> None:
    filled.load(SOURCES, cache=filled.cache)
    fold = CountFold()
    fold.keys = ("events", "more")
    loaded = filled.load(SOURCES, cache=filled.cache, fold=fold)
    assert fold.calls == 2
    assert loaded.facts.usage is not None
    assert loaded.facts.usage.table("more").height == 4


def test_another_way_of_reading_takes_the_place_of_the_old_one(filled: Exports) -> None:
    filled.load(SOURCES, cache=filled.cache)
    filled.load(SOURCES, cache=filled.cache, timezone="Europe/Berlin")
    assert len(list(filled.cache.glob("usage-*"))) == 1


def test_many_packs_become_one(tmp_path: Path) -> None:
    for number in range(12):
        store = Store(tmp_path)
        store.put(f"f{number}", {"t": pl.DataFrame({"n": [number]}), "u": pl.DataFrame({"n": [-number]})})
        store.flush(keep=[f"f{n}" for n in range(number + 1)])
    assert len(list(tmp_path.glob("*.parquet"))) <= 16
    table, missing = Store(tmp_path).read("t", ["f3", "f11", "gone"])
    assert table is not None
    assert (table.rows(), missing) == ([(3, 0), (11, 1)], ["gone"])
    assert table.columns == ["n", FILE]


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(filled: Exports) -> None:
    filled.cache.write_text("a file where the folder should be")
    loaded = filled.load(SOURCES, cache=filled.cache)
    assert usage_days(loaded) == usage_days(filled.load(SOURCES))


def test_small_parquet_files_taken_together_equal_each_alone(exports: Exports) -> None:
    rows = [
        ("2026-10-26", "A1", 2),
        ("2026-10-28", " A2", 1),
        ("2026-11-03", "A1", 1),
        ("2026-11-08", None, 1),
    ]
    for number, (day, account, count) in enumerate(rows):
        frame = pl.DataFrame({"at": [day, day], "account_id": ["A9", account], "count": [1, count]})
        frame.with_columns(pl.col("at").str.to_datetime()).write_parquet(
            exports.root / f"usage_{number}.parquet"
        )
    typed = pl.read_parquet(exports.root / "usage_3.parquet")
    typed.clear().write_parquet(exports.root / "usage_2a.parquet")
    loaded = exports.load({"usage": {"files": "usage_*.parquet"}}, cache=exports.cache)
    exports.write(
        "all.csv", "at,account_id,count\n" + "".join(f"{d},A9,1\n{d},{a or ''},{c}\n" for d, a, c in rows)
    )
    alone = exports.load({"usage": {"files": "all.csv"}})
    assert usage_days(loaded) == usage_days(alone) == fold_days(loaded)
    assert loaded.rejected["usage"].select("file", "line", "code").rows() == [("usage_3.parquet", 2, "D204")]
    assert [file.rows for file in loaded.inputs] == [2, 2, 2, 0, 2]
