"""An analyst asks what tells who leaves, and tries a finding before anybody believes it."""

from __future__ import annotations

import csv
import json
import random
from datetime import date, timedelta
from pathlib import Path
from unittest import mock

import pytest

from segkit.runs.discovering import finding as room
from tests.cli.command import segkit

MONDAY = date(2025, 1, 6)
WEEKS, ACCOUNTS = 90, 120
WORKSPACE = """\
version: 1
name: Found
rules: rules.yaml
quiet_days: 0
sources:
  accounts: {files: accounts.csv}
  usage: {files: usage.csv}
"""
RULES = """\
version: 1
name: small
segments:
  - name: active
    enter: events_28d at least 1
"""


def write(folder: Path, *, leaving: bool = True) -> Path:
    """Everybody signs up within the first 40 weeks; who has not used "api/v2" by the second week leaves
    within 60 weeks, but for one in three."""
    exports = folder / "exports"
    exports.mkdir(parents=True)
    (folder / "segkit.yaml").write_text(WORKSPACE)
    (folder / "rules.yaml").write_text(RULES)
    drawn = random.Random(1)
    accounts, usage = ["account_id,signup_date,churned_at"], ["at,account_id,feature,count"]
    for n in range(ACCOUNTS):
        begin = n % 40
        goes = leaving and n % 2 == 0 and n % 3 > 0
        end = min(begin + 8 + drawn.randrange(20), WEEKS) if goes else WEEKS
        gone = MONDAY + timedelta(days=7 * end + 2) if end < WEEKS else ""
        accounts.append(f"N{n:03},{MONDAY + timedelta(days=7 * begin)},{gone}")
        for week in range(begin, end):
            day = MONDAY + timedelta(days=7 * week + 1)
            usage.append(f"{day},N{n:03},reports,{drawn.randrange(3, 9)}")
            if n % 2 and week > begin:
                usage.append(f"{day},N{n:03},api/v2,2")
    (exports / "accounts.csv").write_text("\n".join(accounts) + "\n")
    (exports / "usage.csv").write_text("\n".join(usage) + "\n")
    return folder


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write(tmp_path_factory.mktemp("a-team-whose-folder-has-a-longer-name-than-fits-into-a-line"))
    with mock.patch.object(room, "find_spec", return_value=None):
        done = segkit("discover", folder)
    assert done.returncode == 0, done.stderr
    assert max(len(line) for line in done.stdout.splitlines() if "segkit compare" not in line) <= 80
    (folder / "said.txt").write_text(done.stdout)
    return folder


def test_a_feature_that_stayers_took_up_early_ends_in_a_flag_to_try(found: Path) -> None:
    said = (found / "said.txt").read_text()
    assert "api/v2 not used" in said
    told = json.loads((found / "out/discover/discovery.json").read_text())
    (answer,) = (each for each in told["answers"] if each["name"] == "api/v2")
    # Of 60 three signed up the day before use is known, two of the 40 that left among them.
    assert (answer["found"], answer["share"]["k"], answer["share"]["n"]) == (True, 38, 57)
    assert (answer["rest"]["k"], answer["rest"]["rate"], answer["ratio"]) == (0, None, None)
    with (found / "out/discover/findings.csv").open() as rows:
        assert len(list(csv.DictReader(rows))) == told["asked"]
    (tried,) = (each for each in told["proposals"] if each["about"] == "api/v2")
    assert tried["flag"] == "without_api_v2"
    assert f"segkit compare {found}/out/discover/without_api_v2.yaml {found}\n" in said
    assert (found / "rules.yaml").read_text() == RULES


def test_a_proposal_is_a_rule_file_that_check_accepts_and_compare_shows(found: Path) -> None:
    file = found / "out/discover/without_api_v2.yaml"
    assert file.read_text().startswith(RULES)
    done = segkit("check", "rules", file)
    assert done.returncode == 0, done.stderr
    done = segkit("compare", file, found)
    assert done.returncode == 0, done.stderr
    assert "without_api_v2" in done.stdout


def test_the_same_answer_every_time_and_what_the_extra_adds_is_said(found: Path) -> None:
    assert 'pip install "segkit[discover]"' in " ".join((found / "said.txt").read_text().split())
    before = (found / "out/discover/discovery.json").read_bytes()
    with mock.patch.object(room, "find_spec", return_value=None):
        done = segkit("discover", found, "--json")
    assert done.stdout.encode() == before == (found / "out/discover/discovery.json").read_bytes()


def test_survivors_only_are_told_and_wrong_days_refused(found: Path, tmp_path: Path) -> None:
    with mock.patch.object(room, "find_spec", return_value=None):
        done = segkit("discover", write(tmp_path / "none", leaving=False))
    assert done.returncode == 1
    assert "survivors only" in done.stdout
    assert segkit("discover", found, "--within", "0").returncode == 2
