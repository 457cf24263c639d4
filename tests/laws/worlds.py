"""Random rule sets over random values, for the laws of deciding."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
import polars as pl
from hypothesis import strategies as st
from msgspec.structs import replace

from segkit.engine.conditions.reads import wanted
from segkit.engine.decisions import decided
from segkit.engine.panel import Panel, Values
from segkit.engine.plan import plan_of
from segkit.engine.results import Decisions, State
from segkit.facts.by_hand.overrides import LATER_WINS, OVERRIDES
from segkit.facts.types import Coverage, Facts, Roster
from segkit.periods import Calendar, epoch_day
from segkit.ruleset import expr as x
from segkit.ruleset.model import Dimension, Playbook, RuleSet, Segment, Threshold, Times, Variant

EVENTS, TICKETS = x.Metric("events", 7), x.Metric("tickets", 28)
CHANGE, TENURE = x.Metric("events", 7, "change"), x.Metric("tenure_days")
METRICS = (EVENTS, TICKETS, CHANGE, TENURE)
FIRST = 2900
UNTIL = {
    "events_7d at least 3": x.Compare(EVENTS, ">=", x.Number(3.0)),
    "tickets_28d under 1": x.Compare(TICKETS, "<", x.Number(1.0)),
}
"""Conditions that overrides wait for."""
BOOKS = ("one", "one", "two", "one")
"""What segments a, b, c and the flag d ask for."""
MERGERS = {"account_id": pl.String, "into": pl.String, "from_day": pl.Int32}


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
            self.facts.roster,
            on=self.facts.roster.on[:, :stop],
            snapshot=self.facts.roster.snapshot[:, :stop],
        )
        columns = {
            key: Values(c.value[:, :stop], c.missing[:, :stop], None, _cut(c.at_least, stop))
            for key, c in self.panel.columns.items()
            if isinstance(c, Values)
        }
        coverage = {name: replace(c, covered=c.covered[:stop]) for name, c in self.facts.coverage.items()}
        facts = replace(self.facts, periods=self.facts.periods[:stop], roster=roster, coverage=coverage)
        if facts.overrides is not None:
            begun = pl.col("first") <= epoch_day(facts.as_of)
            facts = replace(facts, overrides=facts.overrides.filter(begun))
        paused = {name: mask[:, :stop] for name, mask in self.panel.paused.items()}
        return World(self.rules, facts, Panel(columns, self.panel.life[:, :stop], paused=paused))

    def decide(self, state: State | None = None) -> Decisions:
        return decided(plan_of(self.rules, self.facts, self.panel, state))


def _cut(matrix: np.ndarray | None, stop: int) -> np.ndarray | None:
    return None if matrix is None else matrix[:, :stop]


def leaf(draw: random.Random, read: list[str]) -> x.Condition:
    metric = draw.choice(METRICS)
    number = x.Number(float(n := draw.randint(0, 3)), str(n))
    if read and draw.random() < 0.3:
        other = draw.choice(read)
        weeks = x.Compare(x.WeeksIn(other), ">=", x.Number(2.0))
        return draw.choice([x.Member(other), weeks])
    match draw.randint(0, 9):
        case 0:
            return x.IsMissing(metric)
        case 1:
            return x.Between(metric, x.Number(1.0), x.Number(2.0))
        case 2:
            sum_of = x.Arith(draw.choice(["+", "-", "*", "/"]), EVENTS, TICKETS)
            return x.Compare(sum_of, draw.choice(["<", ">="]), number)
        case 3:
            return x.Compare(metric, "<", x.Limit("few"))
        case _:
            return x.Compare(metric, draw.choice(["<", "<=", ">", ">=", "=", "!="]), number)


def tree(draw: random.Random, read: list[str], depth: int = 2) -> x.Condition:
    if depth == 0 or draw.random() < 0.4:
        return leaf(draw, read)
    inside = tuple(tree(draw, read, depth - 1) for _ in range(draw.randint(1, 3)))
    match draw.randint(0, 4):
        case 0:
            return x.Not(inside[0])
        case 1:
            return x.AtLeast(draw.randint(1, len(inside)), inside)
        case 2:
            return x.Named("named", inside[0])
        case 3:
            return x.All(inside)
        case _:
            return x.Any(inside)


def segment(draw: random.Random, name: str, read: list[str]) -> Segment:
    return Segment(
        name,
        tree(draw, read),
        exit=draw.choice([None, tree(draw, read)]),
        at_once=draw.choice([None, None, leaf(draw, read)]),
        enter_after=draw.choice([Times(), Times(2, 2), Times(3, 3), Times(2, 3)]),
        exit_after=draw.choice([Times(), Times(2, 2), Times(2, 3)]),
        min_stay=draw.randint(0, 3),
        cooldown=draw.randint(0, 3),
        max_gap=draw.randint(1, 3),
        expire_after=draw.randint(2, 4),
    )


def playbook(draw: random.Random, name: str, read: list[str]) -> Playbook:
    return Playbook(
        name,
        success=draw.choice([None, tree(draw, read)]),
        within="3 weeks",
        owner="csm",
        due="2 days",
        escalate_to="lead",
        escalate_when=draw.choice([None, tree(draw, read)]),
        variants=(
            Variant(leaf(draw, read), {"due": "1 day", "say": "first"}),
            Variant(leaf(draw, read), {"owner": "sales", "say": "second"}),
        ),
    )


def rule_set(draw: random.Random) -> RuleSet:
    names = ["a", "b", "c", "d"]
    a, b, c, d = (segment(draw, name, names[:place]) for place, name in enumerate(names))
    # Two segments of different dimensions and a flag ask for one playbook, another segment for a second.
    a, b, c, d = (replace(s, playbook=book) for s, book in zip((a, b, c, d), BOOKS, strict=True))
    # `c` stands first in the file although it is scanned after what it reads.
    return RuleSet(
        name="random",
        version=1,
        dimensions=(Dimension("segments", (c, a), "rest"), Dimension("size", (b,))),
        flags=(d,),
        thresholds={"few": Threshold("few", 2.0)},
        scan_order=tuple(names),
        playbooks={name: playbook(draw, name, names) for name in sorted({*BOOKS})},
        until=UNTIL,
        logic="random",
    )


def overrides(
    rng: np.random.Generator, accounts: tuple[str, ...], periods: np.ndarray, calendar: Calendar
) -> pl.DataFrame | None:
    """In and out, by date, by condition and open, several over each other; in some worlds no list at all."""
    if rng.random() < 0.3:
        return None
    rows = []
    for place in range(int(rng.integers(0, 3 * len(accounts)))):
        first = epoch_day(calendar.start(int(periods[0]))) + int(rng.integers(-10, 7 * len(periods)))
        until = (None, None, *UNTIL)[int(rng.integers(2 + len(UNTIL)))]
        last = first + int(rng.integers(7, 60)) if until is None and rng.random() < 0.8 else None
        account = accounts[int(rng.integers(len(accounts)))]
        row = (account, "abcd"[int(rng.integers(4))], bool(rng.random() < 0.5), first, last, until)
        rows.append((*row, f"person {place}", "because"))
    found = pl.DataFrame(rows, schema=OVERRIDES, orient="row")
    return found.sort(LATER_WINS, nulls_last=True)


def mergers(rng: np.random.Generator, facts: Facts) -> pl.DataFrame:
    """Every second account merges into the next, which often begins with it. Changes the roster in place."""
    rows = []
    on, names = facts.roster.on, facts.roster.accounts
    for old in range(0, len(names) - 1, 2):
        at = int(rng.integers(1, on.shape[1])) if on.shape[1] > 1 else 1
        if rng.random() < 0.7:
            on[old + 1, :at] = False
        on[old, at:] = False
        rows.append((names[old], names[old + 1], epoch_day(facts.calendar.start(FIRST + at))))
    return pl.DataFrame(rows, schema=MERGERS, orient="row")


def world(seed: int, accounts: int = 12, merging: bool = False) -> World:
    rules = rule_set(random.Random(seed))
    rng = np.random.default_rng(seed)
    shape = (accounts, int(rng.integers(2, 17)))
    on = np.cumsum(rng.random(shape) < 0.4, axis=1) > 0
    on &= ~(rng.random(shape) < rng.choice([0.0, 0.15]))
    holes = rng.choice([0.0, 0.3, 0.7])
    columns = {}
    for metric in wanted(rules):
        value = np.clip(np.cumsum(rng.integers(-1, 2, shape), axis=1) + 2.0, 0, 4)
        hole = rng.random(shape) < holes
        value[hole | ~on] = np.nan
        at_least = rng.random(shape) < 0.2 if metric == EVENTS else None
        columns[metric.key] = Values(value, (hole & (rng.random(shape) < 0.5)) | ~on, None, at_least)
    roster = Roster(
        tuple(f"A{i:02d}" for i in range(accounts)),
        on,
        rng.integers(20200, 20400, accounts).astype(np.int32),
        rng.random(accounts) < 0.7,
        pl.DataFrame({"account_id": ["A00"]}),
        np.full(shape, -1, dtype=np.int32),
    )
    calendar, last = Calendar(), FIRST + shape[1] - 1
    covered = np.ones(shape[1], dtype=bool)
    coverage = {
        name: Coverage(name, calendar.start(FIRST), calendar.end(last), "test", covered)
        for name in ("usage", "tickets", "accounts")
    }
    index = np.arange(FIRST, last + 1, dtype=np.int32)
    facts = Facts(calendar, index, roster, coverage, pl.DataFrame(), pl.DataFrame(), {}, None)
    facts = replace(facts, overrides=overrides(rng, roster.accounts, index, calendar))
    if merging:
        facts = replace(facts, mergers=mergers(rng, facts))
    paused = {name: rng.random(shape) < 0.3 for name in "bc"} if rng.random() < 0.5 else {}
    return World(rules, facts, Panel(columns, on, paused=paused))


def worlds(merging: bool = False) -> st.SearchStrategy[World]:
    return st.integers(0, 2**32 - 1).map(lambda seed: world(seed, merging=merging))
