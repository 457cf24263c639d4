"""Many rule sets over one panel say what each says by itself."""

from __future__ import annotations

import numpy as np
from msgspec.structs import replace

from benchmarks.panels import facts_of, rules_of
from segkit.engine import decide
from segkit.engine.trial import trial, trial_plan
from segkit.ruleset.model import Times
from segkit.simulator import simulate

RULES = """\
version: 1
name: tried
thresholds:
  few: 20
segments:
  - name: quiet
    enter:
      all:
        - events_28d under $few
        - not large
    enter_after: 2 weeks
    exit: weeks_in(quiet_too) over 30
  - name: active
    enter: weeks_since_active under 4
flags:
  - name: large
    enter: events_28d.previous at least 400
  - name: quiet_too
    enter: events_28d under $few
dimensions:
  size:
    - name: any
      enter: arr over 0
"""


def test_every_setting_decides_as_it_does_alone() -> None:
    rules = rules_of(RULES)
    facts = facts_of(simulate(60, 40, 3), rules)
    quiet, active = rules.main.segments
    tried = []
    for few, wait in ((20.0, 2), (60.0, 2), (60.0, 4), (5.0, 1)):
        waiting = replace(quiet, enter_after=Times(wait, wait))
        tried.append(
            replace(
                rules,
                thresholds={"few": replace(rules.thresholds["few"], default=few)},
                dimensions=(replace(rules.main, segments=(waiting, active)), *rules.dimensions[1:]),
            )
        )
    alone = [decide(each, facts).dimensions["segments"].primary for each in tried]
    assert len({codes.tobytes() for codes in alone}) == 4, "the settings differ"
    for rows in (10**6, 40 * 7):
        found = [np.full_like(alone[0], 99) for _ in tried]
        for place, start, stop, codes in trial(trial_plan(rules, facts), tried, rows):
            found[place][start:stop] = codes
        for mine, theirs in zip(found, alone, strict=True):
            np.testing.assert_array_equal(mine, theirs)
