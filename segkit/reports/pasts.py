"""Past runs as a table of 80 cells."""

from __future__ import annotations

import polars as pl

from segkit.reports.first.layout import WIDTH, Line, Piece
from segkit.reports.words import cells, day, fit, fit_right, number, wrap

SHOWN = 26
"""Runs on the screen: half a year of weeks."""


def lay_out_pasts(workspace: str, runs: pl.DataFrame) -> list[Line]:
    """`runs` as `segkit.runs.folders.pasts` gives them."""
    if runs.is_empty():
        return [(Piece("Nothing was published yet."),)]
    many = f"{runs.height} runs" if runs.height != 1 else "1 run"
    found: list[Line] = [
        (Piece(workspace, "title"), Piece(fit_right(many, WIDTH - cells(workspace)), "dim")),
        (Piece(fit("as of", 13) + "".join(fit_right(name, 10) for name in HEADS) + "  remarks", "dim"),),
    ]
    for row in runs.head(SHOWN).iter_rows(named=True):
        figures = "".join(fit_right(number(row[name]), 10) for name in HEADS.values())
        remark, *more = wrap(_remarks(row), WIDTH - 55) or [""]
        found.append((Piece(fit(day(row["as_of"]), 13), "name"), Piece(figures), Piece(f"  {remark}", "dim")))
        found += [(Piece(" " * 55 + each, "dim"),) for each in more]
    if runs["older_gone"][-1]:
        found.append((Piece("older runs were not kept (keep: in segkit.yaml)", "dim"),))
    if runs.height > SHOWN:
        found.append((Piece(f"and {runs.height - SHOWN} more: -o history.csv", "dim"),))
    return found


HEADS = {"accounts": "accounts", "moves": "transitions", "rows": "rows", "refused": "refused"}
"""Heading -> column."""


def _remarks(row: dict[str, object]) -> str:
    said = []
    if row["verb"] == "replay":
        said.append("replay")
    if row["accepted"]:
        said.append(f"accepted {row['accepted']}")
    if row["supersedes"]:
        said.append("replaced a run")
    if row["rules_changed"]:
        said.append("other rules")
    elif int(str(row["periods"])) > 1:
        said.append(f"{row['periods']} periods at once")
    return ", ".join(said)
