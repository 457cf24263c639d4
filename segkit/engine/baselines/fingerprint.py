"""What a baseline hangs on, period by period: equal fingerprints, equal past.

A print is chained: that of a period tells everything up to it. Only what changes from one period to the next
is looked at, because accounts stay who they are for years. Sums of hashes, so that the order of accounts and
rows plays no part.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl

from segkit.engine.baselines.fit import Codes, Level
from segkit.engine.baselines.settings import Settings
from segkit.engine.counting.context import USAGE, Context
from segkit.engine.counting.grid import first_seen_by
from segkit.engine.counting.needs import all_metrics, usage_specs
from segkit.engine.counting.values import Bools, Ints
from segkit.engine.pauses import names_of
from segkit.facts.presence import first_days, totals_by_id
from segkit.facts.types import UsageFacts
from segkit.periods import epoch_day
from segkit.ruleset.catalogue import METRICS
from segkit.ruleset.expr import Metric
from segkit.ruleset.model import RuleSet

Hashes = npt.NDArray[np.uint64]

SEED = 29
FORMULAS = 4
"""Raised when a formula of this room changes: what older ones left is not the past of newer ones."""


def key_of(ctx: Context, metric: Metric, settings: Settings, levels: tuple[Level, ...]) -> str:
    """What the whole past hangs on; another key, another past."""
    told = [
        ctx.rules.logic,
        metric.key,
        repr(settings),
        [level.name for level in levels],
        [int(ctx.starts[0]), *_before(ctx, metric)],
        [FORMULAS, np.__version__, pl.__version__],
    ]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _before(ctx: Context, metric: Metric) -> list[int]:
    """What each source says of the time before the panel."""
    found = []
    for source in sorted(sources_of(metric, ctx.rules) & set(ctx.facts.coverage)):
        coverage = ctx.facts.coverage[source]
        found += [epoch_day(coverage.first), min(epoch_day(coverage.last), int(ctx.starts[0]))]
    return found


def prints_of(
    ctx: Context, metric: Metric, levels: tuple[Level, ...], excluded: Bools | None
) -> tuple[str, ...] | None:
    """A print per period of the facts; None where nobody can tell. `ctx` is over every period."""
    usage = ctx.facts.usage
    if usage is None or usage.receipts is None:
        return None
    parts = [
        *_parts(ctx, metric, levels, excluded),
        *_receipts(usage.receipts(), ctx.ends),
        _ids(ctx, usage),
    ]
    lines = np.stack(parts, axis=1).astype("<u8")
    chain, found = hashlib.sha256(), []
    for line in lines:
        chain.update(line.tobytes())
        found.append(chain.hexdigest()[:32])
    return tuple(found)


def _parts(
    ctx: Context, metric: Metric, levels: tuple[Level, ...], excluded: Bools | None
) -> Iterator[Hashes]:
    """[P] each."""
    facts, here = ctx.facts, ctx.life
    who = pl.Series(ctx.accounts, dtype=pl.String).hash(SEED).to_numpy()
    born = np.stack([ctx.start, facts.roster.signup_known.astype(np.int64)]).astype(np.uint64)
    yield _changes(here, _mix(who, born[0], born[1]))
    for level in levels:
        labels = pl.Series(["", *level.labels], dtype=pl.String).hash(SEED).to_numpy()
        yield _changes(np.where(here, level.codes, -1), who, labels)
    if excluded is not None:
        yield _changes(excluded, who)
    yield _pauses(ctx, metric, who)
    read = sources_of(metric, ctx.rules)
    for source in sorted(read & set(facts.coverage)):
        yield _changes(ctx.known(source).mask[:, -len(facts.periods) :] & here, who)
    if "accounts" in read:
        contents = np.append(np.zeros(1, dtype=np.uint64), _hashed(facts.roster.snapshots))
        yield _changes(np.where(here, facts.roster.snapshot, -1), who, contents)
    if "contacts" in read:
        yield _always(ctx, facts.people)
    for source in sorted(read - {USAGE, "accounts"}):
        if source in facts.tables:
            yield _rows(ctx, facts.tables[source])


def _pauses(ctx: Context, metric: Metric, who: Hashes) -> Hashes:
    """By everything that a pause may call the metric; those of before the panel at the start."""
    found = np.zeros(len(ctx.ends), dtype=np.uint64)
    if ctx.pauses is None:
        return found
    for name in sorted(names_of((metric,), ctx.rules)):
        mask = ctx.pauses.mask(frozenset({name}))
        if mask is not None:
            told = _changes(mask, _mix(who, pl.Series([name]).hash(SEED).to_numpy()))
            lead = len(told) - len(found)
            told[lead] += told[:lead].sum()
            found += told[lead:]
    return found


def sources_of(metric: Metric, rules: RuleSet) -> frozenset[str]:
    """Every source that a metric may read."""
    found = set()
    for each in all_metrics([metric], rules):
        custom, spec = rules.metrics.get(each.name), METRICS.get(each.name)
        if custom is not None:
            found.add(custom.source)
            found |= {"accounts"} if custom.expression is not None else set()
            found |= {"contacts"} if custom.column in ("user_key", "user_id", "email") else set()
        elif spec is not None:
            found |= {spec.source, spec.instead, spec.beside}
            found |= {"contacts"} if any(s.column == "user_key" for s in usage_specs(each, rules)) else set()
    return frozenset(source for source in found if source is not None)


def _mix(*parts: Hashes) -> Hashes:
    """Well spread hashes of hashes side by side (splitmix64, Steele, Lea and Flood 2014)."""
    found = np.zeros(1, dtype=np.uint64)
    for part in parts:
        found = (found ^ part) + np.uint64(0x9E3779B97F4A7C15)
        found = (found ^ (found >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        found = (found ^ (found >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        found = found ^ (found >> np.uint64(31))
    return found


def _changes(cells: Bools | Codes, who: Hashes, contents: Hashes | None = None) -> Hashes:
    """[P] of cells [A, P]: sums over the accounts whose cell is not what it was the period before.

    Cells are true or false; or, with `contents`, codes from -1 on: contents[cell + 1] is what a cell says.
    """
    nothing = 0 if contents is None else -1
    row, column = np.nonzero(cells[:, 1:] != cells[:, :-1])
    opening = np.flatnonzero(cells[:, 0] != nothing)
    row, column = np.concatenate([opening, row]), np.concatenate([np.zeros_like(opening), column + 1])
    value = cells[row, column].astype(np.int64) - nothing
    told = value.astype(np.uint64) if contents is None else contents[value]
    return _binned(column, _mix(who[row], told), cells.shape[1])


def _binned(column: Ints, hashes: Hashes, periods: int) -> Hashes:
    """[P] sums of hashes, wrapping; columns outside are counted at the nearest end."""
    found = np.zeros(periods, dtype=np.uint64)
    np.add.at(found, np.clip(column, 0, periods - 1), hashes)
    return found


def _receipts(receipts: pl.DataFrame, ends: Ints) -> Iterator[Hashes]:
    at = first_seen_by(receipts["day"].to_numpy().astype(np.int64), ends)
    for name in ("rows", "lo", "hi"):
        yield _binned(at, receipts[name].to_numpy().astype(np.uint64), len(ends))


def _ids(ctx: Context, usage: UsageFacts) -> Hashes:
    """Whose the ids of the usage are: told when an id is first seen, and when it goes to another account."""
    cached = ctx.cache("ids", None)
    if isinstance(cached, np.ndarray):
        return cached
    seen = totals_by_id(first_days(usage.presence())).rename({"day": "seen"})
    seen = seen.with_columns(pl.col("raw_id").cast(pl.String))
    spans = ctx.facts.mapping.join(seen, on="raw_id", how="inner")
    whose = ("raw_id", "account_id")
    begins = spans.select(pl.max_horizontal("seen", "from_day").alias("day"), *whose, side=pl.lit(1))
    ends = spans.filter(pl.col("to_day").is_not_null()).select(
        pl.max_horizontal("seen", pl.col("to_day") + 1).alias("day"), *whose, side=pl.lit(0)
    )
    return ctx.keep("ids", None, _days(ctx, pl.concat([begins, ends])))


def _rows(ctx: Context, rows: pl.DataFrame) -> Hashes:
    """The rows of a small source, by the day they belong to; undated ones at the start."""
    return _days(ctx, rows) if "day" in rows.columns else _always(ctx, rows)


def _days(ctx: Context, rows: pl.DataFrame) -> Hashes:
    day = rows["day"].fill_null(0).to_numpy().astype(np.int64)
    return _binned(first_seen_by(day, ctx.ends), _hashed(rows), len(ctx.ends))


def _always(ctx: Context, rows: pl.DataFrame) -> Hashes:
    found = np.zeros(len(ctx.ends), dtype=np.uint64)
    found[0] = _hashed(rows).sum()
    return found


def _hashed(rows: pl.DataFrame) -> Hashes:
    return rows.hash_rows(SEED).to_numpy() if rows.height and rows.width else np.zeros(0, dtype=np.uint64)
