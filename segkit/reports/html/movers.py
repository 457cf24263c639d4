"""Accounts that are furthest from what was expected of them, with the half year behind them as a line."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
from msgspec import Struct

from segkit.engine.baselines.series import BAND
from segkit.engine.baselines.standing import Drawn
from segkit.reports.html.charts import Spark, spark
from segkit.reports.words import amount, number

SHOWN = 5
"""Of those below what was expected, and of those above."""
DOUBLE = 1.0
"""What is above the double weighs no more: who had next to nothing is soon at many times that."""


class Mover(Struct, frozen=True):
    name: str
    segment: str
    moved_from: str | None
    """Where it was, when it came into its segment since the last run."""
    arr: float | None
    value: float
    expected: float
    away: float
    """A share of what was expected, or a difference in the metric's own unit."""
    spark: Spark


class Movers(Struct, frozen=True):
    metric: str
    relative: bool
    periods: int
    below: tuple[Mover, ...]
    above: tuple[Mover, ...]

    def level(self, value: float) -> str:
        return number(value) if self.relative else amount(value)

    def shown(self, away: float) -> str:
        """`−32 %`, or in the metric's own unit `+1.5`"""
        value = f"{abs(away) * 100:,.0f} %" if self.relative else f"{abs(away):.3g}"
        return f"{'−' if away < 0 else '+'}{value}"


def movers(drawn: Drawn | None, assignments: pl.DataFrame, moved: pl.DataFrame) -> Movers | None:
    """The most ARR times distance first, of those beyond their usual ups and downs (BAND deviations); where
    no ARR is known, the furthest first. None where there is nobody. `moved` as `moves.of_main` gives them.
    """
    if drawn is None:
        return None
    away = pl.DataFrame(
        {"account_id": drawn.accounts, "away": drawn.vs_expected, "z": drawn.z_score},
        schema_overrides={"account_id": pl.String},
        nan_to_null=True,
    ).with_row_index("row")
    origin = moved.group_by("account_id").agg(moved_from=pl.col("before").last())
    rows = (
        assignments.select("account_id", "name", "primary", "arr")
        .join(away.filter((pl.col("z").abs() >= BAND) & pl.col("away").is_not_null()), on="account_id")
        .join(origin, on="account_id", how="left")
    )
    distance = pl.col("away").clip(-DOUBLE, DOUBLE).abs() if drawn.relative else pl.col("z").abs()
    weight = pl.col("arr").fill_null(0) if (rows["arr"].fill_null(0) > 0).any() else pl.lit(1.0)
    ranked = rows.sort(-distance * weight, -pl.col("z").abs(), "account_id")
    below, above = (
        tuple(_movers(drawn, ranked.filter(side).head(SHOWN)))
        for side in (pl.col("away") < 0, pl.col("away") > 0)
    )
    if not (below or above):
        return None
    return Movers(drawn.metric, drawn.relative, drawn.expected.width, below, above)


def _movers(drawn: Drawn, rows: pl.DataFrame) -> Iterator[Mover]:
    for row in rows.iter_rows(named=True):
        values, expected = (list(map(float, each)) for each in drawn.series(row["row"]))
        yield Mover(
            name=row["name"],
            segment=row["primary"],
            moved_from=row["moved_from"],
            arr=row["arr"],
            value=values[-1],
            expected=expected[-1],
            away=row["away"],
            spark=spark(values, expected),
        )
