"""Why an account is where the rules alone would not have it, and playbooks that say little."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import segkit
from tests.runs.small import WORKSPACE, write

RULES = """\
version: 1
name: held
segments:
  - name: at_risk
    playbook: care
    enter: events_7d under 3
    exit: events_7d at least 3
    exit_after: 2 of 3 weeks
  - name: busy
    playbook: call
    enter: events_7d at least 3
otherwise: needs_review
playbooks:
  care: {owner: csm}
  call: {goal: Thank them., steps: [Call them]}
"""
OVERRIDES = """\
account_id,segment,in_or_out,from,until,by,reason
B,at_risk,in,2026-11-01,2026-12-31,Ann,They told me
D,busy,out,2026-11-01,,Bob,A test of theirs
"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write(tmp_path_factory.mktemp("held"), rules=RULES)
    (folder / "segkit.yaml").write_text(WORKSPACE + "  overrides: {files: overrides.csv}\n")
    (folder / "exports/overrides.csv").write_text(OVERRIDES)
    return folder


def explained(*arguments: object) -> str:
    done = segkit("explain", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return " ".join(done.stdout.split())


def test_who_is_put_in_leaves_by_the_override(workspace: Path) -> None:
    told = explained("B", workspace)
    assert "By the override it leaves on 3 Jan 2027 at the earliest." in told
    assert (
        "Override by Ann until 31 Dec 2026, in at_risk (rules say busy): They told me. Playbook care."
    ) in told
    assert "busy in it too, for 5 weeks: a segment above it comes first" in told


def test_who_is_kept_out_is_told_what_the_rules_say(workspace: Path) -> None:
    told = explained("D", workspace)
    assert "No segment fits." in told
    assert "Override by Bob, out of busy (rules say busy): A test of theirs." in told
    assert "busy the rules say it is in, an override says it is not" in told


def test_two_weeks_in_three_are_told_as_that(workspace: Path) -> None:
    told = explained("A", workspace)
    assert "what lets it go must hold in 2 of 3 weeks." in told
    assert "to leave, in 2 of 3 weeks no events_7d at least 3" in told
    out = explained("B", workspace, "--as-of", "2026-10-25")
    assert "On its way out: what lets it go holds (it takes in 2 of 3 weeks, 1 so far)." in out
    assert "By its timers it leaves on 1 Nov 2026 at the earliest." in out


def test_a_playbook_without_a_goal_or_steps_is_described_by_what_it_has(workspace: Path) -> None:
    said = segkit("describe", workspace).stdout
    care = said[said.index("### care") :]
    assert care.startswith("### care\n\nowner csm.\n\n```yaml\n")
    assert "### call\n\nThank them.\n\n1. Call them\n" in said
