"""Changes of the primary of each dimension, and flags set and cleared, with one cause each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from msgspec import Struct

from segkit.engine.conditions.because import because
from segkit.engine.conditions.say import Speaker
from segkit.engine.conditions.sheet import Sheet
from segkit.engine.conditions.trees import nodes
from segkit.engine.members.causes import Causes, out_tree
from segkit.engine.members.membership import Bools, Ints, Scan
from segkit.engine.members.overrides import NO_ROW, Over, Overrides
from segkit.engine.members.primary import Primary
from segkit.engine.results import CAUSES, OUTSIDE, UNKNOWN, Codes
from segkit.engine.state import LEFT, labels
from segkit.ruleset.model import FLAGS, Dimension, Segment

ROSTER, FIRST_SEEN, OVERRIDE = (CAUSES.index(name) for name in ("roster", "first_seen", "override"))
GONE = "left the roster"
NOTHING = "nothing known yet"
NONE_FITS = "no segment fits"
TAKEN_OVER = "taken over from the account that merged into it"


class Scanned(Struct, frozen=True):
    """A segment's scan with the cause of each of its moves."""

    segment: Segment
    scan: Scan
    causes: Causes
    over: Over | None = None
    """What overrides say of the segment."""

    @property
    def member(self) -> Bools:
        """[A, T] effective membership."""
        return self.scan.member if self.over is None else self.over.member

    def places(self, account: Ints, period: Ints) -> Ints:
        """Places among the moves of the moves at these positions; -1 where there is none."""
        moves, width = self.scan.moves, self.scan.member.shape[1]
        moved, asked = moves.account * width + moves.period, account * width + period
        places: Ints = np.searchsorted(moved, asked)
        found = np.append(moved, -1)[places] == asked
        return np.where(found, places, -1)


class Told(Struct, frozen=True):
    """The conditions over some accounts, and who says them."""

    sheet: Sheet
    speaker: Speaker
    unit: str
    """`weeks`, `months` or `days`."""
    overrides: Overrides | None = None

    def said(self, segment: str, over: Over, account: Ints, period: Ints) -> npt.NDArray[np.object_]:
        """What somebody said in these places, or that it does not count any more."""
        texts = np.empty(len(account), dtype=object)
        assert self.overrides is not None
        for at, row in enumerate(over.row[account, period].tolist()):
            if row != NO_ROW:
                out = "" if over.said[account[at], period[at]] > 0 else f", out of {segment}"
                texts[at] = f"override {self.overrides.who(row)}{out}: {self.overrides.why(row)}"
            elif period[at] > 0:
                texts[at] = f"the override ended: {self.overrides.who(over.row[account[at], period[at] - 1])}"
            else:
                texts[at] = f"the override ended: {over.before[account[at]]}"
        return texts

    def moves(self, latch: Scanned, place: Ints) -> npt.NDArray[np.object_]:
        """Why each of these moves happened."""
        moves, segment = latch.scan.moves, latch.segment
        texts = np.full(len(place), f"exit unknown for {segment.expire_after} {self.unit}", dtype=object)
        known, entered = ~moves.expired[place], moves.entered[place]
        for at, tree in (
            (np.flatnonzero(known & entered), nodes(segment.enter)),
            (np.flatnonzero(known & ~entered), out_tree(segment)),
        ):
            if len(at):
                rows = self.sheet.row(moves.account[place[at]], moves.period[place[at]])
                texts[at] = because(self.sheet, self.speaker, tree, rows).text.to_numpy()
        return texts


def of_dimension(
    dimension: Dimension, primary: Primary, before: Codes, scanned: Mapping[str, Scanned], told: Told
) -> pl.DataFrame:
    """One row per change of the primary; `before` is the code before the first decided period."""
    was = _shifted(before, primary.code)
    account, period = np.nonzero(was != primary.code)
    old, new = was[account, period], primary.code[account, period]
    returned = primary.returned[account, period]
    cause = np.full(len(account), -1, dtype=np.int8)
    texts = np.full(len(account), NONE_FITS, dtype=object)
    texts[new == OUTSIDE] = GONE
    texts[new == UNKNOWN] = NOTHING
    entering = (new >= 0) & ((old < 0) | (new < old))
    told_so = np.zeros(len(account), dtype=bool)
    overs = [
        (code, segment.name, scanned[segment.name].over) for code, segment in enumerate(dimension.segments)
    ]
    # What is said of where an account comes to is told rather than what was said of where it was; who leaves
    # the roster leaves for that reason.
    for end in (old, new):
        for code, name, over in overs:
            if over is not None:
                at = np.flatnonzero((end == code) & (new != OUTSIDE) & over.changed[account, period])
                told_so[at], cause[at] = True, OVERRIDE
                texts[at] = told.said(name, over, account[at], period[at])
    for code, segment in enumerate(dimension.segments):
        latch = scanned[segment.name]
        for at in (
            np.flatnonzero(entering & (new == code) & ~told_so),
            np.flatnonzero(~entering & (new >= 0) & (old == code) & ~told_so),
        ):
            if len(at):
                place = latch.places(account[at], period[at])
                texts[at[place < 0]] = TAKEN_OVER
                at, place = at[place >= 0], place[place >= 0]
                cause[at] = latch.causes[place]
                texts[at] = told.moves(latch, place)
    cause[old < 0] = FIRST_SEEN
    cause[returned | (new == OUTSIDE)] = ROSTER
    return pl.DataFrame(
        {
            "account": account,
            "period": period,
            "dimension": pl.repeat(dimension.name, len(account), dtype=pl.String, eager=True),
            "from": labels(dimension, old),
            "to": labels(dimension, new),
            "cause": _cause_names(cause),
            "because": pl.Series(texts, dtype=pl.String),
            "returned": returned,
        }
    ).select(
        "account",
        "period",
        "dimension",
        pl.when("returned").then(pl.lit(LEFT)).otherwise("from").alias("from"),
        pl.col("to").fill_null(LEFT),
        "cause",
        "because",
    )


def of_flag(flag: Scanned, inside: Bools, main: Primary, before: Codes, told: Told) -> pl.DataFrame:
    """One row per setting and clearing.

    `inside` says who had the flag, `before` the main primary, before the first decided period.
    """
    at, heir = _turned(flag, inside, main, told), inside & (before == OUTSIDE)
    joined = (_shifted(before, main.code) == OUTSIDE)[at.account, at.period]
    returned = main.returned[at.account, at.period]
    cause = at.cause.copy()
    cause[joined] = FIRST_SEEN
    cause[returned] = ROSTER
    name = pl.lit(flag.segment.name, pl.String)
    moved = pl.DataFrame(
        {
            "account": at.account,
            "period": at.period,
            "entered": at.entered,
            "returned": returned,
            "cause": _cause_names(cause),
            "because": pl.Series(at.because, dtype=pl.String),
        }
    )
    # What an heir loses at once it never had.
    never = (at.period == 0) & heir[at.account] & ~at.entered
    moved = moved.filter(pl.Series(~never)).select(
        "account",
        "period",
        pl.lit(FLAGS).alias("dimension"),
        pl.when(~pl.col("entered")).then(name).when("returned").then(pl.lit(LEFT)).alias("from"),
        pl.when("entered").then(name).alias("to"),
        "cause",
        "because",
    )
    account, period = np.nonzero(_shifted(inside, flag.member) & (main.code == OUTSIDE))
    left = pl.DataFrame({"account": account, "period": period}).with_columns(
        pl.lit(FLAGS).alias("dimension"),
        name.alias("from"),
        pl.lit(LEFT).alias("to"),
        pl.lit(CAUSES[ROSTER]).alias("cause"),
        pl.lit(GONE).alias("because"),
    )
    taken = np.flatnonzero(heir & flag.member[:, 0])
    over = pl.DataFrame({"account": taken, "period": np.zeros_like(taken)}).with_columns(
        pl.lit(FLAGS).alias("dimension"),
        pl.lit(None, pl.String).alias("from"),
        name.alias("to"),
        pl.lit(CAUSES[FIRST_SEEN]).alias("cause"),
        pl.lit(TAKEN_OVER).alias("because"),
    )
    return pl.concat([moved, left, over])


class _Turned(Struct, frozen=True):
    """Every setting and clearing of a flag on the roster."""

    account: Ints
    period: Ints
    entered: Bools
    cause: Causes
    because: npt.NDArray[np.object_]


def _turned(flag: Scanned, inside: Bools, main: Primary, told: Told) -> _Turned:
    moves, over = flag.scan.moves, flag.over
    if over is None:
        because = told.moves(flag, np.arange(len(flag.causes)))
        return _Turned(moves.account, moves.period, moves.entered, flag.causes, because)
    turned = (_shifted(inside, over.member) != over.member) & (main.code != OUTSIDE)
    account, period = np.nonzero(turned)
    cause = np.full(len(account), OVERRIDE, dtype=np.int8)
    texts = np.full(len(account), "", dtype=object)
    own = over.changed[account, period]
    texts[own] = told.said(flag.segment.name, over, account[own], period[own])
    place = flag.places(account[~own], period[~own])
    cause[~own], texts[~own] = flag.causes[place], told.moves(flag, place)
    return _Turned(account, period, over.member[account, period], cause, texts)


def _shifted(before: npt.NDArray[Any], matrix: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """[A, T] what the period before said."""
    return np.concatenate([before[:, None], matrix[:, :-1]], axis=1)


def _cause_names(codes: Causes) -> pl.Series:
    return pl.Series(CAUSES, dtype=pl.String).gather(codes)
