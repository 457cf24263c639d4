"""An analyst asks whether other thresholds would have seen more of those who left, in time."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from segkit.ruleset import load_ruleset
from segkit.workspace import open_workspace, rule_arguments
from tests.cli.command import segkit

MONDAY = date(2025, 1, 6)
WEEKS, ACCOUNTS = 80, 150
LEAVING = 100
"""Account n leaves in week 14 + 2n/3, and comes once a week instead of five times in the nine before."""

WORKSPACE = """\
version: 1
name: Tuned
rules: rules.yaml
quiet_days: 0
sources:
  accounts: {files: accounts.csv}
  usage: {files: usage.csv}
"""
RULES = """\
version: 1
name: small
thresholds:
  few: 1            # hardly anything
segments:
  - name: at_risk
    enter: events_7d under $few
    enter_after: 2 weeks
  - name: active
    enter: events_7d at least $few
"""


def write(folder: Path, leaving: int = LEAVING) -> Path:
    exports = folder / "exports"
    exports.mkdir(parents=True)
    (folder / "segkit.yaml").write_text(WORKSPACE)
    (folder / "rules.yaml").write_text(RULES)
    accounts, usage = ["account_id,signup_date,churned_at"], ["at,account_id,count"]
    for n in range(ACCOUNTS):
        week = 14 + 2 * n // 3 if n < leaving else WEEKS
        gone = MONDAY + timedelta(days=7 * week + 2)
        accounts.append(f"N{n:03},2024-01-01,{gone if week < WEEKS else ''}")
        # Every account has a week off now and then, which is what the rules take for risk.
        usage += [
            f"{MONDAY + timedelta(days=7 * at)},N{n:03},{1 if at >= week - 9 else 5}"
            for at in range(min(week, WEEKS))
            if (at + n) % 17 > 1
        ]
    (exports / "accounts.csv").write_text("\n".join(accounts) + "\n")
    (exports / "usage.csv").write_text("\n".join(usage) + "\n")
    return folder


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("tuned"))


def test_a_change_is_printed_as_a_patch_and_never_made(tuned: Path) -> None:
    done = segkit("tune", tuned, "--vary", "few=1,3,4", "--vary", "at_risk.enter_after=2 weeks,3 weeks")
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "A change is suggested" in done.stdout
    assert "-  few: 1            # hardly anything\n+  few: 3            # hardly anything\n" in done.stdout
    assert (tuned / "rules.yaml").read_text() == RULES
    told = json.loads((tuned / "out/tune/tuning.json").read_text())
    best, now = (told["settings"][told[which]] for which in ("best", "current"))
    assert (now["values"], now["found"]["caught"]) == (["1", "2 weeks"], 0)
    assert best["values"][0] == "3"
    assert best["found"]["caught"] == best["found"]["ends"] >= 30
    suggested = load_ruleset(tuned / "out/tune/suggested.yaml", **rule_arguments(open_workspace(tuned)))
    assert suggested.thresholds["few"].default == 3
    with (tuned / "out/tune/settings.csv").open() as rows:
        marks = [row["is"] for row in csv.DictReader(rows)]
    assert len(marks) == 6
    assert {"current", "best"} <= {name for mark in marks for name in mark.split(", ")}
    picture = (tuned / "out/tune/settings.svg").read_text()
    assert picture.startswith("<svg")
    assert "suggested" in picture


def test_what_cannot_be_varied_is_said_with_what_can(tuned: Path) -> None:
    for vary, code, hint in (
        (["fewer"], "S190", "few"),
        (["at_risk.enter_afer"], "S190", "at_risk.enter_after"),
        (["few=banana"], "R104", "--vary few=banana"),
        (["few", "few=3"], "S191", ""),
        (["few=" + ",".join(map(str, range(500)))], "S191", "fewer values"),
    ):
        done = segkit("tune", tuned, *(part for each in vary for part in ("--vary", each)))
        assert done.returncode == 2, done.stdout
        assert code in done.stderr
        assert hint in done.stderr


def test_too_few_who_left_and_none_at_all(tmp_path: Path) -> None:
    done = segkit("tune", write(tmp_path / "few", leaving=20), "--vary", "few=1,3")
    assert done.returncode == 1
    assert "too few to tell" in done.stdout
    assert not (tmp_path / "few/out/tune/suggested.yaml").exists()
    done = segkit("tune", write(tmp_path / "none", leaving=0), "--vary", "few=1,3")
    assert done.returncode == 2
    assert "S192" in done.stderr
