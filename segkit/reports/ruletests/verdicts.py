"""What a case expected and what came: only what differs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import polars as pl
from msgspec import Struct

from segkit.engine.results import Decisions
from segkit.reports.ruletests.cases import GONE, Case, Expectation
from segkit.reports.ruletests.running import Ran
from segkit.ruleset.model import MAIN


class Difference(Struct, frozen=True):
    """`first` and `last` week, counted from 1, in which something else was there than expected."""

    subject: str
    first: int
    last: int
    expected: str
    found: str
    why: str | None = None
    """What the rules say put the account where it was found."""


class Verdict(Struct, frozen=True):
    case: Case
    differences: tuple[Difference, ...]

    @property
    def passed(self) -> bool:
        return not self.differences


def judge(ran: Ran) -> tuple[Verdict, ...]:
    """One for every case, in their order."""
    return tuple(
        Verdict(case, tuple(_differences(case, place, ran.decisions))) for place, case in enumerate(ran.cases)
    )


def _differences(case: Case, place: int, decisions: Decisions) -> Iterator[Difference]:
    account = decisions.accounts[place]
    moves = decisions.transitions.filter(pl.col("account_id") == account)
    days = {day: week for week, day in enumerate(decisions.as_of[: case.weeks], 1)}
    rows = [
        {**row, "week": days[row["as_of"]]} for row in moves.iter_rows(named=True) if row["as_of"] in days
    ]
    for expectation in case.expected:
        yield from _series(expectation, _found(expectation, case, place, decisions), rows)
    if case.moves is not None:
        yield from _moves(case, rows)


def _found(asked: Expectation, case: Case, place: int, decisions: Decisions) -> list[str]:
    if asked.member:
        inside = decisions.member[asked.subject][place]
        return [GONE if not case.on[w] else "yes" if inside[w] else "no" for w in range(case.weeks)]
    dimension = decisions.dimensions[asked.subject]
    codes = dimension.primary[place, : case.weeks].tolist()
    return [dimension.label(code) or GONE for code in codes]


def _series(asked: Expectation, found: list[str], rows: list[dict[str, Any]]) -> Iterator[Difference]:
    pairs = [
        (week, wanted, got)
        for week, (wanted, got) in enumerate(zip(asked.weeks, found, strict=True), 1)
        if wanted is not None and wanted != got
    ]
    # Neighbouring weeks that differ alike are one difference.
    for _, run in groupby(enumerate(pairs), lambda each: (each[1][0] - each[0], each[1][1:])):
        weeks = [pair for _, pair in run]
        (first, wanted, got), last = weeks[0], weeks[-1][0]
        name = "primary" if asked.subject == MAIN else asked.subject
        yield Difference(name, first, last, wanted or "", got, _why(asked, got, first, rows))


def _why(asked: Expectation, got: str, week: int, rows: list[dict[str, Any]]) -> str | None:
    """The last row, up to that week, that brought the account to where it is."""
    ends = ("to", "from") if asked.member else ("to",)
    label = asked.subject if asked.member else got
    known = [row for row in rows if row["week"] <= week and label in [row[end] for end in ends]]
    if not known:
        return None
    row = known[-1]
    return f"{row['from'] or 'nothing'} → {row['to'] or 'nothing'} in week {row['week']}: {row['because']}"


def _moves(case: Case, rows: list[dict[str, Any]]) -> Iterator[Difference]:
    """Every change of the primary, in order, the first appearance aside."""
    found = [row for row in rows if row["dimension"] == MAIN and row["from"] is not None]
    asked = list(case.moves or ())
    for week in sorted({row["week"] for row in found} | {move.week for move in asked}):
        got = [row for row in found if row["week"] == week]
        wanted = [move for move in asked if move.week == week]
        said = " and ".join(_move_said(move.from_, move.to, move.cause, move.because) for move in wanted)
        came = " and ".join(_move_said(row["from"], row["to"], row["cause"], None) for row in got)
        fits = len(got) == len(wanted) and all(
            (move.from_ in (None, row["from"]))
            and (move.to in (None, row["to"]))
            and (move.cause in (None, row["cause"]))
            and (move.because is None or move.because in row["because"])
            for move, row in zip(wanted, got, strict=False)
        )
        if not fits:
            why = "; ".join(row["because"] for row in got) or None
            yield Difference("moves", week, week, said or "no move", came or "no move", why)


def _move_said(before: str | None, after: str | None, cause: str | None, because: str | None) -> str:
    said = f"{before or '…'} → {after or '…'}"
    said += f" ({cause})" if cause else ""
    return f"{said}, because {because}" if because else said
