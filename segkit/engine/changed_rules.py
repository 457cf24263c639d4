"""What new rules would have said about the last published period, against what was published."""

from __future__ import annotations

from datetime import date

import polars as pl

from segkit.engine.decisions import in_order
from segkit.engine.results import OUTSIDE, Decisions, State
from segkit.engine.state import LEFT
from segkit.ruleset.model import FLAGS

BECAUSE = "the rules changed"


def rule_change(published: State, replayed: Decisions, at: date | None = None) -> pl.DataFrame:
    """Rows of cause `rule_change`, dated `at`, one per primary or flag that differs.

    `at` is the as_of of `published` unless said. A dimension that only one side knows moves everybody out of
    or into it, so that sizes add up.
    Raises ValueError when `at` is no period that was replayed.
    """
    at = at or published.as_of
    if at not in replayed.as_of:
        raise ValueError(f"{at} was not replayed")
    place = replayed.as_of.index(at)
    rows = pl.concat([_primaries(published, replayed, place), _flags(published, replayed, place)])
    return in_order(
        rows.filter(pl.col("from").ne_missing(pl.col("to"))).select(
            "account_id",
            pl.lit(at, pl.Date).alias("as_of"),
            "dimension",
            "from",
            "to",
            pl.lit("rule_change").alias("cause"),
            pl.lit(BECAUSE).alias("because"),
        )
    )


def _primaries(published: State, replayed: Decisions, place: int) -> pl.DataFrame:
    old = published.primaries.select(
        "account_id", "dimension", pl.col("primary").fill_null(LEFT).alias("from")
    )
    sides = []
    for name, result in replayed.dimensions.items():
        codes = result.primary[:, place]
        texts = pl.Series([result.label(int(code)) for code in codes], dtype=pl.String)
        ids = pl.Series(replayed.accounts, dtype=pl.String)
        frame = pl.DataFrame({"account_id": ids, "to": texts}).filter(pl.Series(codes != OUTSIDE))
        sides.append(frame.with_columns(dimension=pl.lit(name)))
    new = pl.concat(sides)
    both = old.join(new, on=["account_id", "dimension"], how="full", coalesce=True)
    # Who is on the roster today but not in the published rows joins from outside; who left stays left.
    gone = pl.col("to").is_null() & pl.col("dimension").is_in(list(replayed.dimensions))
    return both.select(
        "account_id", "dimension", "from", pl.when(gone).then(pl.lit(LEFT)).otherwise("to").alias("to")
    )


def _had(published: State) -> pl.DataFrame:
    """account_id, segment, had: the flags that were set, by the latch or because somebody said so."""
    flags = published.latches.filter("flag").select("account_id", "segment", "inside")
    held = flags.join(published.held, on=["account_id", "segment"], how="left", maintain_order="left")
    there = pl.coalesce(pl.col("weeks") > 0, "inside")
    return held.filter(there).select("account_id", "segment", had=pl.lit(True))


def _flags(published: State, replayed: Decisions, place: int) -> pl.DataFrame:
    old = _had(published)
    ids = pl.Series(replayed.accounts, dtype=pl.String)
    here = pl.DataFrame({"account_id": ids, "here": pl.Series(replayed.on_roster[:, place])})
    flags = replayed.state.latches.filter("flag")["segment"].unique().sort()
    sides = [pl.DataFrame(schema={"account_id": pl.String, "segment": pl.String, "has": pl.Boolean})]
    for name in flags:
        frame = pl.DataFrame({"account_id": ids, "has": pl.Series(replayed.member[name][:, place])})
        sides.append(frame.filter("has").select("account_id", pl.lit(name).alias("segment"), "has"))
    both = old.join(pl.concat(sides), on=["account_id", "segment"], how="full", coalesce=True)
    here_too = both.join(here, on="account_id", how="left", maintain_order="left")
    off = pl.col("has").is_null() & ~pl.col("here").fill_null(False)
    return here_too.select(
        "account_id",
        pl.lit(FLAGS).alias("dimension"),
        pl.when("had").then("segment").alias("from"),
        pl.when("has").then("segment").when(off).then(pl.lit(LEFT)).alias("to"),
    )
