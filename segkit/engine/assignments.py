"""What every account on the roster is at as_of, and why, in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import polars as pl
from msgspec import Struct, field

from segkit.engine.baselines.standing import Standing
from segkit.engine.compared import Compared, compared
from segkit.engine.conditions.because import because
from segkit.engine.conditions.trees import Node, nodes
from segkit.engine.members.causes import out_tree
from segkit.engine.members.membership import Answers, Bools, Ints
from segkit.engine.members.primary import Primary
from segkit.engine.members.transitions import NONE_FITS, NOTHING, Scanned, Told
from segkit.engine.remarks import BY_OVERRIDE, held_until, remarked
from segkit.engine.results import UNKNOWN
from segkit.engine.state import labels, names
from segkit.periods import Calendar
from segkit.ruleset.model import RuleSet, Segment


class Today(Struct, frozen=True):
    """What holds for every row of the last period."""

    rules: RuleSet
    calendar: Calendar
    index: int
    """Of the last period."""
    data_age_days: int | None
    standings: Mapping[str, Standing] = field(default_factory=dict)
    paused: pl.DataFrame | None = None
    """Columns `paused.PAUSED`; None where no list of pauses was given."""
    overridden: pl.DataFrame | None = None
    """Columns `overridden.OVERRIDDEN`; None where no list of overrides was given."""

    def end(self, back: int) -> date:
        return self.calendar.end(self.index - back)


def assign(
    today: Today,
    accounts: pl.Series,
    primaries: Mapping[str, Primary],
    scanned: Mapping[str, Scanned],
    told: Told,
) -> pl.DataFrame:
    """One row per account of the block that is on the roster."""
    rules, main = today.rules, primaries[today.rules.main.name]
    here = np.flatnonzero(main.after.code >= UNKNOWN)
    code, weeks = main.after.code[here], main.after.weeks[here].astype(np.int64)
    text, bases, exits = _reasons(today, main, here, scanned, told)
    inside = {name: latch.member[here, -1] for name, latch in scanned.items()}
    other = {d.name: labels(d, primaries[d.name].after.code[here]) for d in rules.dimensions[1:]}
    also = {s.name: inside[s.name] & (code != place) for place, s in enumerate(rules.main.segments)}
    trials = {segment.name: inside[segment.name] for segment in rules.trials}
    tried = {"trial": _joined(trials, len(here))} if trials else {}
    ids, is_in = accounts.gather(here), labels(rules.main, code)
    told_so = remarked(ids, is_in, pl.Series(text, dtype=pl.String), today.paused, today.overridden)
    return pl.DataFrame(
        {
            "account_id": ids,
            "as_of": pl.repeat(today.end(0), len(here), dtype=pl.Date, eager=True),
            "primary": is_in,
            "since": _ends(today, 1 - weeks),
            "weeks_in": weeks,
            "previous": labels(rules.main, main.after.previous[here]),
            "also": _joined(also, len(here)),
            "flags": _joined({f.name: inside[f.name] for f in rules.flags}, len(here)),
            **other,
            **tried,
            "because": told_so.because,
            **bases.columns(),
            "data_age_days": pl.repeat(today.data_age_days, len(here), dtype=pl.Int64, eager=True),
            "stale": main.stale[here, -1],
            **told_so.columns,
            "earliest_exit": _earliest(today, ids, is_in, exits),
            "playbook": _playbooks(rules, code),
            "ruleset": pl.repeat(rules.name, len(here), dtype=pl.String, eager=True),
            "logic": pl.repeat(rules.logic, len(here), dtype=pl.String, eager=True),
        }
    )


def _reasons(
    today: Today, main: Primary, here: Ints, scanned: Mapping[str, Scanned], told: Told
) -> tuple[np.ndarray, Compared, Ints]:
    """Per row: because, what it is compared with, periods until it can be left."""
    code = main.after.code[here]
    text = np.where(code == UNKNOWN, NOTHING, NONE_FITS).astype(object)
    bases = Compared.nothing(len(here))
    exits = np.ones(len(here), dtype=np.int64)
    for place, segment in enumerate(today.rules.main.segments):
        at = np.flatnonzero(code == place)
        if len(at):
            latch = scanned[segment.name]
            put = ~latch.scan.member[here[at], -1]
            text[at[put]] = BY_OVERRIDE
            at = at[~put]
            text[at], found = _member_reasons(today, segment, latch, here[at], told)
            bases.put(at, found)
            exits[at] = _until_exit(segment, latch, here[at])
    return text, bases, exits


def _member_reasons(
    today: Today, segment: Segment, latch: Scanned, account: Ints, told: Told
) -> tuple[np.ndarray, Compared]:
    """Why these members are members: their conditions hold, or what still holds them in."""
    sheet = told.sheet
    rows = (account + 1) * sheet.block.width - 1
    enter = sheet.value[segment.enter][rows]
    leave = Answers(enter, None if segment.exit is None else sheet.value[segment.exit][rows]).leaving()
    text = np.full(len(account), "", dtype=object)
    bases = Compared.nothing(len(account))
    after = latch.scan.after
    for at, tree, head in (
        (np.flatnonzero(enter == 1), nodes(segment.enter), ""),
        (np.flatnonzero((enter != 1) & (leave == 0)), _staying(segment), "held: "),
        (np.flatnonzero((enter != 1) & (leave == 1)), out_tree(segment), "held, leaving: "),
    ):
        if len(at):
            found = because(sheet, told.speaker, tree, rows[at])
            text[at] = (head + found.text).to_numpy()
            bases.put(at, compared(found, today.standings, sheet.block.start + account[at]))
    for place in np.flatnonzero((enter != 1) & (leave < 0)):
        periods = int(after.gap[account[place]])
        text[place] = f"held: exit unknown for {periods} {told.unit if periods != 1 else told.unit[:-1]}"
    return text, bases


def _staying(segment: Segment) -> tuple[Node, ...]:
    return nodes(segment.enter) if segment.exit is None else nodes(segment.exit, asked=False)


def _until_exit(segment: Segment, latch: Scanned, account: Ints) -> Ints:
    """Periods until these members can leave at the earliest, by their timers; at least one."""
    after, times = latch.scan.after, segment.exit_after
    streak = after.streak[account].astype(np.int64)
    into = segment.enter_after
    if times.need < times.of or into.need < into.of:
        # What is already true and still within the window at the next answer.
        streak = np.bitwise_count(streak & ((1 << (times.of - 1)) - 1)).astype(np.int64)
    stay = segment.min_stay - after.age[account].astype(np.int64)
    return np.maximum(np.maximum(stay, times.need - streak), 1)


def _earliest(today: Today, ids: pl.Series, primary: pl.Series, exits: Ints) -> pl.Series:
    if today.overridden is None or today.overridden.is_empty():
        return _ends(today, exits)
    over, calendar = today.overridden, today.calendar
    periods, never = held_until(over, ids, primary, exits, calendar, today.index)
    return _ends(today, periods).set(pl.Series(never), None)


def _joined(where: Mapping[str, Bools], rows: int) -> pl.Series:
    """Names separated by `; `; empty for none."""
    texts = [pl.when(pl.Series(mask)).then(pl.lit(name)) for name, mask in where.items()]
    frame = pl.DataFrame({"row": np.arange(rows)})
    said = pl.concat_str(texts, separator="; ", ignore_nulls=True) if texts else pl.lit("")
    return frame.select("row", joined=said)["joined"]


def _ends(today: Today, periods: Ints) -> pl.Series:
    """Last day of the period so many periods from the last one."""
    known = {int(n): today.end(-int(n)) for n in np.unique(periods)}
    return pl.Series([known[int(n)] for n in periods], dtype=pl.Date)


def _playbooks(rules: RuleSet, code: np.ndarray) -> pl.Series:
    books = [*(segment.playbook for segment in rules.main.segments), None]
    return pl.Series(books, dtype=pl.String).gather(np.where(code < 0, len(names(rules.main)) - 1, code))
