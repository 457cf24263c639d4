"""Is the data fine: the row equation of every source, and each thing worth a look."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import polars as pl
from msgspec import Struct

from segkit.columns import SOURCES
from segkit.engine.results import Decisions
from segkit.errors import Problem
from segkit.facts.excluding import OLDER, REPLACED, SAME_FILE
from segkit.facts.load import Loaded
from segkit.facts.types import SourceCount
from segkit.reports.words import days_in_words, listed, number, plural

REFUSED: Mapping[str, str] = {
    "D201": "value missing",
    "D202": "not in the declared format",
    "D203": "same key twice",
    "D204": "no id",
    "D205": "out of range",
    "D206": "broken row",
    "D207": "unreadable value",
    "D208": "row of totals",
    "D209": "header again",
    "D220": "ends before it begins",
    "D221": "unknown account",
    "D222": "unknown group",
    "D223": "unknown metric",
    "D224": "unknown segment",
    "D225": "no condition",
    "D226": "decides nothing",
}


SHOWN = 3
"""Refused rows that are told one by one."""

AT_CHECKING = "D132"
"""What a vendor's export could have held besides is told by `check data`, not week after week."""


class Health(Struct, frozen=True):
    """rows read = accepted + rejected + excluded, over all sources; `remarks` is empty where all is well."""

    sources: tuple[SourceCount, ...]
    remarks: tuple[str, ...]
    covered: str
    """Why this as_of."""
    left_out: tuple[str, ...] = ()
    """What was left out on purpose, by reason; no remark, for somebody wanted it."""

    @property
    def fine(self) -> bool:
        return not self.remarks

    @property
    def equation(self) -> str:
        read, accepted, rejected, excluded = (
            sum(getattr(source, part) for source in self.sources)
            for part in ("read", "accepted", "rejected", "excluded")
        )
        rest = f"{number(accepted)} accepted + {number(rejected)} refused"
        rest += f" + {number(excluded)} left out" if excluded else ""
        return f"{plural(len(self.sources), 'source')}, {number(read)} rows read = {rest}"


def look(
    loaded: Loaded, decisions: Decisions, assignments: pl.DataFrame, problems: Sequence[Problem] = ()
) -> Health:
    remarks = [equation(count) + reasons(count) for count in loaded.facts.counts if _unasked(count)]
    remarks += _refused_lists(loaded)
    told = [problem for problem in (*problems, *loaded.problems) if problem.code != AT_CHECKING]
    remarks += [f"{problem.what} ({problem.code})" for problem in told]
    stale = assignments.filter(pl.col("stale")).height
    if stale:
        remarks.append(f"{plural(stale, 'account')} without news for weeks: shown as stale")
    remarks += [*loaded.notes, *decisions.notes]
    covered = loaded.as_of_why.replace("(through)", "(through, in segkit.yaml)")
    said = tuple(days_in_words(remark) for remark in dict.fromkeys(remarks))
    return Health(loaded.facts.counts, said, days_in_words(covered), left_out(loaded))


def _refused_lists(loaded: Loaded) -> list[str]:
    """The first refused rows of lists that people keep: each was written to change what is decided."""
    rows = [
        f"{row['file']}:{row['line']} is refused: {row['reason']}"
        for name, refused in loaded.rejected.items()
        if SOURCES[name].kept
        for row in refused.iter_rows(named=True)
    ]
    return rows[:SHOWN] + (
        [f"and {len(rows) - SHOWN} more refused rows of lists"] if len(rows) > SHOWN else []
    )


def left_out(loaded: Loaded) -> tuple[str, ...]:
    """`bot (2 people, 1,204 rows)`: each reason for which somebody wanted rows left out."""
    who = {why: (accounts, people) for why, accounts, people in loaded.left_out.counts()}
    rows: Counter[str] = Counter()
    for count in loaded.facts.counts:
        rows.update({why: n for why, n in count.reasons.items() if _asked(why)})
    return tuple(
        f"{why} ({', '.join(_several(*who.get(why, (0, 0)), rows[why]))})" for why in sorted({*who, *rows})
    )


def _several(accounts: int, people: int, rows: int) -> list[str]:
    said = [plural(accounts, "account")] if accounts else []
    said += [plural(people, "person", "people")] if people else []
    return [*said, plural(rows, "row")]


def _asked(why: str) -> bool:
    return why not in (REPLACED, SAME_FILE, OLDER) and not re.fullmatch(r"D\d+", why)


def _unasked(count: SourceCount) -> bool:
    return any(not _asked(why) for why in count.reasons)


def equation(count: SourceCount) -> str:
    """`tickets: 4,120 read = 3,789 accepted + 331 refused (out of range 331)`"""
    parts = [f"{number(count.accepted)} accepted"]
    if count.rejected or not count.excluded:
        parts.append(f"{number(count.rejected)} refused")
    if count.excluded:
        parts.append(f"{number(count.excluded)} left out")
    return f"{count.source}: {number(count.read)} rows = {' + '.join(parts)}"


def reasons(count: SourceCount) -> str:
    """` (out of range 331)`, the commonest first; empty where nothing was refused."""
    most = sorted(count.reasons.items(), key=lambda item: (-item[1], item[0]))
    said = listed([f"{REFUSED.get(code, code)} {number(rows)}" for code, rows in most], 3)
    return f" ({said})" if said else ""
