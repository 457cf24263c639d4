"""`check data`: reads the exports as a run would, decides nothing and writes nothing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import polars as pl

from segkit.errors import Problem, SegkitError
from segkit.reports.health import equation, left_out, reasons
from segkit.reports.words import clean
from segkit.ruleset import check_rules
from segkit.runs import history
from segkit.runs.inputs import read_facts
from segkit.workspace import open_workspace, rule_arguments

SHOWN = 3
"""How many refused rows of a source are told one by one."""


def look(path: Path | None, *, now: datetime) -> tuple[list[Problem], list[str]]:
    """Problems; and per source rows read = accepted + refused + left out, with the first refused rows."""
    try:
        workspace = open_workspace(path)
        head = history.head(workspace.state, workspace.out)
        rules, _ = check_rules(workspace.rules, **rule_arguments(workspace))
        loaded = read_facts(workspace, rules, now=now, head=head, folded=False)
    except SegkitError as error:
        return list(error.problems), []
    lines: list[str] = []
    for count in loaded.facts.counts:
        lines.append(equation(count) + reasons(count))
        rows = loaded.rejected.get(count.source)
        if rows is not None:
            lines += _first(rows)
    lines += [f"left out on purpose: {clean(said)}" for said in left_out(loaded)]
    return list(loaded.problems), lines


def _first(rejected: pl.DataFrame) -> list[str]:
    shown = rejected.sort("file", "line").head(SHOWN)
    place = (
        pl.concat_str("file", pl.lit(":"), "line") if rejected["line"].null_count() == 0 else pl.col("file")
    )
    said = shown.select(pl.concat_str(place, pl.lit(" "), "code", pl.lit(" "), "reason"))
    lines = [f"  {clean(text)}" for text in said.to_series().to_list()]
    more = rejected.height - SHOWN
    return [*lines, f"  and {more:,} more"] if more > 0 else lines
