"""An analyst asks who is likely to leave, and lets a rule read the answer."""

from __future__ import annotations

import csv
import json
from importlib.util import find_spec
from pathlib import Path
from unittest import mock

import pytest

from segkit.runs import predict as room
from tests.cli.command import segkit
from tests.journeys.test_tune import RULES, WORKSPACE, write

pytestmark = pytest.mark.skipif(
    find_spec("sklearn") is None, reason="scikit-learn is installed with segkit[predict]"
)


@pytest.fixture(scope="module")
def foretold(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write(tmp_path_factory.mktemp("foretold"))
    (folder / "rules.yaml").write_text(RULES.replace("few: 1 ", "few: 3 "))
    done = segkit("predict", folder)
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80
    return folder


def test_every_account_gets_its_chances_with_a_reason(foretold: Path) -> None:
    told = json.loads((foretold / "out/predict/prediction.json").read_text())
    assert [each["days"] for each in told["horizons"]] == [30, 60, 90]
    assert all(each["learned_events"] >= 0 and each["why"] for each in told["horizons"])
    with (foretold / "out/predict/predictions.csv").open() as rows:
        found = list(csv.DictReader(rows))
    assert len(found) == told["accounts"]
    assert all(0 <= float(row["churn_30d"]) <= 1 and row["because"] for row in found)
    chances = [float(row["churn_60d"]) for row in found]
    assert chances == sorted(chances, reverse=True)


def test_a_rule_reads_what_was_foretold(foretold: Path) -> None:
    told = json.loads((foretold / "out/predict/prediction.json").read_text())
    traits = foretold / "out/predict" / told["traits"]
    with traits.open() as rows:
        said = [row for row in csv.DictReader(rows) if row["trait"] == "churn_60d"]
    high = {row["account_id"] for row in said if row["value"] == "high"}
    (foretold / "exports/traits.csv").write_bytes(traits.read_bytes())
    (foretold / "segkit.yaml").write_text(WORKSPACE + "  traits: {files: traits.csv}\n")
    flag = 'flags:\n  - name: foreseen\n    enter: trait(churn_60d) is "high"\n'
    (foretold / "rules.yaml").write_text(RULES + flag)
    done = segkit("assign", foretold)
    assert done.returncode == 0, done.stderr
    with (foretold / "out/latest/assignments.csv").open() as rows:
        flagged = {row["account_id"] for row in csv.DictReader(rows) if row["flags"] == "foreseen"}
    assert flagged == high
    (foretold / "exports/traits.csv").unlink()
    (foretold / "segkit.yaml").write_text(WORKSPACE)


def test_what_is_wanting_is_said(foretold: Path) -> None:
    done = segkit("predict", foretold, "--of", "weather")
    assert (done.returncode, "S195" in done.stderr) == (2, True)
    done = segkit("predict", foretold, "--of", "expansion")
    assert (done.returncode, "outcomes of kind expanded" in done.stderr) == (2, True)
    with mock.patch.object(room, "find_spec", return_value=None):
        done = segkit("predict", foretold)
    assert done.returncode == 2
    assert 'pip install "segkit[predict]"' in done.stderr
