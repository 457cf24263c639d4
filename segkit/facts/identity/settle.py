"""Claims -> one account per id and day; where they disagree, the stronger evidence, and a line about it."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from msgspec import Struct

from segkit.facts.identity.ids import MAPPING

_EVER = 10**9
"""Beyond every day, on both sides, and far from the ends of Int32."""
CONFLICTS = {
    "raw_id": pl.String,
    "from_day": pl.Int32,
    "to_day": pl.Int32,
    "account_id": pl.String,
    "evidence": pl.String,
    "other_account": pl.String,
    "other_evidence": pl.String,
}
"""Days on which claims of an id disagree: the account that it got (null: none) and one that it did not."""


class Settled(Struct, frozen=True):
    """mapping: see MAPPING, sorted. conflicts: see CONFLICTS, sorted."""

    mapping: pl.DataFrame
    conflicts: pl.DataFrame


def settle(claims: pl.DataFrame, order: Sequence[str]) -> Settled:
    """One account per id and day: that of the strongest kind of evidence that speaks with one voice.

    claims: claims.CLAIMS of known accounts. `order`: kinds, the strongest first; claims of another kind do
    not count. Two accounts that one kind claims for one day are left to the next kind, else to nobody.
    """
    if claims.is_empty():
        return Settled(pl.DataFrame(schema=MAPPING), pl.DataFrame(schema=CONFLICTS))
    ranks = {kind: rank for rank, kind in enumerate(order)}
    ranked = claims.with_columns(
        rank=pl.col("kind").replace_strict(ranks, default=None, return_dtype=pl.Int32)
    )
    ranked = ranked.filter(pl.col("rank").is_not_null())
    always = pl.col("from_day").is_null() & pl.col("to_day").is_null()
    plain = (pl.col("account_id").n_unique() == 1).over("raw_id") & always.any().over("raw_id")
    simple = ranked.filter(plain & always).sort("raw_id", "rank", "evidence")
    simple = simple.unique("raw_id", keep="first", maintain_order=True).select(*MAPPING)
    spans, conflicts = _by_day(ranked.filter(~plain))
    mapping = pl.concat([simple, spans]).sort("raw_id", "from_day", nulls_last=False)
    return Settled(mapping, conflicts)


def _by_day(claims: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Spans between the days on which any claim of an id begins or ends: who holds each, and who lost it."""
    if claims.is_empty():
        return pl.DataFrame(schema=MAPPING), pl.DataFrame(schema=CONFLICTS)
    claims = claims.with_columns(
        pl.col("from_day").fill_null(-_EVER).alias("begin"), pl.col("to_day").fill_null(_EVER).alias("end")
    ).filter(pl.col("begin") <= pl.col("end"))
    cuts = pl.concat(
        [claims.select("raw_id", cut="begin"), claims.select("raw_id", cut=pl.col("end") + 1)]
    ).unique()
    cuts = cuts.sort("raw_id", "cut").with_columns((pl.col("cut").shift(-1).over("raw_id") - 1).alias("last"))
    cells = cuts.filter(pl.col("last").is_not_null()).join(claims, on="raw_id", maintain_order="left_right")
    cells = cells.filter((pl.col("begin") <= pl.col("cut")) & (pl.col("end") >= pl.col("last")))
    cells = cells.sort("raw_id", "cut", "rank", "account_id", "evidence")
    one_voice = (pl.col("account_id").n_unique() == 1).over("raw_id", "cut", "rank")
    won = cells.filter(one_voice).unique(["raw_id", "cut"], keep="first", maintain_order=True)
    held = won.select("raw_id", "cut", "account_id", "evidence")
    lost = cells.select(
        "raw_id", "cut", "last", other_account="account_id", other_evidence="evidence"
    ).unique(["raw_id", "cut", "other_account"], keep="first", maintain_order=True)
    lost = lost.join(held, on=["raw_id", "cut"], how="left", maintain_order="left")
    lost = lost.filter(pl.col("account_id").ne_missing(pl.col("other_account")))
    spans = _runs(won.select("raw_id", "cut", "last", "account_id", "evidence"), MAPPING)
    return spans, _runs(lost, CONFLICTS)


def _runs(cells: pl.DataFrame, columns: dict[str, type[pl.DataType]]) -> pl.DataFrame:
    """Neighbouring cells that say the same, as one; open where they reach beyond every day."""
    values = [name for name in columns if name not in ("from_day", "to_day")]
    ordered = cells.sort(*values, "cut", nulls_last=False)
    same = pl.all_horizontal(
        *(pl.col(name).eq_missing(pl.col(name).shift(1)) for name in values),
        pl.col("cut") == pl.col("last").shift(1) + 1,
    )
    runs = ordered.with_columns((~same.fill_null(False)).cum_sum().alias("run"))
    whole = runs.group_by("run", maintain_order=True).agg(
        *(pl.col(name).first() for name in values),
        from_day=pl.col("cut").first(),
        to_day=pl.col("last").last(),
    )
    return (
        whole.with_columns(
            pl.when(pl.col("from_day") > -_EVER).then(pl.col("from_day")).alias("from_day"),
            pl.when(pl.col("to_day") < _EVER).then(pl.col("to_day")).alias("to_day"),
        )
        .select(*columns)
        .cast(columns)  # type: ignore[arg-type]
        .sort("raw_id", "from_day", nulls_last=False)
    )
