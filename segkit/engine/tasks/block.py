"""The tasks of a block of accounts after the decided periods.

A task stands for one account and one playbook. It opens in the period in which the account comes into a
segment (as primary) or flag that asks for the playbook, and is the same task while any of them does. It
closes once the success condition holds, looked at from the period after its opening on, or with the stay;
after a success the same stay opens no other. An unknown condition closes, escalates and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from segkit.engine.conditions.sheet import Sheet
from segkit.engine.members.membership import Bools, Ints
from segkit.engine.members.primary import Primary
from segkit.engine.members.transitions import Scanned
from segkit.engine.plan import Plan
from segkit.engine.tasks.asked import asked, held
from segkit.engine.tasks.books import used
from segkit.engine.tasks.carried import listed
from segkit.engine.tasks.load import no_load
from segkit.engine.tasks.playbook import of_playbook
from segkit.engine.tasks.scene import Scene


def tasks_of_block(
    plan: Plan,
    ids: pl.Series,
    sheet: Sheet,
    scanned: Mapping[str, Scanned],
    primaries: Mapping[str, Primary],
    on: Bools,
    moves: pl.DataFrame,
) -> tuple[pl.DataFrame, Ints]:
    """Columns TASKS: those that are listed at as_of, and closed ones of stays that last.

    And [2, T] tasks that open in each decided period and those open at its end, 0 for periods that earlier
    runs told of.

    `on` [A, T] over the decided periods; `moves` are the transitions of the block.
    """
    mine = plan.tasks.rows.join(ids.to_frame(), on="account_id", how="semi", maintain_order="left")
    ends = [plan.facts.calendar.end(int(period)) for period in plan.facts.periods[plan.first :]]
    since, asking = plan.tasks.since, used(plan.rules)
    first = 0 if since is None else sum(day <= since for day in ends)
    load = no_load(len(ends))
    if first == len(ends) or not (asking or mine.height):
        return mine, load
    books = [plan.rules.playbooks[name] for name in asking]
    scene = Scene(
        plan.rules,
        plan.speaker,
        asked(plan.rules, books, sheet, scanned, primaries),
        np.array(ids.to_list(), dtype=object),
        np.array(ends[first:], dtype=object),
        first,
        on[:, first:],
        held(plan.rules, scanned, primaries),
        primaries,
        moves,
    )
    names = sorted({*asking, *mine["playbook"]})
    found = [of_playbook(scene, name, asking.get(name, ()), mine) for name in names]
    for _, each in found:
        load[:, first:] += each
    rows = pl.concat([mine.filter(~pl.col("staying")), *(rows for rows, _ in found)])
    return rows.filter(listed(ends[-1])), load
