"""The reference: a bare streaming scan of the columns that `assign` needs. Run as a process of its own."""

from __future__ import annotations

import sys

import polars as pl


def scan(files: str) -> pl.DataFrame:
    """One row that depends on every value of the columns."""
    return (
        pl.scan_parquet(files)
        .select(
            pl.col("at").max(),
            pl.col("account_id", "user_id", "event", "feature").str.len_bytes().cast(pl.Int64).sum(),
            pl.col("seconds").sum(),
        )
        .collect(engine="streaming")
    )


if __name__ == "__main__":
    print(scan(sys.argv[1]).row(0))
