"""The published runs at a glance: what each read, decided and was accepted for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import polars as pl

from segkit.errors import ConfigError
from segkit.runs.folders import history
from segkit.runs.folders.history import MANIFEST, Published
from segkit.runs.folders.outputs import ASSIGNMENTS
from segkit.runs.given.inputs import read_rules
from segkit.workspace import Workspace

RUNS = {
    "as_of": pl.Date,
    "run": pl.String,
    "verb": pl.String,
    "started": pl.String,
    "periods": pl.Int64,
    "accounts": pl.Int64,
    "transitions": pl.Int64,
    "rows": pl.Int64,
    "refused": pl.Int64,
    "left_out": pl.Int64,
    "accepted": pl.String,
    "supersedes": pl.String,
    "rules_changed": pl.Boolean,
    "seconds": pl.Float64,
    "older_gone": pl.Boolean,
}
"""Columns of a past run, before a column for the size of each segment."""


def pasts(workspace: Workspace) -> pl.DataFrame:
    """RUNS of the published run and all it grew from, the newest first, then the segments of each as columns.

    `started` is ISO time in UTC; 0 is also the size of a segment that a run did not know. Segments
    have today's names, as far as the rules can be read.

    Raises: IoError (I103) where the history is damaged.
    """
    head = history.head(workspace.state, workspace.out)
    runs = list(history.lineage(workspace.out, head))
    renamed: Mapping[str, str] = {}
    with suppress(ConfigError):  # the past can be looked at while the rules are being edited
        renamed = read_rules(workspace)[0].renamed
    older: list[Published | None] = [*runs[1:], None] if runs else []
    rows = [_row(run, before) | _sizes(run, renamed) for run, before in zip(runs, older, strict=True)]
    segments = dict.fromkeys(name for row in rows for name in row if name not in RUNS)
    schema = {**RUNS, **dict.fromkeys(segments, pl.Int64)}
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(pl.col(list(segments)).fill_null(0))


def _row(run: Published, older: Published | None) -> dict[str, Any]:
    told = json.loads((run.folder / MANIFEST).read_text("utf-8"))
    sources = told["rows"]
    return {
        "as_of": run.as_of,
        "run": run.run,
        "verb": told["verb"],
        "started": told["started"],
        "periods": told["periods"]["decided"],
        "accounts": told["counts"]["accounts"],
        "transitions": told["counts"]["transitions"],
        "rows": sum(source["read"] for source in sources),
        "refused": sum(source["rejected"] for source in sources),
        "left_out": sum(source["excluded"] for source in sources),
        "accepted": ", ".join(finding.tripped.name for finding in run.guards) or None,
        "supersedes": told["supersedes"],
        "rules_changed": older is not None and older.logic != run.logic,
        "seconds": round(sum(told["seconds"].values()), 1),
        "older_gone": older is None and run.parent is not None,
    }


def _sizes(run: Published, renamed: Mapping[str, str]) -> dict[str, int]:
    primary = run.frame(ASSIGNMENTS)["primary"].replace(renamed)
    counted = primary.value_counts(name="n").sort("n", "primary", descending=True)
    return dict(counted.iter_rows())
