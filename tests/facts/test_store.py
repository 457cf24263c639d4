"""The cache saves reading and changes nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

import segkit.facts.taking.together as together
from segkit.facts.taking import store
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
    fold.keys = ("events", "beside", "more")
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


def weekly_store(folder: Path, weeks: int) -> tuple[store.Store, list[str]]:
    """Two rows a week, each week flushed by itself; the names of the files sort against time."""
    kept = store.Store(folder)
    shas = [f"{100 - week:03d}" for week in range(weeks)]
    for week, sha in enumerate(shas):
        rows = pl.DataFrame(
            {"raw_id": ["a", "b"], "day": [7 * week, 7 * week + 6]}, schema_overrides={"day": pl.Int32}
        )
        kept.put(sha, {"days": rows})
        kept.flush(keep=shas[: week + 1])
    return kept, shas


def test_many_weeks_lie_in_few_packs_in_order_of_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_FULL_ROWS", 12)
    kept, shas = weekly_store(tmp_path, 40)
    for each in (kept, store.Store(tmp_path)):
        rows, missing = each.read("days", shas)
        assert rows is not None
        assert not missing
        assert rows["day"].to_list() == [day for week in range(40) for day in (7 * week, 7 * week + 6)]
    assert len(list(tmp_path.glob("*.parquet"))) == len(list(tmp_path.glob("*.json"))) <= 2 * 40 // 12 + 9


def test_what_lies_before_a_day_is_left_out_and_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_FULL_ROWS", 12)
    _, shas = weekly_store(tmp_path, 40)
    for path in tmp_path.glob("*.json"):
        if json.loads(path.read_text())["last"] < 7 * 30:
            path.with_suffix(".parquet").write_bytes(b"")
    rows, missing = store.Store(tmp_path).read("days", shas, since=7 * 37 + 6)
    assert rows is not None
    assert not missing
    assert rows["day"].to_list() == [265, 266, 272, 273, 279]
    nothing, missing = weekly_store(tmp_path / "other", 3)[0].read("days", shas[:3], since=1000)
    assert nothing is not None
    assert (nothing.height, missing) == (0, [])
