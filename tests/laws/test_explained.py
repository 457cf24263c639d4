"""What `explain` shows is what decided: every value its column, every answer its row, every date a replay."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from segkit.engine.explain import explained
from segkit.engine.explained import SegmentShown, Shown
from segkit.engine.plan import plan_of
from segkit.engine.results import Decisions
from segkit.ruleset import expr as x
from tests.laws.cases import LAW
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


@settings(LAW, max_examples=60)
@given(worlds(), st.integers(0, 11))
def test_what_is_shown_is_what_decided(world: World, place: int) -> None:
    decisions = world.decide()
    account = decisions.accounts[place]
    told = explained(plan_of(world.rules, world.facts, world.panel, None), account)
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


@settings(LAW, max_examples=12)
@given(worlds(merging=True), st.integers(0, 11))
def test_a_merger_is_explained_as_it_was_decided(world: World, place: int) -> None:
    decisions = world.decide()
    account = decisions.accounts[place]
    told = explained(plan_of(world.rules, world.facts, world.panel, None), account)
    rows = decisions.assignments.filter(account_id=account)
    assert told.assignment == (rows.row(0, named=True) if rows.height else None)
    assert told.transitions.rows() == decisions.transitions.filter(account_id=account).rows()
