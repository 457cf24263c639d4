"""The baseline of one account and one metric, period by period."""

from __future__ import annotations

import numpy as np
import polars as pl
from msgspec.structs import replace

from segkit.engine.baselines.apply import BASES, FIRST_PEERS
from segkit.engine.baselines.fit import Level, of_accounts
from segkit.engine.baselines.groups import VERDICTS, excused
from segkit.engine.baselines.judged import Judged
from segkit.engine.baselines.standing import EVERYBODY
from segkit.engine.counting.context import Context
from segkit.engine.counting.values import Floats, rounded
from segkit.engine.metrics.registry import context_of
from segkit.engine.pauses import names_of
from segkit.engine.views import judged
from segkit.facts.types import Facts
from segkit.ruleset.expr import Metric
from segkit.ruleset.model import RuleSet

BAND = 1.5
"""Standard deviations on either side: where the shipped rules begin to ask."""


def baseline_series(rules: RuleSet, facts: Facts, account: str, metric: Metric) -> pl.DataFrame:
    """One row per period of the facts in which the account was on the roster.

    as_of, paused (from when until when, and why), value, expected, low, high, vs_expected, z_score, vs_usual,
    reference, peers_excuse, own_excuse, basis, confidence, peers, peer_count, group_verdict,
    usual_is_expected. Changes and excuses are shares; of scores and shares they are differences in the
    metric's own unit. Raises: KeyError for an account that is none.
    """
    row = {name: place for place, name in enumerate(facts.roster.accounts)}[account]
    ctx = context_of(rules, facts)
    found = judged(ctx, metric)
    frame = pl.DataFrame(
        {
            "as_of": pl.Series([facts.calendar.end(int(p)) for p in facts.periods], dtype=pl.Date),
            "paused": pl.Series(_pauses(ctx, metric, row), dtype=pl.String),
            **_numbers(found, row),
            **_words(found, row),
        }
    )
    return frame.filter(pl.Series(ctx.life[row]))


def _pauses(ctx: Context, metric: Metric, row: int) -> list[str | None]:
    periods = ctx.shape[1]
    if ctx.pauses is None:
        return [None] * periods
    return ctx.pauses.told(names_of((metric,), ctx.rules), row)[-periods:]


def _numbers(judged: Judged, row: int) -> dict[str, pl.Series]:
    found, rows = judged.found, slice(row, row + 1)
    excuse = tuple(np.nan_to_num(excused(group, judged.settings)) for group in found.groups)
    peers = of_accounts(excuse, _only(judged, row), slice(None))[0]
    expected, reference, sigma = found.expected[rows][0], found.reference[rows][0], found.sigma[rows][0]
    if judged.relative:
        with np.errstate(divide="ignore", invalid="ignore"):
            own = expected / (reference * np.exp(peers)) - 1
            low, high = expected * np.exp(-BAND * sigma), expected * np.exp(BAND * sigma)
        shown = np.expm1(peers)
    else:
        own, shown = expected - reference - peers, peers
        low, high = expected - BAND * sigma, expected + BAND * sigma
    told = ~np.isnan(expected)
    return {
        "value": _series(judged.values.value[row]),
        "expected": _series(expected),
        "low": _series(low),
        "high": _series(high),
        "vs_expected": _series(judged.view("vs_expected").value[row]),
        "z_score": _series(judged.view("z_score").value[row]),
        "vs_usual": _series(judged.view("vs_usual").value[row]),
        "reference": _series(reference),
        "peers_excuse": _series(np.where(told, shown, np.nan)),
        "own_excuse": _series(np.where(told, np.where(np.abs(own) < 1e-9, 0.0, own), np.nan)),
    }


def _words(judged: Judged, row: int) -> dict[str, pl.Series]:
    found = judged.found
    basis = found.basis[row]
    peered = basis >= FIRST_PEERS
    group = np.full(len(basis), EVERYBODY, dtype=object)
    verdict = found.groups[0].verdict[0].copy()
    for level, view in zip(judged.levels, found.groups[1:], strict=True):
        codes = level.codes[row]
        known = np.flatnonzero(codes >= 0)
        group[known] = np.array(level.labels, dtype=object)[codes[known]]
        verdict[known] = view.verdict[codes[known], known]
    return {
        "basis": pl.Series([BASES[code] for code in basis], dtype=pl.String),
        "confidence": pl.Series(
            ["first_season" if young else None for young in found.first_season[row]], dtype=pl.String
        ),
        "peers": pl.Series([g if p else None for g, p in zip(group, peered, strict=True)], dtype=pl.String),
        "peer_count": pl.Series(found.peers[row], dtype=pl.Int64),
        "group_verdict": pl.Series([VERDICTS[v] for v in verdict], dtype=pl.String),
        "usual_is_expected": pl.Series(found.usual_is_expected[row]),
    }


def _only(judged: Judged, row: int) -> tuple[Level, ...]:
    """The levels with the codes of one account."""
    return tuple(replace(level, codes=level.codes[row : row + 1]) for level in judged.levels)


def _series(values: Floats) -> pl.Series:
    return pl.Series(rounded(values) + 0.0, dtype=pl.Float64, nan_to_null=True)
