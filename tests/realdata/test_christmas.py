"""OpenStack 2012 to 2019, companies and people: who is alarmed in the two Christmas weeks, and who leaves.

Ours is the shipped at_risk, with its min_volume of 5 a week and with 1: most commit a few times a week.
Naive is "30 % less than in the twelve weeks before, and once a week in these". Measured: entries per
healthy account and Christmas; per healthy year; leavers flagged within 12 weeks of their last commit, on
either side; how many of them before it, and the median of the weeks (below 0: after it). The second line is
of those alone that came regularly, in 9 of their last 26 weeks; churning, four weeks of silence, gets 14 of
14 people within 8 weeks.

    companies  naive   24/325 .074   1.81   18/78   7  -1      people  22/267 .082   2.07   29/65   7  -2
                                             4/4    4  +4                                  14/14   4  -2
               ours 5   0/325 .000   0.11    5/78   0  -3               1/267 .004   0.16    4/65   0  -3
                                             2/4    0  -4                                   3/14   0  -3
               ours 1   4/325 .012   0.39   14/78   0  -5               9/267 .034   0.52   17/65   4  -5
                                             3/4    0  -4.5                                 9/14   3  -3
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from segkit.engine import decide, measured
from segkit.engine.results import Bools, Decisions
from segkit.resources import shipped_rules
from segkit.ruleset.expr import Metric
from segkit.ruleset.model import RuleSet
from segkit.runs.given.inputs import read_facts, read_rules
from segkit.workspace import open_workspace
from tests.realdata.workspaces import DATA, openstack, openstack_people

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="third-party data sets do not lie beside the checkout"
)

NAIVE = """\
flags:
  - name: naive
    enter:
      all:
        - events_28d <= 0.7 * (events_112d - events_28d) / 3
        - events_112d - events_28d >= 12
"""
FIRST, LAST = date(2012, 1, 1), date(2019, 12, 29)
WELL = 26
"""Weeks before the last commit of one that leaves, in which it no longer counts as healthy."""
OFTEN = 9
"""Weeks with a commit among the last 26: such a leaver came regularly."""


@dataclass(frozen=True)
class Study:
    found: Decisions
    used: Bools
    """[A, T] weeks with a commit."""

    def entered(self, name: str) -> Bools:
        member = self.found.member[name]
        entered: Bools = np.zeros_like(member)
        entered[:, 1:] = member[:, 1:] & ~member[:, :-1]
        return entered

    @property
    def last(self) -> np.ndarray:
        """[A] week of the last commit."""
        return self.used.shape[1] - 1 - np.argmax(self.used[:, ::-1], axis=1)

    @property
    def gone(self) -> Bools:
        return np.asarray(~self.found.on_roster[:, -1] & self.used.any(axis=1))

    @property
    def healthy(self) -> Bools:
        weeks = np.arange(self.used.shape[1])
        early = (weeks < self.last[:, None] - WELL) | ~self.gone[:, None]
        return np.asarray(self.found.on_roster & early & np.array([end >= FIRST for end in self.found.as_of]))

    def christmas(self, name: str) -> tuple[int, int]:
        """Entries of healthy accounts in the two weeks, and how often one of them saw a Christmas."""
        days = [(end.month, end.day) for end in self.found.as_of]
        weeks = np.array([day >= (12, 24) or day <= (1, 6) for day in days])
        return int((self.entered(name) & self.healthy)[:, weeks].sum()), int(
            self.healthy[:, weeks].sum()
        ) // 2

    def yearly(self, name: str) -> float:
        return float((self.entered(name) & self.healthy).sum() / (self.healthy.sum() / 52))

    def leavers(self, *, regular: bool = False) -> list[int]:
        """Positions of those that leave; of those alone that came regularly up to their last commit."""
        often = [self.used[a, max(end - 25, 0) : end + 1].sum() >= OFTEN for a, end in enumerate(self.last)]
        return np.flatnonzero(self.gone & (np.array(often) | (not regular))).tolist()

    def flagged(self, name: str, weeks: int, *, regular: bool = False) -> int:
        """Leavers flagged at some time within so many weeks of their last commit, on either side."""
        member, last = self.found.member[name], self.last
        around = [
            member[a, max(last[a] - weeks, 0) : last[a] + weeks + 1] for a in self.leavers(regular=regular)
        ]
        return sum(bool(each.any()) for each in around)

    def leads(self, name: str, *, regular: bool = False) -> list[int]:
        """Weeks from the start of the flag to the last commit, below 0 after it, of the leavers that get one.

        It is the flag that is on at the last commit, else the first one after it.
        """
        found = []
        for a in self.leavers(regular=regular):
            member, last = self.found.member[name][a], int(self.last[a])
            if member[last]:
                found.append(last - int(np.flatnonzero(~member[:last])[-1]) - 1)
            elif member[last:].any():
                found.append(-int(np.argmax(member[last:])))
        return sorted(found)


def risk_alone(rules: RuleSet) -> RuleSet:
    """The segments and the naive flag, without what else is said of an account."""
    few = replace(rules, dimensions=rules.dimensions[:1], flags=rules.flags[:1], playbooks={})
    names = {segment.name for segment in few.segments}
    return replace(few, scan_order=tuple(name for name in rules.scan_order if name in names))


def studies(folder: Path) -> dict[float, Study]:
    """By min_volume: the shipped rules and the naive one over every week up to LAST."""
    rules_text = shipped_rules().read_text()
    assert rules_text.count("\nflags:\n") == 1
    (folder / "rules.yaml").write_text(rules_text.replace("flags:\n", NAIVE))
    file = folder / "segkit.yaml"
    file.write_text(file.read_text().replace("shipped:saas", "rules.yaml"))
    workspace = open_workspace(folder)
    rules = risk_alone(read_rules(workspace)[0])
    facts = read_facts(workspace, rules, now=datetime(2026, 11, 16, tzinfo=UTC), as_of=LAST).facts
    used = measured(rules, facts, Metric("events", 7)) > 0
    volumes = {v: replace(rules, baselines=replace(rules.baselines, min_volume=v)) for v in (5.0, 1.0)}
    return {volume: Study(decide(each, facts), used) for volume, each in volumes.items()}


@pytest.fixture(scope="module")
def companies(tmp_path_factory: pytest.TempPathFactory) -> dict[float, Study]:
    return studies(openstack(tmp_path_factory.mktemp("companies")))


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> dict[float, Study]:
    return studies(openstack_people(tmp_path_factory.mktemp("people"), LAST))


def test_christmas_alarms_few_companies(companies: dict[float, Study]) -> None:
    naive, _ = companies[1.0].christmas("naive")
    assert companies[5.0].christmas("at_risk")[0] <= 1
    assert companies[1.0].christmas("at_risk")[0] <= 5 <= naive / 4
    assert companies[5.0].yearly("at_risk") <= 0.12
    assert companies[1.0].yearly("at_risk") <= 0.42 <= companies[1.0].yearly("naive") / 4


def test_christmas_alarms_few_people(people: dict[float, Study]) -> None:
    naive, _ = people[1.0].christmas("naive")
    assert people[5.0].christmas("at_risk")[0] <= 2
    assert people[1.0].christmas("at_risk")[0] <= 10 <= naive / 2
    assert people[5.0].yearly("at_risk") <= 0.18
    assert people[1.0].yearly("at_risk") <= 0.55 <= people[1.0].yearly("naive") / 3


def test_companies_that_leave_are_found_as_often_as_measured(companies: dict[float, Study]) -> None:
    study = companies[1.0]
    assert len(study.leavers()) == 78
    assert study.flagged("at_risk", 12) >= 13
    assert study.flagged("at_risk", 12, regular=True) >= 3
    assert np.median(study.leads("at_risk")) >= -5


def test_people_that_leave_are_found_as_often_as_measured(people: dict[float, Study]) -> None:
    study = people[1.0]
    assert (len(study.leavers()), len(study.leavers(regular=True))) == (65, 14)
    assert study.flagged("at_risk", 12) >= 16
    assert study.flagged("at_risk", 12, regular=True) >= 9
    leads = study.leads("at_risk", regular=True)
    assert sum(lead > 0 for lead in leads) >= 3
    assert np.median(leads) >= -3
    assert study.flagged("churning", 8, regular=True) == 14
