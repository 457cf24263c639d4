"""Sizes over time: how many accounts each segment of the main dimension had, period after period."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import polars as pl

from segkit.engine.results import OUTSIDE, UNKNOWN, Decisions
from segkit.ruleset.model import MAIN

SIZES = {"as_of": pl.Date, "segment": pl.String, "accounts": pl.Int64}
PERIODS = 104
"""Two years of weeks: a season shows only beside the one before it."""


def sizes(decisions: Decisions, before: pl.DataFrame | None = None) -> pl.DataFrame:
    """The last PERIODS periods, oldest first; in each of them every segment in the order of its dimension.

    before: the same of the run that these decisions go on from. What was published stays as it was.
    Columns SIZES; `unknown` has rows in periods with accounts of which nothing was known.
    """
    main = decisions.dimensions[MAIN]
    found: list[tuple[object, str | None, int]] = []
    for place in range(max(len(decisions.as_of) - PERIODS, 0), len(decisions.as_of)):
        counts = np.bincount(main.primary[:, place] - OUTSIDE, minlength=len(main.labels) - OUTSIDE)
        codes = [*range(len(main.labels)), *([UNKNOWN] if counts[UNKNOWN - OUTSIDE] else [])]
        found += [(decisions.as_of[place], main.label(code), int(counts[code - OUTSIDE])) for code in codes]
    rows = pl.DataFrame(found, schema=SIZES, orient="row")
    if before is not None:
        rows = pl.concat([before.filter(pl.col("as_of") < decisions.as_of[0]), rows])
    kept = rows["as_of"].unique().sort()[-PERIODS:]
    return rows.filter(pl.col("as_of") >= kept[0]) if len(kept) else rows


def sizes_csv(rows: pl.DataFrame) -> bytes:
    return rows.write_csv().encode()


def read_sizes(content: bytes) -> pl.DataFrame:
    """The rows as `sizes_csv` wrote them."""
    return pl.read_csv(BytesIO(content), schema=SIZES)
