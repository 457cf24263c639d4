"""Do the segments tell who leaves? Decisions joined to outcomes strictly later than the period decided.

Everything is a pure function of two small values: what was decided (`History`) and what happened (`Lives`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from segkit.periods import from_epoch_day
from segkit.studies.evaluate.advice import advice
from segkit.studies.evaluate.association import association_p, counts, cramers_v
from segkit.studies.evaluate.doings import Doings, answered, overridden
from segkit.studies.evaluate.history import Bools, Dated, History, Lives, once
from segkit.studies.evaluate.kpis import by_segment as entered_by_segment
from segkit.studies.evaluate.kpis import quarters
from segkit.studies.evaluate.landmarks import (
    ACTIONABLE,
    GAP,
    HORIZON,
    Followed,
    Rows,
    follow,
    landmarks,
    look_ahead,
)
from segkit.studies.evaluate.numbers import ENOUGH_FOR_P
from segkit.studies.evaluate.rates import Share, by_segment, split_by
from segkit.studies.evaluate.result import (
    Association,
    Evaluation,
    Refusal,
    Stayed,
    Together,
    Window,
    as_data,
)
from segkit.studies.evaluate.risk import at_landmarks, capacity, episodes, lead
from segkit.studies.evaluate.stability import drift, stability
from segkit.studies.evaluate.survival import kaplan_meier, log_rank
from segkit.studies.evaluate.worth import calibration, money

__all__ = [
    "Dated",
    "Doings",
    "Evaluation",
    "History",
    "Lives",
    "as_data",
    "evaluate",
    "once",
    "refusal",
]

TOLD = (4, 8, 13)
"""Weeks after a landmark at which survival is told."""
EXPORT = "export accounts that have left, too: each with its churned_at, or a row of kind churned in outcomes"


def evaluate(
    history: History,
    lives: Lives,
    rostered: Bools,
    risk: Sequence[str],
    *,
    per_period: int | None = None,
    strangers: int = 0,
    doings: Doings | None = None,
) -> Evaluation:
    """rostered [A, T]: on the roster, known or not. `risk`: segments that are meant to show who leaves.

    `strangers`: accounts that usage names and no roster knows. `doings`: what people did about accounts.
    """
    doings = doings or Doings()
    codes = [history.labels.index(name) for name in risk if name in history.labels]
    churned = int((lives.churned.day > history.ends[0]).sum())
    refused = refusal(churned, strangers)
    places = () if refused else landmarks(history.ends, lives.until)
    if refused is None and not places:
        refused = _too_short(history)
    told = refused is None
    windows = tuple(_window(history, lives, risk, codes, gap) for gap in (GAP, ACTIONABLE)) if told else ()
    rows = look_ahead(history, lives, places)
    followed = follow(history, lives, places)
    return Evaluation(
        labels=history.labels,
        risk=tuple(risk),
        refused=refused,
        churned=churned,
        windows=windows,
        survival=_survival(history, followed),
        log_rank=_together(followed),
        association=_association(rows) if told else None,
        episodes=episodes(history, lives, codes) if told and codes else None,
        lead=lead(history, lives, codes) if told and codes else None,
        capacity=capacity(history, lives, codes, per_period) if told and codes and per_period else None,
        stability=stability(history, rostered),
        drift=drift(history),
        advice=advice(history, rows, windows[0].segments, risk) if told else (),
        money=money(rows, lives, codes) if told and codes else None,
        calibration=calibration(rows, history.labels) if told else None,
        overridden=overridden(doings, lives) if told else None,
        answered=answered(history, lives, doings, codes) if told and codes else None,
        quarters=quarters(history, lives, doings, codes) if told and codes else (),
        entered=entered_by_segment(history, lives, doings, codes) if told and codes else (),
    )


def refusal(churned: int, strangers: int) -> Refusal | None:
    """Where those who left are missing, every rate would be one of survivors."""
    if churned == 0:
        return Refusal("no account is known to have left: these are survivors only", EXPORT)
    if strangers > churned:
        unlisted = f"usage names {strangers} accounts that no list of accounts knows"
        why = f"{unlisted}, and only {churned} are known to have left: those who left may be missing"
        return Refusal(why, EXPORT)
    return None


def _too_short(history: History) -> Refusal:
    ready = from_epoch_day(int(history.ends[0]) + 7 * (GAP + HORIZON))
    why = f"outcomes are not known for {GAP + HORIZON} weeks after any decided period"
    return Refusal(why, f"the first figures can be told when outcomes reach to {ready}")


def _window(history: History, lives: Lives, risk: Sequence[str], codes: Sequence[int], gap: int) -> Window:
    places = landmarks(history.ends, lives.until, gap)
    rows = look_ahead(history, lives, places, gap)
    marked = np.isin(rows.segment, np.asarray(codes, np.int64))
    return Window(
        gap_weeks=gap,
        horizon_weeks=HORIZON,
        landmarks=tuple(from_epoch_day(int(history.ends[place])) for place in places),
        in_gap=rows.in_gap,
        vanished=rows.vanished,
        set_aside=rows.set_aside,
        everybody=Share.of(int(rows.left.sum()), len(rows.left)),
        segments=by_segment(rows, history.labels),
        risk=split_by(rows, marked, ", ".join(risk)) if codes and len(rows.left) else None,
        marked=at_landmarks(rows, codes) if codes else None,
    )


def _survival(history: History, followed: Followed) -> tuple[Stayed, ...]:
    found = []
    for code, name in enumerate(history.labels):
        here = followed.segment == code
        if not here.any():
            continue
        curve = kaplan_meier(followed.days[here], followed.left[here]).until()
        enough = followed.days[here]
        weeks = [week for week in TOLD if (enough >= 7 * week).sum() >= 10]
        steps = zip(
            curve.time.tolist(),
            curve.at_risk.tolist(),
            curve.events.tolist(),
            curve.survival.tolist(),
            curve.low.tolist(),
            curve.high.tolist(),
            strict=True,
        )
        found.append(
            Stayed(
                name,
                int(here.sum()),
                int(followed.left[here].sum()),
                tuple((week, *curve.at(7 * week)) for week in weeks),
                tuple(steps),
            )
        )
    return tuple(found)


def _together(followed: Followed) -> Together | None:
    found = log_rank(followed.days, followed.left, followed.segment, followed.landmark)
    if found is None:
        return None
    enough = int(followed.left.sum()) >= ENOUGH_FOR_P
    return Together(found.statistic, found.df, found.p if enough else None)


def _association(rows: Rows) -> Association | None:
    if len(rows.left) < 2:
        return None
    v = cramers_v(counts(rows.segment, rows.left))
    enough = int(rows.left.sum()) >= ENOUGH_FOR_P
    return Association(v, association_p(rows.segment, rows.left) if enough else None)
