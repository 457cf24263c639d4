"""What is told of a baseline beside its values: on what it rests, whose peers, what whole groups did."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl
from msgspec import Struct

from segkit.engine.baselines.groups import VERDICTS
from segkit.engine.baselines.judged import Judged
from segkit.engine.baselines.past import Columns
from segkit.engine.counting.values import Bools, Floats, rounded

EVERYBODY = "all accounts"
FELL, AS_EXPECTED = -0.30, -0.20
"""An account dipped as expected: down by so much on the recent reference, and no further under what was
expected of it. The numbers are those of the usual alarm and of its end."""

GROUPS = {
    "as_of": pl.Date,
    "metric": pl.String,
    "level": pl.String,
    "group": pl.String,
    "accounts": pl.Int64,
    "unit": pl.String,
    "change": pl.Float64,
    "last_years": pl.Float64,
    "verdict": pl.String,
}


class Drawn(Struct, frozen=True):
    """A metric of every account against what was expected of it, over the last half year."""

    metric: str
    relative: bool
    """False: differences are in the metric's own unit."""
    accounts: tuple[str, ...]
    vs_expected: Floats
    z_score: Floats
    """[A] each, of the last period; NaN where nothing is said of it."""
    shown: Columns
    expected: Columns

    @classmethod
    def of(cls, metric: str, accounts: tuple[str, ...], judged: Judged) -> Drawn:
        away, z_score = (judged.view(view).value[:, -1].copy() for view in ("vs_expected", "z_score"))
        return cls(metric, judged.relative, accounts, away, z_score, judged.shown, judged.expected)

    def series(self, row: int) -> tuple[Floats, Floats]:
        """[n] each, the oldest first: values of an account, and what was expected."""
        none, own = np.empty((1, 0)), slice(row, row + 1)
        return rounded(self.shown.before(none, own)[0]), rounded(self.expected.before(none, own)[0])


class Standing(Struct, frozen=True):
    """Of the last period, [A] each."""

    basis: npt.NDArray[np.int8]
    """Positions in BASES."""
    first_season: Bools
    peers: npt.NDArray[np.int32]
    """How many accounts the excuse of the peers rests on; 0 without one."""
    group: npt.NDArray[np.object_]
    """The deepest peer group that the account is known to be in."""
    dipped: Bools
    """Far below the recent reference, and not below what was expected."""
    unusual: Bools
    """The deepest group of the account falls unlike last years."""
    groups: pl.DataFrame
    """Columns GROUPS but for as_of and metric; groups with accounts only."""

    @classmethod
    def of(cls, judged: Judged) -> Standing:
        found, levels = judged.found, judged.levels
        accounts = len(found.basis)
        group = np.full(accounts, EVERYBODY, dtype=object)
        unusual = np.full(accounts, found.groups[0].verdict[0, -1] == VERDICTS.index("unusual"))
        for level, view in zip(levels, found.groups[1:], strict=True):
            codes = level.codes[:, -1]
            known = codes >= 0
            group[known] = np.array(level.labels, dtype=object)[codes[known]]
            unusual[known] = view.verdict[codes[known], -1] == VERDICTS.index("unusual")
        down = np.expm1(found.change[:, -1]) <= FELL if judged.relative else np.zeros(accounts, dtype=bool)
        return cls(
            basis=found.basis[:, -1].copy(),
            first_season=found.first_season[:, -1].copy(),
            peers=found.peers[:, -1].copy(),
            group=group,
            dipped=down & (found.vs_expected[:, -1] >= AS_EXPECTED),
            unusual=unusual,
            groups=_groups(judged),
        )


def _groups(judged: Judged) -> pl.DataFrame:
    names = ("all", *(level.name for level in judged.levels))
    unit = "share" if judged.relative else "own"
    frames = []
    for name, view in zip(names, judged.found.groups, strict=True):
        labels = (EVERYBODY,) if name == "all" else view.labels
        frames.append(
            pl.DataFrame(
                {
                    "level": pl.Series([name] * len(labels), dtype=pl.String),
                    "group": pl.Series(labels, dtype=pl.String),
                    "accounts": view.size[:, -1].astype(np.int64),
                    "unit": pl.Series([unit] * len(labels), dtype=pl.String),
                    "change": _shown(view.change[:, -1], judged.relative),
                    "last_years": _shown(view.last_years[:, -1], judged.relative),
                    "verdict": pl.Series([VERDICTS[v] for v in view.verdict[:, -1]], dtype=pl.String),
                }
            )
        )
    return pl.concat(frames).filter(pl.col("accounts") > 0)


def _shown(change: Floats, relative: bool) -> pl.Series:
    """As rules see it, to four decimals."""
    value = np.expm1(np.ascontiguousarray(change)) if relative else change
    return pl.Series(np.round(value, 4) + 0.0, dtype=pl.Float64, nan_to_null=True)


def groups_frame(standings: Mapping[str, Standing], as_of: date) -> pl.DataFrame:
    """Every group of every metric that the rules compare with what was expected; columns GROUPS."""
    frames = [pl.DataFrame(schema=GROUPS)]
    for metric in sorted(standings):
        rows = standings[metric].groups.with_columns(
            as_of=pl.lit(as_of, pl.Date), metric=pl.lit(metric, pl.String)
        )
        frames.append(rows.select(*GROUPS))
    return pl.concat(frames)
