"""Kept baselines: a run that goes on from what earlier runs kept says what one from nothing says."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import polars as pl
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace
from polars.testing import assert_frame_equal

from segkit.engine.baselines import Shelf
from segkit.engine.baselines.standing import Standing
from segkit.engine.counting.values import Values
from segkit.engine.panel import Panel, build_panel
from segkit.facts.types import Facts
from segkit.ruleset.expr import Compare, Metric, Number
from segkit.ruleset.model import Baselines, Dimension, LeftOut, RuleSet, Segment
from segkit.runs.folders.blocks import Blocks
from tests.draws import one_in
from tests.engine.build import Event, facts, ruleset

FIRST = 20458
"""2026-01-05, a Monday."""
WEEKS = 72
METRICS = (Metric("events", 28), Metric("active_users", 7))
LOW = Segment("low", Compare(Metric("events", 28, "z_score"), "<", Number(-1)))
WANTED = [
    replace(metric, view=view)
    for metric in METRICS
    for view in ("expected", "z_score", "vs_usual", "vs_peers")
]


class World:
    """Accounts that come, go and change their industry, people who move, rows and pauses that come late."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.names = [f"A{account:02d}" for account in range(int(rng.integers(1, 26)))]
        excuse = ("always", "seasonal_only", "off")[int(rng.integers(3))]
        span = LeftOut(self.names[0], date(2026, 4, 15), date(2026, 6, 14))
        incident = (span,) if rng.random() < 0.3 else ()
        self.rules: RuleSet = ruleset(
            peers=("industry", "region"),
            baselines=Baselines(excuse, float(rng.integers(6)), incident),
            dimensions=(Dimension("segments", (LOW,), "none"),),
        )
        self.begins = np.where(
            rng.random(len(self.names)) < 0.4, rng.integers(0, WEEKS, len(self.names)), -40
        )
        self.kinds = rng.integers(0, 3, (len(self.names), 2))
        self.moves = {name: int(rng.integers(30, WEEKS)) for name in self.names[::5]}
        self.people = [(int(rng.integers(len(self.names))), int(rng.integers(30, WEEKS))) for _ in range(3)]
        rows = rng.poisson(rng.lognormal(1.0, 1.0, len(self.names))[:, None], (len(self.names), WEEKS))
        self.rows: list[tuple[int, Event]] = []
        for (account, week), n in np.ndenumerate(rows):
            if n and week >= self.begins[account]:
                late = week + int(rng.integers(1, 30)) if rng.random() < 0.005 else week
                self.rows.append((late, self.event(rng, account, int(week), int(n))))

        self.pauses: list[tuple[int, dict[str, Any]]] = []
        for who in ({"account_id": self.names[-1]}, {"attribute": "region", "value": "EMEA"}, {}):
            week, words = (
                int(rng.integers(-4, WEEKS)),
                [[], ["events"], ["events_28d"]][int(rng.integers(3))],
            )
            first = FIRST + 7 * week
            row = {**who, "first": first, "last": first + int(rng.integers(40)), "metrics": words}
            if rng.random() < 0.6:
                self.pauses.append((week + int(rng.choice([0, 4, 9, 20])), row))

    def event(self, rng: np.random.Generator, account: int, week: int, n: int) -> Event:
        at = FIRST + 7 * week + int(rng.integers(7))
        feature, name = "ab"[n % 2], self.names[account]
        if rng.random() < 0.1:
            return f"user:{account % 3}", at, {"count": n, "feature": feature}
        return name, at, {"count": n, "feature": feature, "user": account % 3}

    def known_by(self, weeks: int) -> Facts:
        names = [name for name, begun in zip(self.names, self.begins, strict=True) if begun < weeks]
        accounts: dict[str, dict[str, Any]] = {
            name: {
                "industry": ("Retail", "Finance", None)[self.kinds[row, 0]],
                "region": ("EMEA", "AMER", "APAC")[self.kinds[row, 1]],
                "signup_date": FIRST + 7 * int(self.begins[row]),
            }
            for row, name in enumerate(self.names)
            if name in names
        }
        moved = [
            {**accounts[name], "account_id": name, "industry": "Retail", "snapshot_at": FIRST + 7 * week}
            for name, week in self.moves.items()
            if name in names and week < weeks
        ]
        mapping = []
        for user, (account, week) in enumerate(self.people):
            name = self.names[account]
            if name in names and week < weeks:
                mapping += [(f"user:{user}", names[0], None, FIRST + 7 * week - 1)]
                mapping += [(f"user:{user}", name, FIRST + 7 * week, None)]
            elif names:
                mapping.append((f"user:{user}", names[0], None, None))
        return facts(
            events=[row for since, row in self.rows if since < weeks and (row[0] in names or ":" in row[0])],
            accounts=accounts,
            snapshots=[{**row, "snapshot_at": _date(row["snapshot_at"])} for row in moved],
            mapping=mapping,
            metrics=METRICS,
            rules=self.rules,
            periods=weeks,
            uncovered={"usage": [each for each in (17, 44) if each < weeks]},
            pauses=[row for since, row in self.pauses if since < weeks],
        )


def _date(at: int) -> str:
    return str(pl.Series([at], dtype=pl.Int32).cast(pl.Date)[0])


def same(left: Panel, right: Panel) -> None:
    for key, column in left.columns.items():
        other = right.columns[key]
        assert isinstance(column, Values)
        assert isinstance(other, Values)
        np.testing.assert_array_equal(column.value, other.value, key)
        np.testing.assert_array_equal(column.missing, other.missing, key)
    for metric, standing in left.standings.items():
        other_standing: Standing = right.standings[metric]
        assert_frame_equal(standing.groups, other_standing.groups)
        for name in ("basis", "first_season", "peers", "group", "dipped", "unusual"):
            np.testing.assert_array_equal(getattr(standing, name), getattr(other_standing, name), name)
    assert left.drawn is not None
    assert right.drawn is not None
    assert left.drawn.accounts == right.drawn.accounts
    for name in ("vs_expected", "z_score"):
        np.testing.assert_array_equal(getattr(left.drawn, name), getattr(right.drawn, name), name)
    for row in range(len(left.drawn.accounts)):
        np.testing.assert_array_equal(left.drawn.series(row), right.drawn.series(row))


def run(world: World, weeks: int, new: int, shelf: Shelf | None) -> Panel:
    return build_panel(world.rules, world.known_by(weeks), WANTED, max(weeks - new - 1, 0), shelf)


@given(
    seed=st.integers(0, 10**9),
    cuts=st.lists(st.integers(20, WEEKS - 1), min_size=1, max_size=3, unique=True),
)
@example(seed=14, cuts=[40, 55]).via("a pause of one metric that is written down late")
@one_in(10)
def test_what_was_kept_changes_no_value(seed: int, cuts: list[int]) -> None:
    world = World(seed)
    with TemporaryDirectory() as folder:
        shelf = Blocks(Path(folder))
        before = 0
        for weeks in [*sorted(cuts), WEEKS]:
            new = weeks - before if before else weeks
            same(run(world, weeks, new, shelf), run(world, weeks, new, None))
            before = weeks
