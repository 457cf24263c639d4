"""What the engine says of made-up accounts: a row per account, a column per key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from segkit.engine.conditions.compile import Compiler, missing_column
from segkit.periods import epoch_day
from segkit.ruleset.expr import Attribute, Column, Condition, Member, Trait, leaves, operands
from segkit.ruleset.model import RuleSet

MISSING = object()
Cell = float | str | object | None


def read(text: str) -> Cell:
    """A value of an example, as rule tests write it."""
    if text in ("_", "missing"):
        return None if text == "_" else MISSING
    if text in ("yes", "no"):
        return float(text == "yes")
    if text.startswith('"'):
        return text[1:-1]
    if text.endswith("%"):
        return float(f"{text[:-1]}e-2")
    return float(epoch_day(date.fromisoformat(text))) if text.count("-") == 2 else float(text)


def columns_of(rules: RuleSet) -> dict[str, Column | Member]:
    found: dict[str, Column | Member] = {}
    for segment in rules.segments:
        for condition in (segment.enter, segment.exit, segment.at_once):
            if condition is not None:
                found |= {o.key: o for o in operands(condition) if isinstance(o, Column)}
                found |= {leaf.key: leaf for leaf in leaves(condition) if isinstance(leaf, Member)}
    for threshold in rules.thresholds.values():
        if threshold.by is not None:
            found.setdefault(threshold.by, Attribute(threshold.by))
    return found


def frame(rules: RuleSet, accounts: Sequence[Mapping[str, Cell]]) -> pl.DataFrame:
    """Columns that an account does not say are unknown for it."""
    series = []
    for key, column in columns_of(rules).items():
        cells = [account.get(key) for account in accounts]
        text = isinstance(column, Trait) or (isinstance(column, Attribute) and column.kind == "text")
        values = [None if cell is MISSING else cell for cell in cells]
        if isinstance(column, Member):
            series.append(pl.Series(key, [bool(v) for v in values], dtype=pl.Boolean))
            continue
        series.append(pl.Series(key, values, dtype=pl.String if text else pl.Float64))
        missing = [True if cell is MISSING else None if cell is None else False for cell in cells]
        series.append(pl.Series(missing_column(key), missing, dtype=pl.Boolean))
    return pl.DataFrame(series)


def answers(rules: RuleSet, condition: Condition, rows: pl.DataFrame) -> list[bool | None]:
    """The engine's answer per row."""
    said = rows.select(Compiler(rules.thresholds).condition(condition, {}).alias("said"))["said"]
    return said.to_list() if len(said) == len(rows) else said.to_list() * len(rows)


def answer(rules: RuleSet, condition: Condition, week: Sequence[tuple[str, str]]) -> bool | None:
    """The engine's answer for one week of an example."""
    account = {key: read(value) for key, value in week}
    return answers(rules, condition, frame(rules, [account]))[0]
