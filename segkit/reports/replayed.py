"""What today's facts and rules would have said, beside what was published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import polars as pl
from msgspec import Struct

from segkit.errors import Problem
from segkit.reports.first.layout import WIDTH, Line, Piece
from segkit.reports.tables import escape_markdown
from segkit.reports.words import cells, clean, day, days_in_words, fit, fit_right, plural, wrap
from segkit.ruleset.model import MAIN

NAMES = 10
"""Accounts told by name; all stand in differences.csv."""


class Against(Struct, frozen=True):
    """`differences` as `segkit.runs.run.Replay` has them; `names` of accounts by id."""

    unit: str
    days: Sequence[date]
    """as_of of the published runs, in any order."""
    differences: pl.DataFrame
    names: Mapping[str, str | None]
    rules_changed: bool
    late: tuple[Problem, ...]
    """Rows that came after the newest of these runs."""

    def why(self) -> list[str]:
        """What is not as it was when the newest run was published."""
        rules = "The rules have changed since." if self.rules_changed else "The rules are the same."
        return [rules, *(f"{days_in_words(problem.what)}." for problem in self.late)]

    def moves(self) -> Iterator[tuple[str, str, int, date, date]]:
        """Of the main dimension: published, replayed, accounts, first and last as_of; the commonest first."""
        main = self.differences.filter(pl.col("dimension") == MAIN)
        counted = main.group_by("published", "replayed").agg(
            pl.col("account_id").n_unique().alias("accounts"),
            pl.col("as_of").min().alias("first"),
            pl.col("as_of").max().alias("last"),
        )
        order = counted.sort("accounts", "published", "replayed", descending=[True, False, False])
        for before, after, *rest in order.select(
            "published", "replayed", "accounts", "first", "last"
        ).iter_rows():
            yield _or_none(before), _or_none(after), *rest

    def today(self) -> list[tuple[str, str, str]]:
        """Name, published and replayed of the accounts whose primary differs at the newest as_of."""
        last = pl.col("as_of") == max(self.days)
        rows = self.differences.filter(last & (pl.col("dimension") == MAIN))
        return [
            (clean(self.names.get(account) or account), _or_none(before), _or_none(after))
            for account, before, after in rows.select("account_id", "published", "replayed").iter_rows()
        ]

    def elsewhere(self) -> int:
        """Differences in other dimensions."""
        return self.differences.filter(pl.col("dimension") != MAIN).height


def against_lines(against: Against) -> list[Line]:
    """For the terminal, after the first screen; 80 cells."""
    if not against.days:
        return [(), (Piece("Nothing was published yet that it could be compared with."),)]
    runs = f"{plural(len(against.days), 'run')} to {day(max(against.days))}"
    head = "Against what was published"
    found: list[Line] = [(), (Piece(head, "heading"), Piece(fit_right(runs, WIDTH - cells(head)), "dim"))]
    if against.differences.is_empty():
        return [*found, (Piece("  Nothing differs.", "good"),)]
    for said in against.why():
        found += [(Piece(f"  {line}", "dim"),) for line in wrap(said, WIDTH - 2)]
    for before, after, accounts, first, last in against.moves():
        when = day(first) if first == last else f"{day(first)} to {day(last)}"
        move = fit(f"  {before} → {after}", 38)
        found.append((Piece(move, "move"), Piece(fit_right(plural(accounts, "account"), 14)), _when(when)))
    today = against.today()
    if today:
        found.append((Piece(f"  For the {against.unit} to {day(max(against.days))}:"),))
    for name, before, after in today[:NAMES]:
        found.append((Piece(f"    {fit(name, 34)}", "name"), Piece(f" {before} → {after}")))
    if len(today) > NAMES:
        found.append((Piece(f"    and {len(today) - NAMES} more", "dim"),))
    if against.elsewhere():
        found.append((Piece(f"  Other dimensions: {plural(against.elsewhere(), 'difference')}", "dim"),))
    return found


def against_markdown(against: Against) -> str:
    """differences.md: the same for people who were not there."""
    lines = [f"# What differs from what was published up to {day(max(against.days))}", ""]
    if against.differences.is_empty():
        return "\n".join([*lines, "Nothing.", ""])
    lines += [f"- {escape_markdown(said)}" for said in against.why()]
    lines += ["", "| published | replayed | accounts | from | to |", "| --- | --- | ---: | --- | --- |"]
    for before, after, accounts, first, last in against.moves():
        cell = [escape_markdown(before), escape_markdown(after), str(accounts), day(first), day(last)]
        lines.append(f"| {' | '.join(cell)} |")
    lines += ["", f"## For the {against.unit} to {day(max(against.days))}", ""]
    today = [tuple(map(escape_markdown, row)) for row in against.today()]
    lines += [f"- **{name}**: {before} → {after}" for name, before, after in today] or ["Nothing differs."]
    if against.elsewhere():
        lines += ["", f"{plural(against.elsewhere(), 'difference')} in other dimensions: differences.csv."]
    return "\n".join([*lines, ""])


def _or_none(label: str | None) -> str:
    """An account that one side does not have."""
    return label or "not there"


def _when(text: str) -> Piece:
    return Piece(fit_right(text, WIDTH - 52), "dim")
