"""A bit per day says as much about who was there when as a row per day."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from segkit.engine.counting.grid import NEVER
from segkit.engine.counting.presence import Presence, undated
from segkit.facts.presence import (
    SPAN,
    bits,
    first_days,
    highest,
    presence_of,
    single_days,
    totals_by_id,
)
from segkit.facts.taking.store import FILE, Store


def days(*rows: tuple[int, str, int, int]) -> pl.DataFrame:
    schema = {FILE: pl.UInt32, "raw_id": pl.Categorical, "day": pl.Int32, "rows": pl.Int64}
    return pl.DataFrame(list(rows), schema=schema, orient="row")


ROWS = days(
    (0, "a", 63, 2), (0, "a", 64, 1), (0, "b", 70, 5), (1, "a", 64, 3), (1, "a", 127, 4), (1, "b", 0, 1)
)


def told(presence: pl.DataFrame) -> list[tuple[object, ...]]:
    return sorted(presence.with_columns(pl.col("raw_id").cast(pl.String)).rows())


def test_every_day_is_a_bit_and_rows_are_added_up() -> None:
    found = presence_of(ROWS).select("raw_id", "day", "mask", "rows", FILE)
    assert told(found) == [
        ("a", 0, 2**63, 2, 0),
        ("a", 64, 1 + 2**63, 8, 0),
        ("b", 0, 1, 1, 1),
        ("b", 64, 2**6, 5, 0),
    ]
    assert told(first_days(found).select("raw_id", "day")) == [("a", 63), ("a", 64), ("b", 0), ("b", 70)]
    singles = single_days(found).select("raw_id", "day", "mask")
    assert told(singles) == sorted((name, day, 1) for name, day in set(ROWS.select("raw_id", "day").rows()))


@pytest.mark.parametrize("kind", [pl.Categorical, pl.String])
def test_rows_and_first_days_of_an_id_are_the_same_whether_ids_are_categories_or_texts(
    kind: type[pl.DataType],
) -> None:
    rows = first_days(presence_of(ROWS)).with_columns(pl.col("raw_id").cast(kind))
    found = totals_by_id(rows).select("raw_id", "rows", "day", FILE)
    assert told(found) == [("a", 10, 63, 0), ("b", 6, 0, 0)]
    assert told(totals_by_id(rows.select("raw_id", "day"))) == [("a", 63), ("b", 0)]
    assert totals_by_id(rows.clear()).is_empty()
    many = pl.DataFrame({"raw_id": ["a", "a"], "rows": pl.Series([30_000, 30_000], dtype=pl.Int16)})
    assert totals_by_id(many.cast({"raw_id": kind}))["rows"].to_list() == [60_000]


def test_the_highest_bit_is_exact_at_both_ends() -> None:
    masks = np.array([0, 1, 2**31, 2**32, 2**53 + 1, 2**63, 2**64 - 1], dtype=np.uint64)
    assert highest(masks).tolist() == [-1, 0, 31, 32, 53, 63, 63]
    assert [int(bits(*ends)) for ends in ((0, 0), (-9, 2), (62, 99), (5, 4), (64, 70))] == [
        1,
        7,
        3 << 62,
        0,
        0,
    ]


@pytest.mark.parametrize("seed", range(4))
def test_active_periods_and_the_last_use_are_those_of_the_days(seed: int) -> None:
    draw = np.random.default_rng(seed)
    account, day = draw.integers(0, 6, 80), draw.integers(0, 300, 80)
    rows = days(*((0, f"{a}", int(d), 1) for a, d in zip(account, day, strict=True)))
    frame = presence_of(rows).with_columns(account=pl.col("raw_id").cast(pl.String).cast(pl.Int64))
    here = Presence.of(frame)
    starts = np.arange(3, 290, 7)
    ends = starts + 6
    expected = [
        [bool(((account == a) & (day >= s) & (day <= s + 6)).any()) for s in starts] for a in range(6)
    ]
    assert here.active(6, starts, ends).tolist() == expected
    born = draw.integers(0, 200, 6)
    last = [
        [max(day[(account == a) & (day <= end) & (day >= born[a])], default=NEVER) for end in ends]
        for a in range(6)
    ]
    assert here.newest(born, ends).tolist() == last


def test_ids_that_change_hands_are_told_by_single_days() -> None:
    schema = {"raw_id": pl.String, "from_day": pl.Int32, "to_day": pl.Int32}
    mapping = pl.DataFrame([("a", None, 63), ("a", 64, None), ("b", None, None)], schema=schema, orient="row")
    found = undated(presence_of(ROWS).select("raw_id", "day", "mask"), mapping)
    assert told(found) == [("a", 63, 1), ("a", 64, 1), ("a", 127, 1), ("b", 0, 1), ("b", 64, 2**6)]


@pytest.mark.parametrize("until", [0, 63, 64, 126, 127, 500])
def test_the_store_tells_in_brief_what_its_rows_say(tmp_path: Path, until: int) -> None:
    files = {"one": ROWS.filter(pl.col(FILE) == 0), "two": ROWS.filter(pl.col(FILE) == 1)}
    store = Store(tmp_path, {"days": presence_of})
    for sha, rows in files.items():
        store.put(sha, {"days": rows.drop(FILE)})
        store.flush()
    expected = {("one", "two"): ROWS, ("two",): files["two"].with_columns(pl.lit(0, pl.UInt32).alias(FILE))}
    for kept in (store, Store(tmp_path, {"days": presence_of}), Store(tmp_path, {"days": presence_of})):
        for wanted, rows in expected.items():
            parts, missing = kept.brief("days", list(wanted), until)
            known = rows.filter(pl.col("day") <= until)
            assert not missing
            assert presence_days(pl.concat(parts)) == presence_days(presence_of(known))
            assert pl.concat(parts)["rows"].sum() == known["rows"].sum()
        for path in tmp_path.glob("*.brief.parquet"):
            path.write_bytes(b"damaged")
    assert Store(tmp_path, {"days": presence_of}).brief("days", ["gone"], until)[1] == ["gone"]


def presence_days(presence: pl.DataFrame) -> list[tuple[object, ...]]:
    return sorted(set(told(single_days(presence).select("raw_id", "day"))))


def test_a_row_stands_for_whole_spans() -> None:
    assert set(presence_of(ROWS)["day"] % SPAN) == {0}
