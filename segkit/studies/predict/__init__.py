"""How likely is it that an account leaves (or expands, or escalates) within 30, 60, 90 days?

A rate by segment and time in it against a model, both judged on weeks that neither has seen. The model is
used only where it is shown to be better.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from msgspec import Struct

from segkit.studies.evaluate.history import Dated, History, Ints, Lives
from segkit.studies.evaluate.numbers import FEW
from segkit.studies.evaluate.rates import Share
from segkit.studies.predict.baseline import Baseline, cells, learn
from segkit.studies.predict.examples import Examples, Floats, Scale, examples
from segkit.studies.predict.model import Model, corrected, fit

__all__ = ["HORIZONS", "Foretold", "Judged", "predict"]

HORIZONS = (30, 60, 90)
LEARN, CORRECT = 0.50, 0.65
"""Shares of the landmarks up to which is learned, and then corrected; the rest, after a gap, judges."""
ENOUGH = 30
"""Events to learn from, under which no model is tried."""
RESAMPLES, LOWEST = 999, 0.05
BINS = 5
REASONS = 3


class Bin(Struct, frozen=True):
    """Accounts of about one probability: what was foretold on average, and what happened."""

    foretold: float
    happened: Share


class Judged(Struct, frozen=True):
    """Both on examples that neither has seen. Errors are mean squares (Brier); skill is over the baseline."""

    learned_events: int
    examples: int
    events: int
    baseline: float
    one_rate: float
    """The error of one rate for all."""
    model: float | None
    skill: float | None
    skill_low: float | None
    """Lower end of a 90 % interval over resamples of accounts."""
    bins: tuple[Bin, ...]
    """Of whichever is used."""
    called: Share
    """Of the most endangered at each landmark, as many as can be called: to how many it happened."""


class Foretold(Struct, frozen=True):
    days: int
    method: str
    """model or baseline"""
    why: str
    judged: Judged
    probability: Floats
    """[A] at the last period; NaN for who is not there, or has given notice."""
    reasons: tuple[str, ...]
    """[A] what speaks most for it."""


def predict(
    history: History,
    lives: Lives,
    event: Dated,
    values: Mapping[str, Floats],
    days: int,
    calls: int,
) -> Foretold:
    """values: name -> [A, T], NaN for unknown, as known at the end of each period. `calls`: per landmark."""
    cell, labels = cells(history), len(history.labels)
    known = examples(history, lives, event, days)
    at = _Split.of(known, history.ends, days)
    base = learn(cell, at.seen, labels)
    guess = base.rate[cell[at.judge.account, at.judge.period]]
    model, learned = _model(values, at), int(at.learn.happened.sum())
    by_model = None if model is None else model(model.scale(_at(values, at.judge)))
    method, why, figures = _judge(at.judge, guess, by_model, at.seen, learned, calls)
    last = len(history.ends) - 1
    here = np.flatnonzero(lives.alive(history, last))
    now = Examples(here, np.full(len(here), last), np.zeros(len(here), bool))
    probability = np.full(len(history.code), np.nan)
    reasons = [""] * len(history.code)
    final = learn(cell, known, labels)
    anew = _anew(values, known, history.ends) if method == "model" else None
    if anew is not None:
        x = anew.scale(_at(values, now))
        probability[here] = anew(x)
        told = _reasons(anew, x, _at(values, now))
    else:
        mine = cell[here, last]
        probability[here] = final.rate[mine]
        told = [_plain(final, int(each), history.labels) for each in mine]
    for account, text in zip(here.tolist(), told, strict=True):
        reasons[account] = text
    return Foretold(days, method, why, figures, probability, tuple(reasons))


class _Split(Struct, frozen=True):
    learn: Examples
    correct: Examples
    judge: Examples

    @classmethod
    def of(cls, known: Examples, ends: Ints, days: int) -> _Split:
        """In time; what is judged lies a whole horizon behind all that anything was learned from."""
        periods = np.unique(known.period)
        day = ends[known.period]
        if len(periods) < 4:
            none = known.within(np.zeros(len(day), bool))
            return cls(none, none, none)
        cut, stop = (int(ends[periods[int(len(periods) * share) - 1]]) for share in (LEARN, CORRECT))
        first, then = day <= cut, (day > cut) & (day <= stop)
        return cls(known.within(first), known.within(then), known.within(day > stop + days))

    @property
    def seen(self) -> Examples:
        parts = (self.learn, self.correct)
        joined = (np.concatenate([getattr(p, n) for p in parts]) for n in ("account", "period", "happened"))
        return Examples(*joined)


def _at(values: Mapping[str, Floats], rows: Examples) -> dict[str, Floats]:
    return {name: column[rows.account, rows.period] for name, column in values.items()}


def _model(values: Mapping[str, Floats], at: _Split) -> Model | None:
    if int(at.learn.happened.sum()) < ENOUGH:
        return None
    mine = _at(values, at.learn)
    scale = Scale.of(mine)
    found = fit(scale, scale(mine), at.learn.happened)
    return corrected(found, scale(_at(values, at.correct)), at.correct.happened)


def _anew(values: Mapping[str, Floats], known: Examples, ends: Ints) -> Model:
    """The same recipe on all that is known: learned on the first three quarters, corrected on the last."""
    periods = np.unique(known.period)
    cut = int(ends[periods[int(len(periods) * 0.75) - 1]])
    early = ends[known.period] <= cut
    none = known.within(np.zeros(len(early), bool))
    found = _model(values, _Split(known.within(early), known.within(~early), none))
    assert found is not None, "there is more to learn from than when it was judged"
    return found


def _judge(
    rows: Examples, guess: Floats, by_model: Floats | None, seen: Examples, learned: int, calls: int
) -> tuple[str, str, Judged]:
    happened, events = rows.happened, int(rows.happened.sum())
    one = float(seen.happened.mean()) if len(seen.happened) else 0.0
    errors = (guess - happened) ** 2
    base, single = (float(each.mean()) if len(happened) else 0.0 for each in (errors, (one - happened) ** 2))
    skill = low = error = None
    method, used = "baseline", guess
    if by_model is None:
        why = f"only {learned} events to learn from; a model needs {ENOUGH}"
    elif events < FEW:
        why = f"only {events} events to judge a model by"
    else:
        better = errors - (by_model - happened) ** 2
        error, skill = base - float(better.mean()), float(better.mean()) / base
        low = _low(rows.account, better) / base
        why = "the model is not shown to beat it on weeks that neither had seen"
        if low > 0:
            method, used, why = (
                "model",
                by_model,
                "it beats the rate by segment on weeks that neither had seen",
            )
    called = _called(rows, used, calls)
    return method, why, Judged(
        learned, len(happened), events, base, single, error, skill, low, _bins(used, rows), called
    )  # fmt: skip


def _low(account: Ints, better: Floats) -> float:
    """Lower end of the 90 % interval of the mean, over resamples of accounts."""
    names, place = np.unique(account, return_inverse=True)
    sums = np.bincount(place.reshape(-1), weights=better)
    sizes = np.bincount(place.reshape(-1)).astype(np.float64)
    rng = np.random.Generator(np.random.PCG64(6))
    drawn = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), RESAMPLES).astype(np.float64)
    return float(np.quantile((drawn @ sums) / (drawn @ sizes), LOWEST))


def _bins(foretold: Floats, rows: Examples) -> tuple[Bin, ...]:
    """By rank, each with about as many accounts."""
    order = np.argsort(foretold, kind="stable")
    return tuple(
        Bin(float(foretold[part].mean()), Share.of(int(rows.happened[part].sum()), len(part)))
        for part in np.array_split(order, BINS)
        if len(part)
    )


def _called(rows: Examples, foretold: Floats, calls: int) -> Share:
    right = made = 0
    for period in np.unique(rows.period):
        here = np.flatnonzero(rows.period == period)
        best = here[np.lexsort((rows.account[here], -foretold[here]))][:calls]
        right, made = right + int(rows.happened[best].sum()), made + len(best)
    return Share.of(right, made)


def _reasons(model: Model, x: Floats, values: Mapping[str, Floats]) -> list[str]:
    """What raises each probability most above that of an account in the middle of everything."""
    parts = x * model.weights * model.slope
    names = model.scale.columns
    found = []
    for row, mine in enumerate(parts):
        best = [at for at in np.argsort(-mine, kind="stable")[:REASONS].tolist() if mine[at] > 0.05]
        found.append("; ".join(_reason(names[at], values, row) for at in best) or "nothing stands out")
    return found


def _reason(name: str, values: Mapping[str, Floats], row: int) -> str:
    if name not in values:
        return name
    return name if name.startswith("is ") else f"{name} {values[name][row]:.3g}"


def _plain(base: Baseline, cell: int, labels: Sequence[str]) -> str:
    return base.said(cell, labels)
