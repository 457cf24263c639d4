"""One rule set that says everything a rule can say: decided, explained, described and made a test of."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import segkit
from tests.runs.small import WORKSPACE, write

RULES = """\
version: 1
name: every
thresholds:
  large: {default: 1000, by: region, values: {South: 400}}
conditions:
  important: not arr under $large
  german: region in ["South", "North"]
metrics:
  runs_28d: {count: usage, window: 28d}
  per_seat: {formula: runs_28d / seats}
segments:
  - name: watched
    enter:
      at_least: 2
      of:
        - important
        - not:
            any: [notice_given, 3 > per_seat]
        - renewal_date between 2026-12-01 and 2027-01-31
        - -arr under -400
  - name: south
    enter: german and plan is "Basic"
  - name: beta
    enter: pilot is true or renewal_date under 2027-01-01
  - name: old
    enter: signup_date under 2026-06-01 and plan is missing
  - name: waits
    enter: not member(watched) and weeks_in(watched) under 1
otherwise: needs_review
flags:
  - {name: soon, enter: renewal_date - signup_date at most 400 days}
"""
ACCOUNTS = """\
account_id,name,arr,signup_date,csm,region,plan,renewal_date,notice_date,seats,pilot
A,Acme,5000,2026-01-01,Ann,North,Pro,2026-12-24,,3,yes
B,Borg,500,2026-01-01,Bob,South,Basic,2027-03-01,,2,no
C,Cosmo,300,2026-01-01,,West,,2027-09-01,2026-10-01,9,no
D,Dyna,100,2026-10-05,Bob,North,Basic,,,0,
"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write(tmp_path_factory.mktemp("every"), rules=RULES, accounts=ACCOUNTS)
    declared = WORKSPACE.replace("accounts.csv}", "accounts.csv, attributes: {pilot: flag}}")
    (folder / "segkit.yaml").write_text(declared)
    return folder


@pytest.fixture(scope="module")
def explained(workspace: Path) -> dict[str, list[str]]:
    found = {}
    for account in "ABCD":
        done = segkit("explain", account, workspace)
        assert (done.returncode, done.stderr) == (0, "")
        found[account] = done.stdout.splitlines()
    return found


def part(lines: list[str], head: str) -> list[str]:
    """The lines below a heading."""
    start = next(at for at, line in enumerate(lines) if line.startswith(head)) + 1
    return lines[start : next((at for at in range(start, len(lines)) if not lines[at]), len(lines))]


def test_check_has_nothing_to_say(workspace: Path) -> None:
    done = segkit("check", "all", workspace)
    assert (done.returncode, done.stderr.strip()) == (0, "All is well.")


def test_groups_names_nots_and_limits_stand_under_each_other(explained: dict[str, list[str]]) -> None:
    assert part(explained["A"], "Why watched") == [
        "  to come in",
        "    yes at least 2 of 4",
        "      yes important: not arr under $large ($large        5000  4000 over",
        "            = 1000)",
        "      yes not",
        "        no  any of",
        "          no  notice_given                                 no",
        "          no  3 over per_seat                            3.33  0.33 over",
        "      yes renewal_date between 2026-12-01 and      2026-12-24",
        "            2027-01-31",
        "      yes -arr under -400                               -5000  by 4600",
        "  to leave: that this does not hold any more",
    ]


def test_a_limit_of_a_group_is_its_own_and_dates_are_days_apart(explained: dict[str, list[str]]) -> None:
    why = part(explained["B"], "Why watched")
    assert why[2:4] == [
        "      yes important: not arr under $large ($large         500  100 over",
        "            = 400)",
    ]
    assert "      no  renewal_date between 2026-12-01 and      2027-03-01  29 days over" in why


def test_reasons_say_every_kind_of_condition_with_what_it_met(explained: dict[str, list[str]]) -> None:
    reasons = {name: " ".join(part(explained[name], "─")) for name in "ABCD"}
    assert (
        "Because arr 5000 (at least 1000); not notice_given; per_seat 3.33 (at least     3); "
        "renewal_date 24 Dec 2026 (between 1 Dec 2026 and 31 Jan 2027); -arr     -5000 (under -400)."
    ) in reasons["A"]
    assert "Because signup_date 1 Jan 2026 (under 1 Jun 2026); plan is missing." in reasons["C"]
    assert "Because region North (in [South, North]); plan Basic (is Basic)." in reasons["D"]


def test_what_is_not_known_is_told_as_that(explained: dict[str, list[str]]) -> None:
    lines = explained["D"]
    assert part(lines, "Why not above it") == [
        "  watched  unknown: these values decide",
        "        ?   3 over per_seat                           missing",
        "        ?   renewal_date between 2026-12-01 and       missing",
        "              2027-01-31",
    ]
    assert "        ?   pilot is true                             missing" in part(lines, "Below it")


def test_description_says_names_where_they_are_used(workspace: Path) -> None:
    said = segkit("describe", workspace).stdout
    assert (
        "- enters when `at least 2 of (important, not (notice_given or 3 over per_seat), "
        "renewal_date between 2026-12-01 and 2027-01-31, -arr under -400)`"
    ) in said
    assert '  german: region in ["South", "North"]\n' in said
    assert "  per_seat:\n    formula: runs_28d / seats\n    unit: count\n" in said


@pytest.mark.parametrize(
    ("account", "kept"),
    [
        ("A", ["    pilot: yesx11", "    plan: other", "    renewal_date: '2026-12-01'"]),
        ("C", ["    notice_given: nox3 yesx8", "    plan: missing", "    region: other"]),
        ("D", ["    pilot: missingx7", "    region: North", "    renewal_date: missing"]),
    ],
)
def test_a_test_is_made_of_every_kind_of_value_and_passes(
    workspace: Path, account: str, kept: list[str], tmp_path: Path
) -> None:
    recorded = segkit("test", workspace / "rules.yaml", "--record", account)
    assert recorded.returncode == 0, recorded.stderr
    lines = recorded.stdout.splitlines()
    assert [line for line in kept if line not in lines] == []
    (tmp_path / "kept.yaml").write_text(recorded.stdout)
    again = segkit("test", workspace / "rules.yaml", "--tests", tmp_path / "kept.yaml")
    assert again.returncode == 0, again.stdout
