"""Targets beside what was measured."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    what: str
    target: float
    measured: float
    at_least: bool = False
    """Good when at least the target; otherwise when at most."""

    @property
    def good(self) -> bool:
        return self.measured >= self.target if self.at_least else self.measured <= self.target


def show(title: str, rows: list[Row]) -> int:
    """Print the table; 1 when a target is missed."""
    print(f"\n{title}\n{'':<62} {'target':>8} {'measured':>9}")
    for row in rows:
        sign = "≥" if row.at_least else "≤"
        print(f"{row.what:<62} {sign}{row.target:>7g} {row.measured:>9.3g}{'' if row.good else '  missed'}")
    print()
    return int(not all(row.good for row in rows))
