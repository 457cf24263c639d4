"""Random rule sets over random values, for the laws of deciding."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from hypothesis import strategies as st

from segkit.engine.decide import decided
from segkit.engine.panel import Panel, Values
from segkit.engine.plan import plan_of
from segkit.engine.reads import wanted
from segkit.engine.results import Decisions, State
from segkit.facts.types import Coverage, Facts, Roster
from segkit.periods import Calendar
from segkit.ruleset import expr as x
from segkit.ruleset.model import Dimension, RuleSet, Segment, Threshold, Times

EVENTS, TICKETS = x.Metric("events", 7), x.Metric("tickets", 28)
CHANGE, TENURE = x.Metric("events", 7, "change"), x.Metric("tenure_days")
METRICS = (EVENTS, TICKETS, CHANGE, TENURE)
FIRST = 2900


@dataclass(frozen=True)
class World:
    rules: RuleSet
    facts: Facts
    panel: Panel

    @property
    def periods(self) -> int:
        return len(self.facts.periods)

    def until(self, stop: int) -> World:
        """What was known after `stop` periods."""
        roster = replace(
            self.facts.roster, on=self.facts.roster.on[:, :stop], snapshot=self.facts.roster.snapshot[:, :stop]
        )
        columns = {
            key: Values(c.value[:, :stop], c.missing[:, :stop], None, _cut(c.at_least, stop))
            for key, c in self.panel.columns.items()
            if isinstance(c, Values)
        }
        coverage = {name: replace(c, covered=c.covered[:stop]) for name, c in self.facts.coverage.items()}
        facts = replace(self.facts, periods=self.facts.periods[:stop], roster=roster, coverage=coverage)
        return World(self.rules, facts, Panel(columns, self.panel.life[:, :stop]))

    def decide(self, state: State | None = None) -> Decisions:
        return decided(plan_of(self.rules, self.facts, self.panel, state))


def _cut(matrix: np.ndarray | None, stop: int) -> np.ndarray | None:
    return None if matrix is None else matrix[:, :stop]


LEAVES = st.one_of(
    st.builds(
        x.Compare,
        st.sampled_from(METRICS),
        st.sampled_from(["<", "<=", ">", ">=", "=", "!="]),
        st.sampled_from([x.Number(float(n), str(n)) for n in range(4)] + [x.Limit("few")]),
    ),
    st.builds(x.Between, st.sampled_from(METRICS), st.just(x.Number(1.0)), st.just(x.Number(2.0))),
    st.builds(x.IsMissing, st.sampled_from(METRICS)),
    st.builds(
        x.Compare,
        st.builds(x.Arith, st.sampled_from(["+", "-", "*", "/"]), st.just(EVENTS), st.just(TICKETS)),
        st.sampled_from(["<", ">="]),
        st.just(x.Number(1.0)),
    ),
)


def trees(leaves: st.SearchStrategy[x.Condition]) -> st.SearchStrategy[x.Condition]:
    def inside(child: st.SearchStrategy[x.Condition]) -> st.SearchStrategy[x.Condition]:
        several = st.lists(child, min_size=1, max_size=3).map(tuple)
        return st.one_of(
            st.builds(x.All, several),
            st.builds(x.Any, several),
            st.builds(x.Not, child),
            st.builds(x.AtLeast, st.integers(1, 3), several),
            st.builds(x.Named, st.just("named"), child),
        )

    return st.recursive(leaves, inside, max_leaves=5)


CONDITIONS = trees(LEAVES)


@st.composite
def segments(draw: st.DrawFn, name: str, read: list[str]) -> Segment:
    leaves: st.SearchStrategy[x.Condition] = LEAVES
    if read:
        other = st.sampled_from(read)
        weeks = st.builds(x.Compare, st.builds(x.WeeksIn, other), st.just(">="), st.just(x.Number(2.0)))
        leaves = st.one_of(LEAVES, st.builds(x.Member, other), weeks)
    count = st.integers(1, 3)
    return Segment(
        name,
        draw(trees(leaves)),
        exit=draw(st.none() | trees(leaves)),
        at_once=draw(st.none() | LEAVES),
        enter_after=draw(st.sampled_from([Times(), Times(2, 2), Times(3, 3), Times(2, 3)])),
        exit_after=draw(st.sampled_from([Times(), Times(2, 2), Times(2, 3)])),
        min_stay=draw(count),
        cooldown=draw(count),
        max_gap=draw(count),
        expire_after=draw(count) + 1,
    )


@st.composite
def rule_sets(draw: st.DrawFn) -> RuleSet:
    names = ["a", "b", "c", "d", "e"]
    made: list[Segment] = []
    for name in names:
        made.append(draw(segments(name, [s.name for s in made])))
    # `c` stands first in the file although it is scanned after what it reads.
    dimensions = (Dimension("segments", (made[2], made[0]), "rest"), Dimension("size", (made[1],)))
    return RuleSet(
        name="random",
        version=1,
        dimensions=dimensions,
        flags=(made[3], made[4]),
        thresholds={"few": Threshold("few", 2.0)},
        scan_order=tuple(names),
        logic="random",
    )


@st.composite
def worlds(draw: st.DrawFn, accounts: int = 12) -> World:
    rules = draw(rule_sets())
    periods = draw(st.integers(2, 16))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = (accounts, periods)
    on = np.cumsum(rng.random(shape) < 0.4, axis=1) > 0
    on &= ~(rng.random(shape) < draw(st.sampled_from([0.0, 0.15])))
    holes = draw(st.sampled_from([0.0, 0.3, 0.7]))
    columns = {}
    for metric in wanted(rules):
        value = np.clip(np.cumsum(rng.integers(-1, 2, shape), axis=1) + 2.0, 0, 4)
        hole = rng.random(shape) < holes
        value[hole | ~on] = np.nan
        at_least = rng.random(shape) < 0.2 if metric == EVENTS else None
        columns[metric.key] = Values(value, (hole & (rng.random(shape) < 0.5)) | ~on, None, at_least)
    index = np.arange(FIRST, FIRST + periods, dtype=np.int32)
    roster = Roster(
        tuple(f"A{i:02d}" for i in range(accounts)),
        on,
        rng.integers(20200, 20400, accounts).astype(np.int32),
        rng.random(accounts) < 0.7,
        pl.DataFrame({"account_id": ["A00"]}),
        np.full(shape, -1, dtype=np.int32),
    )
    calendar = Calendar()
    coverage = {
        name: Coverage(name, calendar.start(FIRST), calendar.end(FIRST + periods - 1), "test", np.ones(periods, bool))
        for name in ("usage", "tickets", "accounts")
    }
    tables: dict[str, pl.DataFrame] = {}
    facts = Facts(calendar, index, roster, coverage, pl.DataFrame(), pl.DataFrame(), tables, None)
    return World(rules, facts, Panel(columns, on))
