"""What the study counts: alarms of a rule against the simulator's truth. [A, W] on weeks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.baselines.world import NEVER, World
from segkit.engine.counting.values import Bools, Ints

MATURE = 68


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule's answer in each week, and the membership that follows from it."""

    flag: Bools
    member: Bools


@dataclass(frozen=True, slots=True)
class Counted:
    entry_per_dip: float
    dip_weeks: float
    episodes: float
    flips: float
    bounces: float
    recall: float
    delay: float
    held: float
    held_all: float
    leave: float
    fpr: float
    fpr_dip: float
    fpr_small: float
    fpr_rare: float
    fpr_own: float
    recall_small: float
    recall_rare: float


def share(part: Bools, of: Bools) -> float:
    return float(part[of].sum() / max(of.sum(), 1))


def compare_rules(there: World, rule: Rule, since: int) -> Counted:
    """Regular accounts of at least 68 weeks, from week `since` on, unless the name says otherwise."""
    week = np.arange(there.seen.shape[1])[None, :]
    mature = (there.tenure >= MATURE) & (week >= since)
    regular, healthy = there.regular[:, None] & mature, there.healthy & mature
    small, rare = (there.sim.volume[:, None] == kind for kind in (1, 2))
    entered = _turns(rule.member, True)
    turned = entered | _turns(rule.member, False)
    good = healthy & regular
    years = good.sum() / 52
    per_dip = _per_dip(there.dip & good, rule.member, entered)
    recall, delay = caught(there, rule, there.regular, since)
    held, held_all = _held(there, rule, since)
    own = np.asarray(there.sim.truth["own_dip_week"].is_not_null())[:, None] & there.dip & good
    return Counted(
        entry_per_dip=per_dip,
        dip_weeks=share(rule.member, there.dip & good),
        episodes=float((entered & good).sum() / years),
        flips=float((turned & regular).sum() / (regular.sum() / 52)),
        bounces=float(_bounces(turned & regular) / (regular.sum() / 52)),
        recall=recall,
        delay=delay,
        held=held,
        held_all=held_all,
        leave=_leaves(there, rule, since),
        fpr=share(rule.flag, good),
        fpr_dip=share(rule.flag, there.dip & good),
        fpr_small=share(rule.flag, healthy & small),
        fpr_rare=share(rule.flag, healthy & rare),
        fpr_own=share(rule.flag, own),
        recall_small=caught(there, rule, small[:, 0], since)[0],
        recall_rare=caught(there, rule, rare[:, 0], since)[0],
    )


def _turns(member: Bools, into: bool) -> Bools:
    turned = np.zeros_like(member)
    turned[:, 1:] = (member[:, 1:] != member[:, :-1]) & (member[:, 1:] == into)
    return turned


def _bounces(turned: Bools) -> int:
    """Two turns of an account at most four weeks apart."""
    account, week = np.nonzero(turned)
    return int(((np.diff(account) == 0) & (np.diff(week) <= 4)).sum())


def _per_dip(dip: Bools, member: Bools, entered: Bools) -> float:
    """Share of the dips (weeks in a row) of accounts that were out before, in which an account entered."""
    before = np.concatenate([np.zeros((len(dip), 1), dtype=bool), dip[:, :-1]], axis=1)
    starts = dip & ~before
    inside = np.concatenate([np.zeros((len(dip), 1), dtype=bool), member[:, :-1]], axis=1)
    number = np.cumsum(starts.ravel()).reshape(dip.shape)
    hit = np.zeros(int(starts.sum()) + 1, dtype=bool)
    hit[number[dip & entered]] = True
    counted = np.zeros(len(hit), dtype=bool)
    counted[number[starts & ~inside]] = True
    return float((hit & counted).sum() / max(counted.sum(), 1))


def _fallen(there: World, kind: Bools, since: int, weeks: int) -> Ints:
    """Accounts of a kind that fell at 68 weeks or later and lived on for `weeks`."""
    at = np.minimum(there.fell, there.seen.shape[1] - 1)
    rows = np.arange(len(at))
    last = np.minimum(at + weeks, there.seen.shape[1] - 1)
    there_still = there.alive[rows, last] & (there.fell + weeks < there.seen.shape[1])
    old = (there.tenure[rows, at] >= MATURE) & (there.fell >= since)
    return np.flatnonzero(kind & there_still & old & (there.fell < NEVER))


def caught(there: World, rule: Rule, kind: Bools, since: int) -> tuple[float, float]:
    """(share at_risk within 12 weeks of the fall, mean weeks from the fall to it)."""
    who = _fallen(there, kind, since, 12)
    after = rule.member[who[:, None], there.fell[who][:, None] + np.arange(13)]
    found = after.any(axis=1)
    return float(found.mean()), float(after.argmax(axis=1)[found].mean())


def _held(there: World, rule: Rule, since: int) -> tuple[float, float]:
    """Of accounts that stay down: at_risk at 20 weeks, of those caught within 12, and of all."""
    who = _fallen(there, there.regular & (there.back >= NEVER), since, 20)
    after = rule.member[who[:, None], there.fell[who][:, None] + np.arange(21)]
    found = after[:, :13].any(axis=1)
    return float(after[found, 20].mean()), float(after[:, 20].mean())


def _leaves(there: World, rule: Rule, since: int) -> float:
    """Mean weeks from the true recovery to the exit, of those at_risk when they recover; all volumes."""
    width = there.seen.shape[1]
    kind = (there.back < width - 20) & (there.fell >= since)
    who = np.flatnonzero(
        kind & (there.tenure[np.arange(len(kind)), np.minimum(there.back, width - 1)] >= MATURE)
    )
    who = who[rule.member[who, there.back[who]]]
    out = ~rule.member[who[:, None], there.back[who][:, None] + np.arange(20)]
    return float(np.where(out.any(axis=1), out.argmax(axis=1), 20).mean())


def early(there: World, rule: Rule) -> float:
    """Share of the dip weeks of healthy regular accounts of 16 to 68 weeks that are flagged."""
    young = (there.tenure >= 16) & (there.tenure < MATURE) & (there.first > 0)[:, None]
    return share(rule.flag, there.healthy & there.dip & young & there.regular[:, None])
