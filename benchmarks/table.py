"""Targets beside what was measured."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    what: str
    target: float
    measured: float
    """Good when at most the target."""


def show(title: str, rows: list[Row]) -> int:
    """Print the table; 1 when a target is missed."""
    print(f"\n{title}\n{'':<46} {'target':>8} {'measured':>9}")
    for row in rows:
        missed = "" if row.measured <= row.target else "  missed"
        print(f"{row.what:<46} {row.target:>8g} {row.measured:>9.3g}{missed}")
    print()
    return int(any(row.measured > row.target for row in rows))
