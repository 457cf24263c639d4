"""That a reference answers the same question: its cells of the last week beside those of segkit."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
from msgspec.structs import replace

from segkit.engine.conditions.reads import wanted
from segkit.engine.panel import Texts, build_panel
from segkit.ruleset.expr import Metric
from segkit.runs.given.inputs import read_facts, read_rules
from segkit.workspace import open_workspace

LEAST = 0.6
"""Share of cells that must be comparable: the others are unknown to segkit, or scaled for an outage."""
LOOSER = frozenset({"weeks_since_active", "nps_latest", "tickets_28d", "median_resolution_hours_91d"})
"""segkit does not count weeks of an outage, nor what lies before signup, and takes all answers of a day."""
MOSTLY = 0.9
"""Share of cells of these that must be the same; of the others all."""


def same_answers(folder: Path, names: Sequence[str]) -> None:
    """Ends the benchmark where a known value of segkit is not the one that a reference found."""
    workspace = open_workspace(folder)
    rules, _ = read_rules(workspace)
    facts = read_facts(workspace, rules, now=datetime.now(UTC), cache=True).facts
    metrics = {m.base: replace(m, view=None) for m in wanted(rules) if isinstance(m, Metric)}
    columns = build_panel(rules, facts, tuple(metrics.values()), len(facts.periods) - 1).columns
    accounts = pl.Series("account_id", facts.roster.accounts, dtype=pl.String).to_frame()
    for name in names:
        found = pl.read_parquet(folder.parent / f"{folder.name}-{name}.parquet")
        if "week_end" in found.columns:
            found = found.filter(pl.col("week_end") == pl.col("week_end").max())
        found = accounts.join(found, on="account_id", how="left", maintain_order="left")
        cells = compared = 0
        for metric in sorted(set(metrics) & set(found.columns)):
            own = columns[metric]
            assert not isinstance(own, Texts)
            here, theirs = own.value[:, -1], found[metric].cast(pl.Float64).to_numpy()
            exact = ~np.isnan(here) if own.gap is None else ~np.isnan(here) & ~own.gap[:, -1]
            cells, compared = cells + len(here), compared + int(exact.sum())
            same = np.isclose(here[exact], theirs[exact], rtol=1e-8).mean()
            if same < (MOSTLY if metric in LOOSER else 1):
                sys.exit(f"{name}: {metric} is not what segkit says")
        if compared < LEAST * cells:
            sys.exit(f"{name}: only {compared:,} of {cells:,} cells can be compared")
        print(f"{name}: equal in {compared:,} of {cells:,} cells of the last week; the others are unknown")
