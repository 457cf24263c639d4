"""What a file's texts come to does not hang on how its writer keeps texts."""

from __future__ import annotations

import polars as pl
import pytest

from tests.facts.exports import Exports, fold_days, usage_days

ROWS = {
    "at": ["2026-11-02", "2026-11-02", "2026-11-08", "2026-11-08"],
    "account_id": ["B", " A", "A", "B"],
    "event": ["login", "export", "login", None],
}


@pytest.fixture
def exports(tmp_path_factory: pytest.TempPathFactory) -> Exports:
    return Exports(tmp_path_factory.mktemp("coded"))


@pytest.mark.parametrize("kind", [pl.String, pl.Categorical, pl.Enum(["B", " A", "A", "login", "export"])])
def test_texts_categories_and_enums_are_one(exports: Exports, kind: pl.DataType) -> None:
    frame = pl.DataFrame(ROWS).with_columns(
        pl.col("at").str.to_date(), pl.col("account_id", "event").cast(kind)
    )
    frame.write_parquet(exports.root / "usage.parquet")
    loaded = exports.load({"usage": {"files": "usage.parquet"}})
    assert usage_days(loaded) == fold_days(loaded)
    assert usage_days(loaded) == [
        ("account:A", "2026-11-02", 1),
        ("account:A", "2026-11-08", 1),
        ("account:B", "2026-11-02", 1),
        ("account:B", "2026-11-08", 1),
    ]
