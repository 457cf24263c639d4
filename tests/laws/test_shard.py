"""Shard: tables of any split of the rows, put together, equal those of the whole."""

from __future__ import annotations

import random

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from segkit.engine.counting.context import Context
from segkit.engine.counting.partials import UsageFold, specs_of
from segkit.engine.metrics.usage import USAGE_METRICS
from segkit.facts.coded import UsageRows
from segkit.facts.taking.intake import DAYS, days_table, joined
from tests.draws import one_in
from tests.engine.build import facts, usage_rows
from tests.engine.worlds import metric, world


def splits(rows: pl.DataFrame, rng: random.Random) -> list[pl.DataFrame]:
    """The rows in any order, cut into up to five pieces, some of them empty."""
    order = list(range(rows.height))
    rng.shuffle(order)
    cuts = sorted(rng.randint(0, rows.height) for _ in range(rng.randint(0, 4)))
    return [rows[order[low:high]] for low, high in zip([0, *cuts], [*cuts, rows.height], strict=True)]


def below_each_other(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """One row per id, key and day, sorted by them: what is counted is added up, what is marked is marked."""
    table = pl.concat(parts)
    key, merged = (
        ["raw_id", "key", "day"],
        [name for name in table.columns if name not in ("raw_id", "key", "day")],
    )
    texts = table.with_columns(pl.col("raw_id", "key").cast(pl.String))
    found = texts.group_by(key).agg(
        pl.col(name).bitwise_or() if name == "mask" else pl.col(name).sum() for name in merged
    )
    return found.sort(key).cast(dict(table.schema)).select(table.columns)


@given(seed=st.integers(0, 10**9), window=st.sampled_from([7, 28, 30]))
def test_tables_of_any_split_merge_to_those_of_the_whole(seed: int, window: int) -> None:
    rng = random.Random(seed)
    made, rules = world(rng, window)
    rows = usage_rows(made.events)
    daily = rng.random() < 0.5
    names = rng.sample(sorted(USAGE_METRICS), 3)
    fold = UsageFold(specs_of([metric(name, window) for name in names], rules))
    whole = fold(UsageRows(rows), fold.keys, daily)
    cut = [UsageRows(piece) for piece in splits(rows, rng)]
    pieces = [fold(piece, fold.keys, daily) for piece in cut]
    by_day = [spec.key for spec in fold.specs if spec.grain == "day"]
    beside = joined(
        {DAYS: [days_table(piece) for piece in cut], **{k: [p[k] for p in pieces] for k in by_day}}
    )
    assert beside[DAYS].equals(days_table(UsageRows(rows)))
    for spec in fold.specs:
        parts = [piece[spec.key] for piece in pieces]
        merged = beside[spec.key] if spec.grain == "day" else below_each_other(parts)
        assert merged.equals(whole[spec.key]), spec
        assert merged.schema == whole[spec.key].schema


@given(seed=st.integers(0, 10**9))
@one_in(6)
def test_values_are_the_same_from_the_tables_of_any_split(seed: int) -> None:
    rng = random.Random(seed)
    made, rules = world(rng, 28)
    asked = {name: getattr(made, name) for name in made.__dataclass_fields__}
    whole = Context(rules, facts(**asked), USAGE_METRICS)
    asked["pieces"] = splits(usage_rows(made.events), rng)
    split = Context(rules, facts(**asked), USAGE_METRICS)
    for name in USAGE_METRICS:
        wanted = metric(name, 28)
        np.testing.assert_array_equal(whole.measure(wanted).value, split.measure(wanted).value, wanted.key)
