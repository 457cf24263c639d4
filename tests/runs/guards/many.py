"""A workspace of sixty accounts that come every week, until their export breaks."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.runs.small import FIRST_MONDAY, write

ACCOUNTS = tuple(f"A{number:02}" for number in range(60))
EVENTS = 4


def many(folder: Path, *, weeks: int, silent: dict[int, int] | None = None) -> Path:
    """Usage of `weeks` weeks from FIRST_MONDAY on; in week w the first `silent[w]` accounts have no row.

    The last week has a file of its own, as that of `add_week`.
    """
    rows = "".join(f"{account},Account {account},100,2026-01-01,\n" for account in ACCOUNTS)
    write(folder, weeks=0, accounts=f"account_id,name,arr,signup_date,csm\n{rows}")
    gone = {week: (silent or {}).get(week, 0) for week in range(weeks)}
    last = gone.popitem()
    for together in (gone, dict([last])):
        add_weeks(folder, together)
    return folder


def add_week(folder: Path, week: int, *, silent: int = 0) -> None:
    """One file a week, with its last row on the Sunday."""
    add_weeks(folder, {week: silent})


def add_weeks(folder: Path, silent: dict[int, int]) -> None:
    """One file of weeks and how many are silent in them, named after the last of them."""
    rows = [
        f"{FIRST_MONDAY + timedelta(days=7 * week + 6 - day)},{account},click"
        for week, gone in silent.items()
        for account in ACCOUNTS[gone:]
        for day in range(EVENTS)
    ]
    text = "\n".join(["at,account_id,event", *rows]) + "\n"
    (folder / "exports" / f"usage_{max(silent):02}.csv").write_text(text)
