"""Every account that is where a playbook is asked for has one task for it: none is lost, none there twice."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl
from hypothesis import given

from segkit.engine.results import Decisions
from segkit.engine.tasks.carried import LISTED_DAYS
from tests.draws import one_in
from tests.laws.cases import LAW
from tests.laws.worlds import World, worlds

FEW = one_in(10, LAW)
"""Each is a handful of runs over a dozen accounts."""


def asking(world: World, decisions: Decisions) -> dict[str, np.ndarray]:
    """Playbook -> [A, T] some segment, as primary, or flag asks for it."""
    found = {name: np.zeros(decisions.on_roster.shape, dtype=bool) for name in world.rules.playbooks}
    for dimension in world.rules.dimensions:
        for place, segment in enumerate(dimension.segments):
            found[str(segment.playbook)] |= decisions.dimensions[dimension.name].primary == place
    for flag in world.rules.flags:
        found[str(flag.playbook)] |= decisions.member[flag.name]
    return found


@FEW
@given(worlds())
def test_one_task_for_every_stay_and_none_besides(world: World) -> None:
    decisions = world.decide()
    tasks, as_of = decisions.state.tasks, decisions.as_of[-1]
    assert tasks["key"].is_unique().all()
    for book, inside in asking(world, decisions).items():
        rows = tasks.filter(pl.col("playbook") == book)
        lasting = rows.filter("staying")
        here = [account for account, now in zip(decisions.accounts, inside[:, -1], strict=True) if now]
        assert lasting["account_id"].to_list() == here
        for row in lasting.iter_rows(named=True):
            opened = decisions.as_of.index(row["opened"])
            place = decisions.accounts.index(row["account_id"])
            assert inside[place, opened:].all()
            assert opened == 0 or not inside[place, opened - 1]
            assert row["closed"] is None or row["closed_because"].startswith("success: ")
        over = rows.filter(~pl.col("staying"))
        assert (over["closed"] > as_of - timedelta(days=LISTED_DAYS)).all()
        assert over["closed_because"].null_count() == 0


@FEW
@given(worlds())
def test_run_after_run_no_task_is_lost_or_made_again(world: World) -> None:
    state, known = None, {}
    whole = world.decide().load
    assert whole is not None
    for stop in range(1, world.periods + 1):
        decisions = world.until(stop).decide(state)
        state = decisions.state
        now = {row["key"]: row for row in state.tasks.iter_rows(named=True)}
        opened = state.tasks.filter(pl.col("opened") == decisions.as_of[-1]).height
        open_now = state.tasks["closed"].null_count()
        assert decisions.load is not None
        assert (opened, open_now) == tuple(whole[:, stop - 1]) == tuple(decisions.load[:, -1])
        for key, old in known.items():
            if old["closed"] is None:
                assert {"opened", "due", "because"} <= now[key].keys()
                assert (now[key]["opened"], now[key]["due"]) == (old["opened"], old["due"])
                # An escalation goes on, begins now, or is over.
                assert now[key]["escalated"] in (old["escalated"], decisions.as_of[-1], None)
            elif key in now:
                assert {**now[key], "staying": old["staying"]} == old
        fresh = now.keys() - known.keys()
        assert all(now[key]["opened"] == decisions.as_of[-1] and now[key]["closed"] is None for key in fresh)
        known = now
