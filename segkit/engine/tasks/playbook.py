"""The tasks of one playbook: which stays are told of, and every column of their rows."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
from msgspec import Struct

from segkit.engine.members.membership import Bools, Ints
from segkit.engine.tasks.carried import LISTED_DAYS, TASKS
from segkit.engine.tasks.ends import ended_because
from segkit.engine.tasks.load import load_of
from segkit.engine.tasks.scene import Scene, Texts
from segkit.engine.tasks.stays import BEFORE, first_from, last_until, stays
from segkit.engine.tasks.variants import VARIED, said
from segkit.ruleset.model import Playbook
from segkit.ruleset.timers import days_of

UNDECLARED = Playbook("")
"""Stands for a playbook that the rules do not know any more."""
RULES_CHANGED = " (the rules changed)"


class _Told(Struct, frozen=True):
    """The stays of one playbook that have a row, [stays] each."""

    scene: Scene
    name: str
    book: Playbook
    segments: tuple[str, ...]
    """Those that ask for it, in file order."""
    account: Ints
    start: Ints
    stop: Ints
    closes: Ints
    """Place in which the task closes; the number of periods for one that stays open."""
    done: Bools
    """It had closed before the first place."""
    old: dict[str, Texts]
    """What was said before of those that go on; None for new ones."""
    load: Ints
    """[2, T] of all stays, those without a row, too."""


def of_playbook(
    scene: Scene, name: str, segments: tuple[str, ...], before: pl.DataFrame
) -> tuple[pl.DataFrame, Ints]:
    """Rows of TASKS and [2, T] the load of every place; `before` are all rows of the block that there were,
    `segments` ask for the playbook now."""
    told = _told(scene, name, segments, before)
    rows = {column: told.old[column].copy() for column in TASKS}
    rows["account_id"], rows["playbook"] = scene.ids[told.account], np.full(len(told.account), name, object)
    rows["staying"] = told.stop == scene.shape[1]
    _open(told, rows)
    _go_on(told, rows)
    _escalate(told, rows)
    _close(told, rows)
    return pl.DataFrame({column: values.tolist() for column, values in rows.items()}, schema=TASKS), told.load


def _told(scene: Scene, name: str, segments: tuple[str, ...], before: pl.DataFrame) -> _Told:
    accounts, periods = scene.shape
    inside = np.zeros(scene.shape, dtype=bool)
    for segment in segments:
        inside |= scene.holds(segment)
    prior = before.filter(pl.col("staying") & (pl.col("playbook") == name))
    places = {account: place for place, account in enumerate(scene.ids.tolist())}
    row = np.full(accounts, prior.height)
    row[[places[account] for account in prior["account_id"]]] = np.arange(prior.height)
    found = stays(inside, row < prior.height)
    row = np.where(found.start == BEFORE, row[found.account], prior.height)
    old = {column: np.array([*prior[column].to_list(), None], dtype=object)[row] for column in TASKS}
    done = np.array([day is not None for day in old["closed"]], dtype=bool)
    book = scene.rules.playbooks.get(name, UNDECLARED)
    # In the period of its opening the playbook has had no chance yet.
    success = first_from(scene.true(book.success), found.account, found.start + 1)
    closes = np.where(~done & (success <= found.stop), success, found.stop)
    recent = scene.ends > scene.ends[-1] - timedelta(days=LISTED_DAYS)
    keep = np.flatnonzero(done | (found.stop == periods) | np.append(recent, True)[closes])
    kept = found.at(keep)
    lasting = {column: values[keep] for column, values in old.items()}
    return _Told(
        scene,
        name,
        book,
        segments,
        kept.account,
        kept.start,
        kept.stop,
        closes[keep],
        done[keep],
        lasting,
        load_of(found, closes, done, periods),
    )


def _open(told: _Told, rows: dict[str, Texts]) -> None:
    """What is fixed in the period of the opening."""
    scene, at = told.scene, np.flatnonzero(told.start != BEFORE)
    account, place = told.account[at], told.start[at]
    days = scene.ends[place]
    rows["opened"][at] = days
    rows["key"][at] = [f"{who}:{told.name}:{day}" for who, day in zip(scene.ids[account], days, strict=True)]
    rows["due"][at] = _later(days, said(scene, told.book, "due", account, place))
    rows["within"][at] = _later(days, np.full(len(at), told.book.within, dtype=object))
    why = scene.entering(account, place)
    inside = {segment: scene.holds(segment) for segment in told.segments}
    for row, who, when in zip(at.tolist(), account.tolist(), place.tolist(), strict=True):
        asking = [segment for segment in told.segments if inside[segment][who, when]]
        keys = [(scene.ids[who], scene.ends[when], segment) for segment in asking]
        texts = [why[key] for key in keys if why.get(key) is not None]
        rows["because"][row] = texts[0] if texts else f"already in {asking[0]}"


def _later(days: Texts, texts: Texts) -> list[date | None]:
    """So many days after, as the texts say; None where one says no number of days."""
    known = {text: days_of(text) for text in set(texts.tolist()) if text}
    return [
        None if (span := known.get(text)) is None else day + timedelta(days=span)
        for day, text in zip(days.tolist(), texts.tolist(), strict=True)
    ]


def _go_on(told: _Told, rows: dict[str, Texts]) -> None:
    """What is said anew as long as a task is open, as of its last period."""
    scene, seen = told.scene, told.closes - 1
    at = np.flatnonzero(~told.done & (seen >= 0))
    account, place = told.account[at], seen[at]
    joined = np.full(len(at), "", dtype=object)
    for segment in told.segments:
        there = scene.holds(segment)[account, place]
        joined[there] = np.where(joined[there] == "", segment, joined[there] + f"; {segment}")
    rows["segments"][at] = joined
    for column in VARIED:
        rows[column][at] = said(scene, told.book, column, account, place)


def _escalate(told: _Told, rows: dict[str, Texts]) -> None:
    """Since its condition holds, as of the last period of the task; one that is unknown changes nothing."""
    scene, when = told.scene, told.book.escalate_when
    at = np.flatnonzero(~told.done & (told.closes > 0))
    account, begun, seen = told.account[at], np.maximum(told.start[at], 0), told.closes[at] - 1
    calm = last_until(scene.false(when), account, seen)
    over = calm >= begun
    for column in ("escalated", "escalated_because"):
        rows[column][at[over]] = None
    place = first_from(scene.true(when), account, np.maximum(calm + 1, begun))
    fresh = np.array([day is None for day in rows["escalated"][at]], dtype=bool) & (place <= seen)
    at, place = at[fresh], place[fresh]
    if when is not None and len(at):
        rows["escalated"][at] = scene.ends[place]
        rows["escalated_because"][at] = scene.said(when, told.account[at], place)


def _close(told: _Told, rows: dict[str, Texts]) -> None:
    scene, success = told.scene, told.book.success
    closing = ~told.done & (told.closes < scene.shape[1])
    # Success in the period of the leaving is success, but for who left the roster.
    met = scene.true(success)
    padded = np.append(met, np.zeros((len(met), 1), dtype=bool), axis=1)
    won = closing & padded[told.account, told.closes] & (told.closes > told.start)
    at = np.flatnonzero(closing)
    rows["closed"][at] = scene.ends[told.closes[at]]
    at = np.flatnonzero(won)
    if success is not None and len(at):
        texts = scene.said(success, told.account[at], told.closes[at])
        rows["closed_because"][at] = [f"success: {text}" for text in texts]
    for row in np.flatnonzero(closing & ~won).tolist():
        account, place = int(told.account[row]), int(told.closes[row])
        segments = str(rows["segments"][row]).split("; ")
        changed = told.start[row] == BEFORE and place == 0 and _by_rules(told, account)
        text = ended_because(scene, segments, account, place)
        rows["closed_because"][row] = text + (RULES_CHANGED if changed else "")


def _by_rules(told: _Told, account: int) -> bool:
    """The rules of today would not have asked for the task in the period before the first place either."""
    scene = told.scene
    if scene.first == 0:
        return False
    return not any(scene.held[segment][account, scene.first - 1] for segment in told.segments)
