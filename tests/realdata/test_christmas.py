"""OpenStack companies 2011 to 2026: who is alarmed in the two Christmas weeks, and who leaves.

Measured: 0.008 entries per company and Christmas (0.075 for "a third less than the four weeks before"), 0.30
a year in all weeks (1.63), 14 % of those that leave (33 %). Most companies commit a few times a week.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pytest

from segkit.engine import decide
from segkit.engine.results import Bools, Decisions
from segkit.runs.inputs import read_facts, read_rules
from segkit.workspace import open_workspace
from tests.realdata.workspaces import DATA, openstack

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="third-party data sets do not lie beside the checkout"
)

RULES = """\
version: 1
name: christmas
baselines: {min_volume: 1}
segments:
  - name: any
    enter: events_28d at least 0
flags:
  - name: ours
    enter:
      all:
        - events_28d.vs_expected at most -30%
        - events_28d.z_score at most -1.5
    enter_after: 2 weeks
    exit:
      any:
        - all:
            - events_28d.vs_expected at least -20%
            - events_28d.vs_usual at least -20%
        - events_28d.vs_expected is missing
    exit_after: 3 weeks
    min_stay: 4 weeks
  - name: naive
    enter:
      all:
        - events_28d.previous at least 4
        - events_28d.change at most -30%
"""
CLOSED_AFTER = 26
"""Weeks from the last commit to the day the workspace closes a company."""
WELL = 52
"""Weeks before its end in which a company no longer counts as healthy."""


@dataclass(frozen=True, slots=True)
class Counted:
    christmas: float
    """Entries per healthy company and Christmas."""
    year: float
    leavers: float
    """Share flagged within 12 weeks of the last commit, on either side."""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Decisions:
    folder = openstack(tmp_path_factory.mktemp("openstack"))
    (folder / "rules.yaml").write_text(RULES)
    file = folder / "segkit.yaml"
    file.write_text(file.read_text().replace("shipped:saas", "rules.yaml"))
    workspace = open_workspace(folder)
    rules, _ = read_rules(workspace)
    return decide(rules, read_facts(workspace, rules, now=datetime(2026, 11, 16, tzinfo=UTC)).facts)


def counted(found: Decisions, flag: str) -> Counted:
    on = found.on_roster
    member = found.member[flag] & on
    entered: Bools = np.zeros_like(member)
    entered[:, 1:] = member[:, 1:] & ~member[:, :-1]
    last = np.where(on.any(axis=1), on.shape[1] - 1 - np.argmax(on[:, ::-1], axis=1), -1)
    well = on & ((np.arange(on.shape[1]) < last[:, None] - WELL) | on[:, -1:])
    days = [(end.month, end.day) for end in found.as_of]
    weeks = np.array([day >= (12, 24) or day <= (1, 6) for day in days])
    left = np.flatnonzero(~on[:, -1] & (last > 100))
    ends = last[left] - CLOSED_AFTER + 1
    hits = [member[a, max(end - 12, 0) : end + 13].any() for a, end in zip(left, ends, strict=True)]
    return Counted(
        float(entered[:, weeks][well[:, weeks]].sum() / (well[:, weeks].sum() / 2)),
        float(entered[well].sum() / (well.sum() / 52)),
        float(np.mean(hits)),
    )


def test_christmas_alarms_nearly_nobody(found: Decisions) -> None:
    ours, naive = counted(found, "ours"), counted(found, "naive")
    assert ours.christmas <= 0.012
    assert naive.christmas >= 6 * ours.christmas
    assert naive.year >= 4 * ours.year


def test_who_leaves_is_still_found_as_often_as_measured(found: Decisions) -> None:
    assert counted(found, "ours").leavers >= 0.14
