"""Users that behave like machines: proposed with the reason, never left out by themselves."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

PROPOSED = {
    "user_key": pl.String,
    "why": pl.String,
    "rows": pl.Int64,
    "days": pl.Int64,
    "first_day": pl.Int32,
    "last_day": pl.Int32,
    "main": pl.String,
}
ODD, RESTLESS, PUNCTUAL = "odd job", "never rests", "timetable"
SEEN_MOMENTS, SEEN_DAYS = 50, 20
"""Below these nobody has habits."""
LONG_MOMENTS, LONG_DAYS = 200, 100
"""From these on a human would have slept, and have had a weekend."""
NARROW, OVERLAP = 0.9, 0.1
"""An odd job: nearly all rows are of three kinds, and others do next to nothing of that."""
NO_WORKING_DAY, NO_WEEKEND = 0.05, 0.1
"""Shares of moments in the quietest eight hours, and at weekends, from which on no office day shows."""
AWAKE, WORKS_WEEKENDS = 0.12, 0.17
"""Shares of the same for one who never rests; an even clock has 0.33 and 0.29."""
ON_THE_MINUTE = 0.5
"""Share of moments in three minutes of the hour, where others show no such thing (USUAL_MINUTES)."""
USUAL_MINUTES = 0.25
A_ROLE = 0.02
"""Share of users with the same odd job from which on it is a role that humans have."""


def proposed(habits: pl.DataFrame) -> pl.DataFrame:
    """PROPOSED, those with most rows first. habits: behaviour.HABITS."""
    steady = (pl.col("moments") >= SEEN_MOMENTS) & (pl.col("days") >= SEEN_DAYS)
    long = (pl.col("moments") >= LONG_MOMENTS) & (pl.col("days") >= LONG_DAYS)
    seen = habits.filter(steady)
    narrow = (pl.col("narrow") >= NARROW) & (pl.col("overlap") <= OVERLAP)
    alike = narrow.sum().over("main")
    rare = alike <= max(A_ROLE * habits.height, 5)
    no_office = (pl.col("night") >= NO_WORKING_DAY).fill_null(pl.col("weekend") >= NO_WEEKEND)
    usual = seen["timetable"].median()
    loose = isinstance(usual, float) and usual < USUAL_MINUTES
    reasons = {
        ODD: narrow & rare & no_office,
        RESTLESS: long & (pl.col("night") >= AWAKE) & (pl.col("weekend") >= WORKS_WEEKENDS),
        PUNCTUAL: (pl.col("timetable") >= ON_THE_MINUTE) & pl.lit(loose),
    }
    why = pl.concat_str(
        [pl.when(test.fill_null(False)).then(pl.lit(name)) for name, test in reasons.items()],
        separator=", ",
        ignore_nulls=True,
    )
    found = seen.with_columns(why=why).filter(pl.col("why") != "")
    return found.select(*PROPOSED).sort(["rows", "user_key"], descending=[True, False])


def patterns(users: Sequence[str], everybody: Sequence[str]) -> list[str]:
    """How `exclude:` would name the users: `jenkins@*` where all who are called so are meant, else each.

    users, everybody: user keys (`user:7`, `email:x@y.z`).
    """
    meant = {_value(user) for user in users}
    found: list[str] = []
    for value in sorted(meant):
        local = f"{value.partition('@')[0]}@"
        alike = {other for other in map(_value, everybody) if other.lower().startswith(local.lower())}
        whole = "@" in value and len(alike) > 1 and alike <= meant
        found.append(f"{local}*" if whole else value)
    return list(dict.fromkeys(found))


def _value(key: str) -> str:
    return key.partition(":")[2]
