"""Who to call first, and why."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from segkit.reports.words import plural
from segkit.ruleset.model import RuleSet
from segkit.ruleset.timers import days_of

SHOWN = 5
PRESSING_DAYS = 7
NEVER = 10_000
LEAVING = "held, leaving: "
"""How the reason begins where only a timer still holds an account."""
LEFT, UNKNOWN = "left", "unknown"
"""What transitions say of an account off the roster, and of one of which nothing was known."""


@dataclass(frozen=True, slots=True)
class Call:
    account_id: str
    name: str
    segment: str
    moved_from: str | None
    """Where it was before, when it came into the segment since the last run; None: never seen."""
    weeks_in: int
    arr: float | None
    csm: str | None
    because: str
    step: str
    moved: bool = False
    """It came into the segment since the last run, and not because the rules changed."""

    def state(self, unit: str) -> str:
        """`churning this week, was at_risk`"""
        now = "today" if unit == "day" else f"this {unit}"
        lasts = f"{self.segment} for {plural(self.weeks_in, unit)}"
        if not self.moved:
            return lasts if self.weeks_in > 1 else f"{self.segment} {now}"
        if self.moved_from in (None, UNKNOWN):
            return f"{self.segment}, first seen {now}" if self.weeks_in == 1 else lasts
        if self.moved_from == LEFT:
            return f"{self.segment}, back {now}"
        head = f"{self.segment} {now}" if self.weeks_in == 1 else lasts
        return f"{head}, was {self.moved_from}"


def pressing(rules: RuleSet) -> list[str]:
    """Segments of the main dimension to act on this week, the most urgent first.

    Those whose playbook is due within a week, by `due`, then in file order; where none is, all with one.
    """
    due = {s.name: due_days(rules.playbooks[s.playbook].due) for s in rules.main.segments if s.playbook}
    soon = {name: days for name, days in due.items() if days <= PRESSING_DAYS} or due
    return sorted(soon, key=soon.__getitem__)


def to_call(rules: RuleSet, assignments: pl.DataFrame) -> pl.DataFrame:
    """Accounts whose segment presses."""
    return assignments.filter(pl.col("primary").is_in(pressing(rules)))


def first(rules: RuleSet, assignments: pl.DataFrame, moves: pl.DataFrame) -> tuple[Call, ...]:
    """Those that got worse since the last run first, then the most urgent segment, then who is not on its way
    out of it, then ARR, then the shortest time in it.

    `moves`: transitions of the main dimension since then.
    """
    order = {name: place for place, name in enumerate(pressing(rules))}
    came = moves.filter(pl.col("cause") != "rule_change").unique(
        "account_id", keep="last", maintain_order=True
    )
    ranked = (
        to_call(rules, assignments)
        .join(came.select("account_id", "from", "to"), on="account_id", how="left", maintain_order="left")
        .with_columns(
            urgency=pl.col("primary").replace_strict(order, default=NEVER, return_dtype=pl.Int32),
            before=pl.col("from").replace_strict(order, default=NEVER, return_dtype=pl.Int32),
            moved=(pl.col("to") == pl.col("primary")).fill_null(False),
        )
        # From churning to at_risk is a move, and none to call about first.
        .with_columns(
            worse=pl.col("moved") & (pl.col("before") > pl.col("urgency")),
            leaving=pl.col("because").str.starts_with(LEAVING).fill_null(False),
        )
        .sort(~pl.col("worse"), "urgency", "leaving", -pl.col("arr").fill_null(0), "weeks_in", "account_id")
        .head(SHOWN)
    )
    return tuple(_call(rules, row) for row in ranked.iter_rows(named=True))


def _call(rules: RuleSet, row: dict[str, object]) -> Call:
    playbook = rules.playbooks.get(str(row["playbook"]))
    arr, csm, moved = row["arr"], row["csm"], row["from"] if row["moved"] else None
    return Call(
        account_id=str(row["account_id"]),
        name=str(row["name"]),
        segment=str(row["primary"]),
        moved_from=None if moved is None else str(moved),
        weeks_in=int(str(row["weeks_in"])),
        arr=float(str(arr)) if arr is not None else None,
        csm=str(csm) if csm is not None else None,
        because=str(row["because"] or ""),
        step=playbook.steps[0] if playbook and playbook.steps else "",
        moved=bool(row["moved"]),
    )


def due_days(text: str) -> int:
    """`2 days` -> 2, `1 week` -> 7; unreadable or empty comes last."""
    days = days_of(text)
    return NEVER if days is None else days
