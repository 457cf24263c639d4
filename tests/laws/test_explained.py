"""What `explain` shows is what decided: every value its column, every answer its row, every date a replay."""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from segkit.engine.decide_block import work
from segkit.engine.explaining.explain import explained, onward
from segkit.engine.explaining.explained import SegmentShown, Shown
from segkit.engine.panel import Panel, Values
from segkit.engine.plan import plan_of
from segkit.engine.results import Decisions
from segkit.engine.what_if import looked_ahead
from segkit.periods import epoch_day
from segkit.ruleset import expr as x
from tests.draws import one_in
from tests.laws.cases import LAW
from tests.laws.fold import Period, fold
from tests.laws.test_explain import plain
from tests.laws.worlds import World, worlds

SAID = {None: -1, False: 0, True: 1}


def answers(tree: Shown) -> dict[x.Condition, int]:
    return {leaf.condition: SAID[leaf.truth] for leaf in tree.leaves()}


def trees(shown: SegmentShown) -> list[Shown]:
    return [tree for tree in (shown.enter, shown.exit, shown.at_once) if tree is not None]


def column(world: World, decisions: Decisions, key: str, place: int) -> float | None:
    """What the column of an operand says in the last period; null as None."""
    kind, _, segment = key.removesuffix(")").partition("(")
    if kind == "member":
        return float(decisions.member[segment][place, -1])
    if kind == "weeks_in":
        weeks = 0
        while weeks < world.periods and decisions.member[segment][place, -1 - weeks]:
            weeks += 1
        return float(weeks)
    value = float(world.panel.columns[key].value[place, -1])
    return None if np.isnan(value) else value


@one_in(10, LAW)
@given(worlds(), st.permutations(range(12)))
def test_what_is_shown_is_what_decided(world: World, places: list[int]) -> None:
    """Ten accounts of each world, of 2 to 16 weeks."""
    decisions = world.decide()
    plan = plan_of(world.rules, world.facts, world.panel, None)
    for place in places[:10]:
        account = decisions.accounts[place]
        told = explained(plan, account)
        assert bool(told.segments) == bool(decisions.on_roster[place, -1])
        rows = decisions.assignments.filter(account_id=account)
        assert told.assignment == (rows.row(0, named=True) if rows.height else None)
        assert told.transitions.rows() == decisions.transitions.filter(account_id=account).rows()
        for shown in told.segments:
            member = decisions.member[shown.segment.name][place]
            assert shown.inside == member[-1]
            assert shown.weeks == len(member) - 1 - np.flatnonzero(~member).max(initial=-1)
            for tree in trees(shown):
                values_are_columns(world, decisions, tree, place)
            lacking_is_enough(shown)
            if shown.segment.name == told.main.primary and shown.latched and told.overridden.is_empty():
                timers_and_reasons_are_those_of_the_assignment(shown, rows.row(0, named=True))


AHEAD = 16
"""Periods replayed further: more than the timers of these worlds take."""


@one_in(10, LAW)
@given(worlds(), st.permutations(range(12)))
def test_what_would_move_it_moves_it_when_replayed(world: World, places: list[int]) -> None:
    """All of history and some periods more, decided anew: as all is, and with the one value put otherwise."""
    plan = plan_of(world.rules, world.facts, world.panel, None)
    as_it_is = further(world).decide()
    for place in places[:3]:
        told = explained(plan, as_it_is.accounts[place])
        if not told.segments:
            continue
        found = onward(plan, told)
        ends = as_it_is.as_of[world.periods :]
        path = primaries(as_it_is, place)[world.periods :]
        moved = [(end, name) for end, name in zip(ends, path, strict=True) if name != told.main.primary]
        if found.goes is None:
            assert not [each for each in moved if each[0] <= ends[looked_ahead(world.rules.main) - 1]]
        else:
            assert moved[0] == found.goes
        if found.smallest is not None:
            change = found.smallest
            other = further(world, (place, change.column, change.to)).decide()
            differs = [
                (end, name)
                for end, name, before in zip(
                    ends, primaries(other, place)[world.periods :], path, strict=True
                )
                if name != before
            ]
            assert differs[0] == (change.on, change.into)


@one_in(6, LAW)
@given(worlds(), st.permutations(range(12)))
def test_the_earliest_exit_is_when_it_leaves_if_all_asks_for_it(world: World, places: list[int]) -> None:
    """By the plain fold: let out in every period to come, it is in until the day told, and out then."""
    plan = plan_of(world.rules, world.facts, world.panel, None)
    for place in places[:3]:
        told = explained(plan, world.facts.roster.accounts[place])
        done = work(plan, place, place + 1)
        for shown in told.segments:
            if not shown.latched or shown.turns is None:
                continue
            segment = shown.segment
            written = None if segment.exit is None else done.sheet.decided(segment.exit)[0]
            at_once = None if segment.at_once is None else done.sheet.decided(segment.at_once)[0]
            paused = world.panel.paused.get(segment.name, np.zeros_like(world.panel.life))
            history: list[Period] = [
                (
                    int(done.sheet.decided(segment.enter)[0, t]),
                    None if written is None else int(written[t]),
                    None if at_once is None else int(at_once[t]),
                    bool(world.facts.roster.on[place, t]),
                    bool(paused[place, t]),
                    bool(plan.waive[place, t]),
                )
                for t in range(world.periods)
            ]
            goes: Period = (0, None if written is None else 1, None, True, False, False)
            weeks = fold(segment, [*history, *[goes] * AHEAD])[world.periods :]
            last = world.facts.calendar.index(shown.turns) - int(world.facts.periods[-1])
            assert all(weeks[: last - 1])
            assert weeks[last - 1] == 0


def further(world: World, put: tuple[int, str, float] | None = None) -> World:
    """Some periods more in which every value stays as it is, but for one of one account."""

    def longer(matrix: np.ndarray) -> np.ndarray:
        return np.concatenate([matrix, np.repeat(matrix[:, -1:], AHEAD, axis=1)], axis=1)

    facts, roster = world.facts, world.facts.roster
    columns = {}
    for key, column in world.panel.columns.items():
        assert isinstance(column, Values)
        bound = None if column.at_least is None else longer(column.at_least)
        value, missing = longer(column.value), longer(column.missing)
        if put is not None and put[1] == key:
            value[put[0], -AHEAD:], missing[put[0], -AHEAD:] = put[2], False
            if bound is not None:
                bound[put[0], -AHEAD:] = False
        columns[key] = Values(value, missing, None, bound)
    index = np.arange(facts.periods[0], facts.periods[-1] + 1 + AHEAD, dtype=np.int32)
    coverage = {
        name: replace(each, covered=np.ones(len(index), dtype=bool)) for name, each in facts.coverage.items()
    }
    begun = None
    if facts.overrides is not None:
        begun = facts.overrides.filter(pl.col("first") <= epoch_day(facts.as_of))
    on = longer(roster.on)
    roster = replace(roster, on=on, snapshot=longer(roster.snapshot))
    facts = replace(facts, periods=index, roster=roster, coverage=coverage, overrides=begun)
    paused = {name: longer(mask) for name, mask in world.panel.paused.items()}
    return World(world.rules, facts, Panel(columns, on, paused=paused))


def primaries(decisions: Decisions, place: int) -> list[str | None]:
    """The main dimension of an account, period by period."""
    found = decisions.dimensions["segments"]
    return [found.label(int(code)) for code in found.primary[place]]


def values_are_columns(world: World, decisions: Decisions, tree: Shown, place: int) -> None:
    """Nulls included; and every answer follows from those of the leaves."""
    for leaf in tree.leaves():
        assert leaf.reading is not None
        value = leaf.reading.value
        if not isinstance(leaf.condition, x.Compare) or not isinstance(leaf.condition.left, x.Arith):
            assert value.value == column(world, decisions, value.key, place)
        assert (value.value is None) == (value.why is not None)
    assert plain(tree.condition, answers(tree)) == SAID[tree.truth]


def lacking_is_enough(shown: SegmentShown) -> None:
    """With the conditions that it lacks turned round, and nothing else, an account would come in."""
    if shown.lacking:
        assert shown.enter.truth is not True
        turned = {
            leaf.condition: SAID[leaf.asked if leaf.truth is None else not leaf.truth]
            for leaf in shown.lacking
        }
        assert plain(shown.enter.condition, answers(shown.enter) | turned) == 1
    asked = shown.exit if shown.latched and shown.exit else shown.enter
    if shown.hangs_on:
        assert (asked.truth, {leaf.truth for leaf in shown.hangs_on}) == (None, {None})
        ways = (
            {leaf.condition: SAID[leaf.asked is truth] for leaf in shown.hangs_on}
            for truth in SAID
            if truth is not None
        )
        assert {plain(asked.condition, answers(asked) | way) for way in ways} & {0, 1}


def timers_and_reasons_are_those_of_the_assignment(shown: SegmentShown, row: dict[str, object]) -> None:
    """The date that the scan ahead found is the one the assignments hold."""
    assert shown.turns == row["earliest_exit"]
    if shown.enter.truth:
        said = [leaf.reading.said for leaf in shown.enter.leaves() if leaf.decides and leaf.reading]
        assert set(said) == set(str(row["because"]).split("; "))


@one_in(15, LAW)
@given(worlds(merging=True), st.integers(0, 11))
def test_a_merger_is_explained_as_it_was_decided(world: World, place: int) -> None:
    decisions = world.decide()
    account = decisions.accounts[place]
    told = explained(plan_of(world.rules, world.facts, world.panel, None), account)
    rows = decisions.assignments.filter(account_id=account)
    assert told.assignment == (rows.row(0, named=True) if rows.height else None)
    assert told.transitions.rows() == decisions.transitions.filter(account_id=account).rows()
