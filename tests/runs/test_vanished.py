"""An account that the exports no longer name, in a workspace without accounts."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from segkit.runs.assign import assign
from segkit.workspace import open_workspace
from tests.runs.small import NOW, RULES, WORKSPACE, write, write_week


def test_it_leaves_and_sizes_add_up(tmp_path: Path) -> None:
    rules = RULES.replace("arr at least 1000", "tenure_days over 20").replace(
        "arr under 1000", "tenure_days at most 20"
    )
    folder = write(tmp_path, weeks=10, rules=rules)
    (folder / "segkit.yaml").write_text(WORKSPACE.replace("  accounts: {files: accounts.csv}\n", ""))
    first = assign(open_workspace(folder), now=NOW)
    assert first.assignments["account_id"].to_list() == ["A", "B", "C", "D"]
    write_week(folder, 10)
    for file in (folder / "exports").glob("usage_*.csv"):
        lines = file.read_text().splitlines()
        file.write_text("\n".join(line for line in lines if ",D," not in line) + "\n")
    second = assign(open_workspace(folder), now=NOW)
    assert second.assignments["account_id"].to_list() == ["A", "B", "C"]
    left = second.transitions.filter(pl.col("account_id") == "D")
    assert left.select("name", "dimension", "from", "to", "cause").rows() == [
        ("D", "segments", "active", "left", "roster"),
        ("D", "value", "large", "left", "roster"),
    ]
    third = assign(open_workspace(folder), now=NOW)
    assert not third.fresh
