"""The panel as rows (account x period), a few accounts at a time, for conditions to read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from msgspec import Struct
from msgspec.structs import replace

from segkit.engine.conditions.compile import bound_column, missing_column
from segkit.engine.members.membership import Bools
from segkit.engine.panel import Panel, Texts, Values


class Block(Struct, frozen=True):
    """Accounts `start` to `stop` of the panel, periods from `first` on; rows run account by account."""

    start: int
    stop: int
    first: int
    width: int
    """Periods per account."""
    frame: pl.DataFrame

    def with_columns(self, columns: Sequence[pl.Series] | Sequence[pl.Expr]) -> Block:
        return replace(self, frame=self.frame.with_columns(columns))


def block(panel: Panel, missing: Collection[str], start: int, stop: int, first: int, width: int) -> Block:
    """Columns by key, of the periods from place `first` of the facts on.

    `<key>|missing` stands beside the keys in `missing`, `<key>|at_least` where a value may be a lower bound.
    """
    columns: list[pl.Series] = []

    def cut(matrix: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return matrix[start:stop, first - panel.first : first - panel.first + width].ravel()

    for key in sorted(panel.columns):
        column = panel.columns[key]
        if isinstance(column, Texts):
            codes = cut(column.codes)
            labels = pl.Series([*column.labels, None], dtype=pl.String)
            values = labels.gather(np.where(codes < 0, len(column.labels), codes))
            known = codes >= 0
        else:
            numbers = cut(column.value)
            values = pl.Series(numbers, nan_to_null=True)
            known = ~np.isnan(numbers)
            if column.at_least is not None:
                columns.append(pl.Series(bound_column(key), cut(column.at_least)))
        columns.append(values.alias(key))
        if key in missing:
            columns.append(_missing(key, cut(column.missing), known))
    return Block(start, stop, first, width, _frame(columns, (stop - start) * width))


def bounds(panel: Panel) -> frozenset[str]:
    """Keys of the values that may be lower bounds."""
    return frozenset(k for k, c in panel.columns.items() if isinstance(c, Values) and c.at_least is not None)


def _missing(key: str, missing: Bools, known: Bools) -> pl.Series:
    """True where the value cannot exist, false where there is one, null where it is only not known."""
    answer = pl.Series(missing)
    frame = pl.DataFrame({"missing": answer, "known": pl.Series(known)})
    return frame.select(
        pl.when(pl.col("missing")).then(True).when(pl.col("known")).then(False).alias(missing_column(key))
    ).to_series()


def _frame(columns: list[pl.Series], height: int) -> pl.DataFrame:
    """With a row number, so that a frame without columns has its height too."""
    return pl.DataFrame([pl.Series("row", np.arange(height, dtype=np.int64)), *columns])
