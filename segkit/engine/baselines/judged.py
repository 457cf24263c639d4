"""The baseline of a metric of the rules: what goes in, what comes out, and where no value can exist."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl
from msgspec import Struct
from msgspec.structs import replace

from segkit.engine.baselines.apply import enough, view
from segkit.engine.baselines.fingerprint import key_of, prints_of
from segkit.engine.baselines.fit import Level, levels_of, of_accounts
from segkit.engine.baselines.kept import Kept, Shelf
from segkit.engine.baselines.past import SPARE_WEEKS, Columns, Past
from segkit.engine.baselines.results import Baseline, Panel
from segkit.engine.baselines.rolling import trailing_mean
from segkit.engine.baselines.run import extend
from segkit.engine.baselines.settings import Settings
from segkit.engine.counting.context import Context
from segkit.engine.counting.values import Bools, Floats, Values
from segkit.engine.metrics.attributes import number_attribute, text_attribute
from segkit.periods import epoch_day
from segkit.ruleset.expr import Metric
from segkit.ruleset.spec import SpecKind

PERIOD_DAYS = {"day": 1.0, "week": 7.0, "month": 30.4375}


class Asked(Struct, frozen=True):
    """What a baseline is asked of: a metric, what it is like, and how far back it is seen from."""

    metric: Metric
    """Without its view."""
    kind: SpecKind
    additive: bool
    """Whether its window sums up what happens in each period."""
    window: int
    """Days."""
    lived: int
    """Days that must lie in the account's life."""
    shift: int = 0


class Judged(Struct, frozen=True):
    """[A, T] each, T the periods from place `first` on."""

    first: int
    found: Baseline
    settings: Settings
    levels: tuple[Level, ...]
    values: Values
    """The metric itself, null where its window is not wholly in the account's life."""
    unborn: Bools
    """No reference can exist: too little history, or the metric itself cannot be there."""
    small: Bools
    """The reference is zero or, of a count, under `min_volume` a week."""
    shown: Columns
    expected: Columns
    """Of the last half year, of `first` and before it: what people are shown of an account."""

    def view(self, name: str) -> Values:
        """`expected`, `vs_expected`, `z_score`, `vs_usual`, `peers` or `vs_peers`."""
        found = self.found
        short = self.unborn | self.small
        match name:
            case "vs_expected":
                return Values(found.vs_expected, short)
            case "vs_usual":
                return Values(found.vs_usual, short & np.isnan(found.vs_usual))
            case "z_score":
                # Without any noise to go by there can be no z yet.
                untold = ~np.isnan(found.vs_expected) & np.isnan(found.z_score)
                return Values(found.z_score, short | untold)
            case "expected":
                return Values(found.expected, self.unborn | (found.reference <= 0) & self.relative)
            case _:
                return self._peers(name)

    @property
    def relative(self) -> bool:
        return self.settings.mode == "ratio"

    def _peers(self, name: str) -> Values:
        """What the account would have had, had it changed as its peers did; and its distance from that."""
        found = self.found
        change = of_accounts(tuple(group.change for group in found.groups), self.levels, slice(None))
        alone = ~np.isnan(found.change) & np.isnan(change)
        if name == "peers":
            level = found.reference * np.exp(change) if self.relative else found.reference + change
            return Values(level, self.unborn | alone)
        beside = found.change - change
        shown = enough(beside, found.reference, self.settings)
        return Values(view(beside, shown, self.settings), self.unborn | self.small | alone)


def judge(ctx: Context, asked: Asked) -> Judged:
    """Over every account, and every period from that of the context on or more.

    The newest baseline is held, an older one forgotten. With a shelf only the periods are worked out that
    were not kept, or that something has changed in or before.
    """
    name = (asked.metric.base, asked.shift)
    cached = ctx.whole.cache("baseline", name)
    if isinstance(cached, Judged) and cached.first <= ctx.first:
        return cached
    ctx.whole.forget("baseline")
    settings = settings_of(ctx, asked)
    levels = peer_levels(ctx.whole, asked.shift)
    if ctx.shelf is None or asked.shift:
        found, _ = _judged(ctx.whole, asked, settings, levels, Past())
    else:
        found = _onward(ctx, ctx.shelf, asked, settings, levels)
    return ctx.whole.keep("baseline", name, found)


def _onward(
    ctx: Context, shelf: Shelf, asked: Asked, settings: Settings, levels: tuple[Level, ...]
) -> Judged:
    """From where the past that was kept is still the past; what is new is kept."""
    whole, first = ctx.whole, int(ctx.facts.periods[0])
    prints = prints_of(whole, asked.metric, levels, excluded(whole, asked))
    if prints is None:
        return _judged(whole, asked, settings, levels, Past())[0]
    key = key_of(whole, asked.metric, settings, levels)
    kept = shelf.get(asked.metric.base, key)
    valid = None if kept is None else kept.valid(prints, first, first + ctx.first)
    if kept is None or valid is None:
        since, past = 0, Past()
    else:
        since, past = valid + 1 - first, kept.of(ctx.accounts).back(kept.last - valid)
    found, after = _judged(ctx.from_period(since), asked, settings, levels, past)
    tail = prints[-settings.weeks(SPARE_WEEKS) - 1 :]
    last = first + len(prints) - 1
    shelf.put(asked.metric.base, key, Kept(last, tail, ctx.accounts, after))
    return found


def _judged(
    ctx: Context, asked: Asked, settings: Settings, levels: tuple[Level, ...], past: Past
) -> tuple[Judged, Past]:
    """The periods of the context on top of the past; `levels` are over every period."""
    now = ctx.measure(asked.metric, asked.shift)
    exact = now.value if now.at_least is None else np.where(now.at_least, np.nan, now.value)
    outside = ctx.life & ~ctx.on_roster(asked.lived, asked.shift)
    value = np.where(outside, np.nan, exact)
    left_out = excluded(ctx, asked)
    hidden = ctx.hidden(asked.metric, asked.shift)
    levels = tuple(replace(level, codes=level.codes[:, ctx.first :]) for level in levels)
    found, after = extend(past, Panel(value, _counts(ctx, asked), levels, left_out, hidden), settings)
    impossible = outside | now.missing | ~ctx.life
    lived = _lived(past, value, impossible, left_out)
    short = impossible | ~_remembered(past, lived, settings)
    with np.errstate(invalid="ignore"):
        weekly = found.reference * settings.per_week
        small = (found.reference <= 0) | (weekly < settings.min_volume)
    small &= settings.mode == "ratio"
    values = ctx.unpaused(asked.metric, Values(value, now.missing | outside, now.gap), asked.shift)
    after = after.having_lived(lived, settings)
    told = Judged(ctx.first, found, settings, levels, values, short, small, after.shown, after.expected)
    return told, after


def settings_of(ctx: Context, asked: Asked) -> Settings:
    """`min_volume` is about counts: a level or a price has no volume."""
    wanted = ctx.rules.baselines
    return Settings(
        window_days=asked.window,
        period_days=PERIOD_DAYS[ctx.facts.calendar.unit],
        mode="additive" if asked.kind in ("share", "score") else "ratio",
        min_volume=wanted.min_volume if asked.kind == "count" else 0.0,
        peer_excuse=wanted.peer_excuse,
    )


def _lived(past: Past, value: Floats, impossible: Bools, left_out: Bools | None) -> Floats:
    """[A, T] 1 where the window can be part of a reference, 0 where not; NaN before the first value."""
    begun = np.logical_or.accumulate(~np.isnan(value), axis=1) | past.begun(len(value))[:, None]
    possible = ~impossible if left_out is None else ~impossible & ~left_out
    return np.where(begun, possible.astype(np.float64), np.nan)


def _remembered(past: Past, lived: Floats, settings: Settings) -> Bools:
    """[A, T] half of the reference windows can be there: since the first value, lived, not left out."""
    history = past.lived.before(lived, slice(None))
    mean, _ = trailing_mean(
        np.where(history == 1, 1.0, np.nan),
        lived.shape[1],
        settings.recent,
        least=settings.recent / 2,
        step=settings.step,
        shift=settings.step,
    )
    return np.asarray(~np.isnan(mean))


def _counts(ctx: Context, asked: Asked) -> Floats | None:
    """[A, T] the counts per week or day that the metric sums up; None where there are none to cap."""
    days = {"week": 7, "day": 1}.get(ctx.facts.calendar.unit)
    if not asked.additive or days is None:
        return None
    custom = ctx.rules.metrics.get(asked.metric.name)
    if custom is None:
        return ctx.measure(replace(asked.metric, window=days), asked.shift).value
    shorter = {**ctx.rules.metrics, custom.name: replace(custom, window=days)}
    alone = Context(replace(ctx.rules, metrics=shorter), ctx.facts, ctx.computes, ctx.first)
    return alone.measure(asked.metric, asked.shift).value


def excluded(ctx: Context, asked: Asked) -> Bools | None:
    """[A, T] the window holds days that the rules leave out of history; None where there are none."""
    spans = ctx.rules.baselines.exclude_history
    if not spans:
        return None
    found = np.zeros(ctx.shape, dtype=bool)
    place = {account: row for row, account in enumerate(ctx.accounts)}
    last = ctx.ends - asked.shift
    for span in spans:
        if span.account in place:
            inside = (last >= epoch_day(span.first)) & (last - asked.window < epoch_day(span.last))
            found[place[span.account]] |= inside
    return found


def peer_levels(ctx: Context, shift: int = 0) -> tuple[Level, ...]:
    """The peer groups of the rules by the attributes of each period: industry, industry × region …"""
    cached = ctx.cache("peers", shift)
    if isinstance(cached, tuple):
        return cached
    coded = [_coded(ctx, name, shift) for name in ctx.rules.peers]
    levels = levels_of(tuple(ctx.rules.peers), tuple(c for c, _ in coded), tuple(t for _, t in coded))
    return ctx.keep("peers", shift, levels)


def _coded(ctx: Context, name: str, shift: int) -> tuple[npt.NDArray[np.int32], tuple[str, ...]]:
    """[A, T] codes of an attribute into its different values; -1 for an empty one."""
    snapshots = ctx.facts.roster.snapshots
    if name not in snapshots.columns or snapshots[name].dtype == pl.String:
        texts = text_attribute(ctx, name, shift)
        return texts.codes, texts.labels
    values = number_attribute(ctx, name, shift).value
    known = ~np.isnan(values)
    different = np.unique(values[known])
    codes = np.where(known, np.searchsorted(different, values), -1).astype(np.int32)
    return codes, _labels(snapshots[name].dtype, different.tolist())


def _labels(kind: pl.DataType, values: Sequence[float]) -> tuple[str, ...]:
    if kind == pl.Date:
        return tuple(str(day) for day in pl.Series(values).cast(pl.Int32).cast(pl.Date))
    return tuple(("no", "yes")[int(value)] if kind == pl.Boolean else f"{value:g}" for value in values)
