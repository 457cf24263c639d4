"""The baseline of one metric: over a whole panel, or one more period on top of what is known of the past.

Both are the same steps; a whole panel has no past. Every figure rests on fixed sets of values before it, so
that both agree bit for bit, and nothing looks ahead.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from segkit.engine.baselines import apply
from segkit.engine.baselines.fit import Level, bucket_noise, environment, of_accounts
from segkit.engine.baselines.groups import GroupPast, GroupView, excused, group_view, today
from segkit.engine.baselines.past import Past, keep
from segkit.engine.baselines.references import cap_values, compare
from segkit.engine.baselines.results import Baseline, Panel
from segkit.engine.baselines.rolling import without
from segkit.engine.baselines.settings import Settings
from segkit.engine.counting.values import Floats

THREADS = 2
BLOCK = 2048
"""Accounts worked on at a time: what they need stays in the processor's cache."""


class _Side(Struct, frozen=True):
    """What either reference, recent or usual, gives; [A, n] each."""

    reference: Floats
    change: Floats
    beside: Floats
    lr: Floats
    years: npt.NDArray[np.int8]
    groups: tuple[GroupView, ...]
    pasts: tuple[GroupPast, ...]


def baseline(panel: Panel, settings: Settings) -> tuple[Baseline, Past]:
    """Every period of the panel, and what the next one will need."""
    return extend(Past(), panel, settings)


def extend(past: Past, panel: Panel, settings: Settings) -> tuple[Baseline, Past]:
    """The newest periods on top of the past; equal, bit for bit, to the last columns of the whole panel."""
    shape = panel.values.shape
    values = np.empty(shape)

    def cap(rows: slice) -> None:
        values[rows] = _capped(past, panel, rows, settings)

    _each(cap, shape[0])
    vs_usual, beside_usual, groups_usual = _usual(past, panel, values, settings)
    recent = _side(past, panel, values, settings, usual=False)
    noise = _noise(past, panel, recent, settings)
    told = (values, recent.beside, beside_usual, recent.lr)
    after = keep(past, panel.counts, told, panel.excluded, settings)
    after = after.with_groups(recent.pasts, groups_usual)
    found = _judged(recent, vs_usual, noise, panel.levels, settings)
    return found, after.having_shown(without(panel.values, panel.paused), found.expected, settings)


def _usual(
    past: Past, panel: Panel, values: Floats, settings: Settings
) -> tuple[Floats, Floats, tuple[GroupPast, ...]]:
    """vs_usual (NaN where the usual reference tells too little) and P, [A, n]; the pasts of the groups."""
    side = _side(past, panel, values, settings, usual=True)
    vs_usual = np.empty(values.shape)

    def show(rows: slice) -> None:
        lr = side.lr[rows]
        vs_usual[rows] = apply.view(lr, apply.enough(lr, side.reference[rows], settings), settings)

    _each(show, len(values))
    return vs_usual, side.beside, side.pasts


def _each(work: Callable[[slice], None], accounts: int) -> None:
    """Blocks of accounts side by side; each writes rows of its own, so that threads change no bit."""
    blocks = [slice(first, min(first + BLOCK, accounts)) for first in range(0, accounts, BLOCK)]
    if len(blocks) == 1:
        work(blocks[0])
        return
    with ThreadPoolExecutor(THREADS) as pool:
        for _ in pool.map(work, blocks):
            pass


def _capped(past: Past, panel: Panel, rows: slice, settings: Settings) -> Floats:
    if panel.counts is None or settings.mode == "additive":
        return panel.values[rows]
    counts = past.counts.before(panel.counts[rows], rows)
    return cap_values(panel.values[rows], counts, settings)


def _side(past: Past, panel: Panel, values: Floats, settings: Settings, *, usual: bool) -> _Side:
    """Reference, D, M, P, own change and LR against the recent or the usual reference."""
    shape = values.shape
    reference, change, beside, lr = (np.empty(shape) for _ in range(4))
    years = np.empty(shape, dtype=np.int8)
    windows = settings.usual if usual else settings.recent
    before = past.beside_usual if usual else past.beside_recent

    def refer(rows: slice) -> None:
        history = past.values.before(without(values[rows], panel.excluded, rows), rows)
        found = compare(without(values[rows], panel.paused, rows), history, windows, settings)
        reference[rows], change[rows] = found.reference, found.change

    _each(refer, shape[0])
    rooms = environment(change, panel.levels, panel.excluded)
    labels = [("all",), *(level.labels for level in panel.levels)]
    pasts = today(past.groups_usual if usual else past.groups_recent, panel.levels)
    views = [group_view(*each, settings) for each in zip(rooms, labels, pasts, strict=True)]
    excuse = tuple(np.nan_to_num(excused(view, settings)) for view, _ in views)

    def excuse_own(rows: slice) -> None:
        beside[rows] = change[rows] - of_accounts(excuse, panel.levels, rows)
        history = before.before(without(beside[rows], panel.excluded, rows), rows)
        own, years[rows] = apply.own_change(history, shape[1], settings)
        lr[rows] = apply.deviation(beside[rows], own)

    _each(excuse_own, shape[0])
    groups, after = tuple(view for view, _ in views), tuple(kept for _, kept in views)
    return _Side(reference, change, beside, lr, years, groups, after)


def _noise(past: Past, panel: Panel, recent: _Side, settings: Settings) -> Floats:
    """Sigma [A, n]."""
    shape = recent.lr.shape
    noise, number = np.empty(shape), np.empty(shape)

    def own(rows: slice) -> None:
        history = past.lr.before(without(recent.lr[rows], panel.excluded, rows), rows)
        noise[rows], number[rows] = apply.own_noise(history, shape[1], settings)

    _each(own, shape[0])
    weekly = None if settings.mode == "additive" else recent.reference * settings.per_week
    bucket = bucket_noise(noise, number, weekly)

    def mix(rows: slice) -> None:
        noise[rows] = apply.sigma(noise[rows], number[rows], bucket[rows], settings)

    _each(mix, shape[0])
    return noise


def _judged(
    recent: _Side, vs_usual: Floats, noise: Floats, levels: tuple[Level, ...], settings: Settings
) -> Baseline:
    shape = noise.shape
    vs_expected, expected, z_score = (np.empty(shape) for _ in range(3))
    borrowed, young = np.empty(shape, dtype=bool), np.empty(shape, dtype=bool)
    basis, peers = np.empty(shape, dtype=np.int8), np.empty(shape, dtype=np.int32)
    heard = ~np.isnan(recent.groups[0].change[0]) & (settings.peer_excuse != "off")
    sizes = tuple(view.size * heard for view in recent.groups)

    def judge(rows: slice) -> None:
        lr, reference = recent.lr[rows], recent.reference[rows]
        shown = apply.enough(lr, reference, settings)
        vs_expected[rows] = apply.view(lr, shown, settings)
        expected[rows] = apply.expected(recent.change[rows], lr, reference, settings)
        with np.errstate(invalid="ignore"):
            z_score[rows] = np.where(shown, lr / noise[rows], np.nan)
        borrowed[rows] = np.isnan(vs_usual[rows]) & shown
        vs_usual[rows] = np.where(np.isnan(vs_usual[rows]), vs_expected[rows], vs_usual[rows])
        basis[rows] = apply.bases(lr, heard[None, :], recent.years[rows])
        young[rows] = ~np.isnan(lr) & (recent.years[rows] == 0)
        peers[rows] = of_accounts(sizes, levels, rows)

    _each(judge, shape[0])
    return Baseline(
        vs_expected=vs_expected,
        expected=expected,
        z_score=z_score,
        vs_usual=vs_usual,
        usual_is_expected=borrowed,
        basis=basis,
        first_season=young,
        peers=peers,
        sigma=noise,
        reference=recent.reference,
        change=recent.change,
        groups=recent.groups,
    )
