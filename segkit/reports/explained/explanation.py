"""One account explained, as a value that people and programs read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl
from msgspec import Struct
from msgspec.structs import asdict

from segkit.engine.explaining.explained import Compared, Explained, Onward, Place, SegmentShown, Shown, Value
from segkit.engine.explaining.rows import Rows
from segkit.reports.voices import Said
from segkit.ruleset.model import Playbook, Times

MOVES = {
    "as_of": pl.Date,
    "dimension": pl.String,
    "from": pl.String,
    "to": pl.String,
    "cause": pl.String,
    "because": pl.String,
}
TIMELINE = {
    "as_of": pl.Date,
    "primary": pl.String,
    "value": pl.Float64,
    "expected": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "paused": pl.String,
}


class Differs(Struct, frozen=True):
    """What was published of the period is not what today's files and rules say."""

    dimensions: Mapping[str, tuple[str, str]]
    """Dimension -> what was published, what it would be now."""
    rules_changed: bool


class Timeline(Struct, frozen=True):
    """One metric over the past of the account."""

    metric: str
    rows: pl.DataFrame
    """Columns TIMELINE, oldest period first."""


class Explanation(Struct, frozen=True):
    """Printed it is what `segkit explain` shows; `as_dict` is what `--json` gives."""

    workspace: str
    name: str
    csm: str | None
    arr: float | None
    currency: str | None
    story: Explained
    playbooks: Mapping[str, Playbook]
    moves: pl.DataFrame
    """Columns MOVES: every transition by then, oldest first."""
    onward: Onward
    published: bool
    """The period is a published one."""
    differs: Differs | None
    rows: tuple[Rows, ...] = ()
    """Of the exports, behind what the conditions of all segments read."""
    said: tuple[Said, ...] = ()
    """Its traits and its newest answers."""
    timeline: Timeline | None = None
    """None where it was not asked for, or nothing can be drawn."""

    def __str__(self) -> str:
        from segkit.reports.explained.story import lay_out_story
        from segkit.reports.first.layout import plain

        return plain(lay_out_story(self))

    def as_dict(self) -> dict[str, Any]:
        """Plain values, dates as ISO text."""
        story = self.story
        differs = None if self.differs is None else {k: list(v) for k, v in self.differs.dimensions.items()}
        return {
            "account_id": story.account_id,
            "name": self.name,
            "csm": self.csm,
            "arr": self.arr,
            "currency": self.currency,
            "as_of": story.as_of.isoformat(),
            "unit": story.unit,
            "published": self.published,
            "differs_from_published": differs,
            "dimensions": [_place(each) for each in story.places],
            "because": None if story.assignment is None else story.assignment["because"],
            "earliest_exit": None if story.assignment is None else _iso(story.assignment["earliest_exit"]),
            **_onward(self.onward),
            "nearest_miss": story.nearest,
            "segments": [_segment(each) for each in story.segments],
            "compared": [_compared(each) for each in story.compared],
            "rows": [_rows(each) for each in self.rows],
            "overrides": [_plain(row) for row in story.overridden.iter_rows(named=True)],
            "paused": None if story.paused is None else _plain(story.paused),
            "said": [{"what": s.what, "value": s.value, "on": s.on.isoformat()} for s in self.said],
            "covered": {name: day.isoformat() for name, day in story.covered.items()},
            "transitions": [_plain(row) for row in self.moves.iter_rows(named=True)],
            **_timeline(self.timeline),
        }

    def to_json(self) -> bytes:
        return (json.dumps(self.as_dict(), ensure_ascii=False, indent=2) + "\n").encode()


def _onward(onward: Onward) -> dict[str, Any]:
    goes, change = onward.goes, onward.smallest
    return {
        "if_all_stays": None if goes is None else {"on": goes[0].isoformat(), "to": goes[1]},
        "smallest_change": None
        if change is None
        else {
            "condition": change.text,
            "of": change.column,
            "value": change.to,
            "on": change.on.isoformat(),
            "to": change.into,
        },
    }


def _timeline(timeline: Timeline | None) -> dict[str, Any]:
    if timeline is None:
        return {}
    rows = [_plain(row) for row in timeline.rows.iter_rows(named=True)]
    return {"timeline": {"metric": timeline.metric, "periods": rows}}


def _place(place: Place) -> dict[str, Any]:
    return {
        "dimension": place.dimension,
        "primary": place.primary,
        "weeks_in": place.weeks,
        "since": _iso(place.since),
        "previous": place.previous,
        "stale": place.stale,
    }


def _segment(shown: SegmentShown) -> dict[str, Any]:
    segment, timers = shown.segment, shown.timers
    return {
        "segment": segment.name,
        "dimension": shown.dimension,
        "inside": shown.inside,
        "weeks_in": shown.weeks,
        "since": _iso(shown.since),
        "rules_say_inside": shown.latched,
        "off": shown.off,
        "enter": _condition(shown.enter),
        "exit": None if shown.exit is None else _condition(shown.exit),
        "at_once": None if shown.at_once is None else _condition(shown.at_once),
        "leaving": shown.leaving,
        "turns_at_the_earliest": _iso(shown.turns),
        "lacking": [each.text for each in shown.lacking],
        "near_miss": shown.near,
        "hangs_on": [each.text for each in shown.hangs_on],
        "timers": {
            "enter_after": _times(segment.enter_after),
            "exit_after": _times(segment.exit_after),
            "min_stay": segment.min_stay,
            "cooldown": segment.cooldown,
            "counted": timers.count,
            "age": timers.age,
            "cooldown_left": timers.cool,
            "unknown_in_a_row": timers.gap,
            "unknown_towards_expiry": timers.dark,
            "expire_after": segment.expire_after,
            "held": timers.held,
        },
    }


def _times(times: Times) -> list[int]:
    return [times.need, times.of]


def _condition(shown: Shown) -> dict[str, Any]:
    found: dict[str, Any] = {
        "condition": shown.text,
        "kind": shown.kind,
        "truth": shown.truth,
        "decides": shown.decides,
    }
    if shown.reading is not None:
        found["value"] = _value(shown.reading.value)
        found["limits"] = [_value(limit) for limit in shown.reading.limits]
        found["away"] = shown.reading.away
    else:
        found["inside"] = [_condition(each) for each in shown.inside]
    return found


def _value(value: Value) -> dict[str, Any]:
    return {"of": value.key, "value": value.value, "text": value.text, "unknown_because": value.why}


def _compared(compared: Compared) -> dict[str, Any]:
    return {
        "metric": compared.value.key,
        "value": _value(compared.value),
        "beside": {view: _value(each) for view, each in compared.beside.items()},
        "first_day": _iso(compared.first),
        "last_day": _iso(compared.last),
        "basis": compared.basis,
        "first_season": compared.first_season,
        "peers": compared.peers,
    }


def _rows(rows: Rows) -> dict[str, Any]:
    listed = None if rows.listed is None else [{**asdict(row), "day": _iso(row.day)} for row in rows.listed]
    return {
        "metric": rows.metric,
        "source": rows.source,
        "first_day": _iso(rows.first),
        "last_day": _iso(rows.last),
        "rows": rows.rows,
        "total": rows.total,
        "oldest": _iso(rows.oldest),
        "newest": _iso(rows.newest),
        "age_days": rows.age,
        "listed": listed,
        "not_listed_because": rows.why,
    }


def _plain(row: Mapping[str, object]) -> dict[str, Any]:
    return {name: _iso(value) for name, value in row.items()}


def _iso(value: object) -> Any:
    return value.isoformat() if isinstance(value, date) else value
