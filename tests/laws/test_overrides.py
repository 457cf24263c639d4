"""Overrides over the latches: what holds, where everybody stands and why, said once more in plain steps."""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given

from segkit.engine.conditions.reads import asked_missing
from segkit.engine.conditions.rows import block
from segkit.engine.members.evaluate import scan_all
from segkit.engine.members.membership import Ground
from segkit.engine.plan import plan_of
from segkit.engine.results import OUTSIDE, UNKNOWN
from segkit.periods import epoch_day
from tests.draws import one_in
from tests.laws.cases import LAW
from tests.laws.worlds import World, worlds

FEW = one_in(6, LAW)
Said = dict[tuple[str, str, int], tuple[bool, int]]
"""Account, segment, period -> in or out, and since which day."""


def said(world: World, true: dict[str, np.ndarray]) -> Said:
    """What the list says of each period; `true`: where a condition holds, [A, T]."""
    facts = world.facts
    found: Said = {}
    for row in () if facts.overrides is None else facts.overrides.iter_rows(named=True):
        account = facts.roster.accounts.index(row["account_id"])
        for t, period in enumerate(facts.periods):
            end = epoch_day(facts.calendar.end(int(period)))
            if end < row["first"]:
                continue
            if row["last"] is not None and end > row["last"]:
                break
            if row["until"] is not None and true[row["until"]][account, t]:
                break
            if facts.roster.on[account, t]:
                found[row["account_id"], row["segment"], t] = (row["inside"], row["first"])
    return found


@FEW
@given(worlds())
def test_what_holds_is_what_was_said_else_what_the_latch_says(world: World) -> None:
    facts, rules = world.facts, world.rules
    plan = plan_of(rules, facts, world.panel, None)
    on, shape = facts.roster.on, facts.roster.on.shape
    rows = block(world.panel, asked_missing(rules), 0, shape[0], 0, shape[1])
    ground = Ground(
        np.ascontiguousarray(on.T),
        np.zeros(on.T.shape, dtype=bool),
        np.ascontiguousarray(plan.waive.T),
        facts.periods,
    )
    paused = {name: plan.paused(name, 0, shape[0]) for name in world.panel.paused}
    sheet, scans, overs = scan_all(plan, rows, ground, paused, plan.memory)
    sheet.evaluate(rules.until.values())
    told = said(world, {text: sheet.decided(c) == 1 for text, c in rules.until.items()})
    decisions = world.decide()
    for segment in rules.segments:
        latch, held = scans[segment.name], overs.get(segment.name) or scans[segment.name]
        for a, account in enumerate(facts.roster.accounts):
            weeks = 0
            for t in range(shape[1]):
                inside = bool(latch.member[a, t])
                if (account, segment.name, t) in told:
                    inside = told[account, segment.name, t][0]
                weeks = weeks + 1 if inside else 0
                assert (held.member[a, t], held.weeks[a, t]) == (inside, weeks), (segment.name, account, t)
                assert decisions.member[segment.name][a, t] == inside
    for dimension in rules.dimensions:
        names = [segment.name for segment in dimension.segments]
        for a, account in enumerate(facts.roster.accounts):
            known = False
            for t in range(shape[1]):
                code = int(decisions.dimensions[dimension.name].primary[a, t])
                if not on[a, t]:
                    known = False
                    assert code == OUTSIDE
                    continue
                for segment in dimension.segments:
                    known |= bool(scans[segment.name].member[a, t]) or sheet.decided(segment.enter)[a, t] >= 0
                put = [
                    (told[key][1], -i)
                    for i, n in enumerate(names)
                    if (key := (account, n, t)) in told and told[key][0]
                ]
                inside = [i for i, name in enumerate(names) if decisions.member[name][a, t]]
                first = inside[0] if inside else len(names)
                assert code == (-max(put)[1] if put else first if known else UNKNOWN)


@FEW
@given(worlds())
def test_an_override_is_the_cause_exactly_where_somebody_said_something_else_than_before(
    world: World,
) -> None:
    facts, rules = world.facts, world.rules
    plan = plan_of(rules, facts, world.panel, None)
    shape = facts.roster.on.shape
    rows = block(world.panel, asked_missing(rules), 0, shape[0], 0, shape[1])
    true = {}
    for text, condition in rules.until.items():
        answers = rows.frame.select(
            plan.speaker.compiler.condition(condition, {}).fill_null(False)
        ).to_series()
        true[text] = answers.to_numpy().reshape(shape)
    told = said(world, true)
    decisions = world.decide()
    for row in decisions.transitions.iter_rows(named=True):
        t = decisions.as_of.index(row["as_of"])
        ends = {
            end for end in (row["from"], row["to"]) if end not in (None, "left", "unknown", "rest", "none")
        }
        now, before = (
            [told.get((row["account_id"], name, at)) for name in sorted(ends)] for at in (t, t - 1)
        )
        changed = any((n and n[0]) != (b and b[0]) for n, b in zip(now, before, strict=True))
        if row["cause"] not in ("roster", "first_seen"):
            assert (row["cause"] == "override") == changed, row
        if row["cause"] == "override":
            assert row["because"].startswith(("override by person", "the override ended"))
        elif row["cause"] != "first_seen" and row["cause"] != "roster":
            assert "override" not in row["because"]


@FEW
@given(worlds())
def test_the_rows_of_today_say_what_the_list_says(world: World) -> None:
    decisions = world.decide()
    if world.facts.overrides is None:
        assert decisions.overridden is None
        assert "override" not in decisions.assignments.columns
        return
    assert decisions.overridden is not None
    acting = decisions.overridden.filter("acts")
    rows = dict(decisions.assignments.select("account_id", "override").iter_rows())
    here = acting.filter(pl.col("account_id").is_in(list(rows)))
    assert {a for a, text in rows.items() if text} == set(here["account_id"])
    for row in here.iter_rows(named=True):
        member = decisions.member[row["segment"]][decisions.accounts.index(row["account_id"]), -1]
        assert bool(member) == row["inside"]
