"""ravenstack: every defect that its page measures is reported with its count; notation plays no part."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from segkit.runs.assign import assign
from segkit.runs.look import look
from segkit.workspace import open_workspace
from tests.realdata.workspaces import DATA, RAVENSTACK

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="third-party data sets do not lie beside the checkout"
)
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
ISO = {
    "accounts": ["signup_date"],
    "feature_usage": ["usage_date"],
    "subscriptions": ["start_date", "end_date"],
    "support_tickets": ["submitted_at", "closed_at"],
}
DECLARED = '    dates: "%d-%m-%Y"\n'
DECLARED_TICKETS = '    dates: {opened_at: "%d-%m-%Y", resolved_at: "%d-%m-%Y %H:%M"}\n'


def written(folder: Path, *, iso: bool) -> Path:
    """The workspace with its churn events as outcomes, dates as they are or as ISO 8601."""
    exports = folder / "exports"
    exports.mkdir(parents=True)
    for name, columns in ISO.items():
        path = exports / f"ravenstack_{name}.csv"
        shutil.copy(DATA / "ravenstack" / path.name, path)
        if iso:
            frame = pl.read_csv(path, infer_schema=False)
            frame.with_columns(_iso(frame[column]) for column in columns).write_csv(path)
    churned = pl.read_csv(DATA / "ravenstack/ravenstack_churn_events.csv", infer_schema=False)
    churned.select("account_id", kind=pl.lit("churned"), at=_iso(churned["churn_date"])).write_csv(
        exports / "outcomes.csv"
    )
    text = RAVENSTACK.format(exports="exports")
    text = text.replace("plan: plan_tier}}", "plan: plan_tier}")
    text = text.replace("region: country,", "region: country, churned: churn_flag,")
    text = text.replace("    dates:", "    attributes: {churned: flag}\n    dates:", 1)
    text = text.replace("definitions:\n", "  outcomes: {files: outcomes.csv}\ndefinitions:\n")
    if iso:
        text = text.replace(DECLARED, "").replace(DECLARED_TICKETS, "")
    (folder / "segkit.yaml").write_text(text)
    return folder


def _iso(dates: pl.Series) -> pl.Series:
    with_time = dates.drop_nulls().str.len_bytes().max() == 16
    if with_time:
        return dates.str.to_datetime("%d-%m-%Y %H:%M").dt.strftime("%Y-%m-%dT%H:%M")
    return dates.str.to_date("%d-%m-%Y").dt.strftime("%Y-%m-%d")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    folder = written(tmp_path_factory.mktemp("ravenstack") / "ws", iso=False)
    assert look(folder, now=NOW).problems
    found: Mapping[str, Any] = json.loads((folder / "out/quality.json").read_text())
    return found


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("D312", "of 24,979 usage rows (76.6%) lie before the start of their subscription"),
        ("D313", "of 24,979 usage rows (1.2%) lie after the end of their subscription"),
        ("D314", "277 of 352 accounts with an outcome 'churned' are still customers by accounts"),
    ],
)
def test_each_contradiction_is_a_warning_with_its_count(
    told: Mapping[str, Any], code: str, says: str
) -> None:
    (what,) = (problem["what"] for problem in told["problems"] if problem["code"] == code)
    assert says in what


def test_twenty_one_usage_ids_come_twice_with_other_rows(told: Mapping[str, Any]) -> None:
    usage = told["sources"]["usage"]
    assert usage["rows"] == {"read": 25000, "accepted": 24979, "rejected": 21, "excluded": 0}
    assert usage["reasons"] == {"D203": 21}


def test_overlapping_subscriptions_and_the_missing_season_are_noted(told: Mapping[str, Any]) -> None:
    notes = "\n".join(told["notes"])
    assert "500 accounts hold several that overlap, 2 to 19 each" in notes
    assert "the last two years have no season in common" in notes


def test_dates_in_another_notation_give_the_same_bytes(tmp_path: Path) -> None:
    found = []
    for iso in (False, True):
        run = assign(open_workspace(written(tmp_path / str(iso), iso=iso)), now=NOW)
        assert run.folder is not None
        found.append([(run.folder / name).read_bytes() for name in ("assignments.csv", "transitions.csv")])
    assert found[0] == found[1]
