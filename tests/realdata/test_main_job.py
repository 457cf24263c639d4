"""The main job on real exports: plausible segments, flows that add up, every defect of the data told."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest

from segkit.runs import Run, assign
from segkit.workspace import open_workspace
from tests.realdata.workspaces import DATA, openstack, ravenstack
from tests.runs.guards.weekly import weekly

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="third-party data sets do not lie beside the checkout"
)

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def ravenstack_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return assign(open_workspace(ravenstack(tmp_path_factory.mktemp("ravenstack"))), now=NOW)


@pytest.fixture(scope="module")
def openstack_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    workspace = open_workspace(openstack(tmp_path_factory.mktemp("openstack")))
    return assign(workspace, now=NOW, as_of=date(2019, 3, 31))


def sizes(run: Run) -> dict[str, int]:
    return dict(run.assignments["primary"].value_counts().sort("primary").iter_rows())


def flows(transitions: pl.DataFrame) -> pl.DataFrame:
    """as_of, segment, change: what the rows of the main dimension add up to."""
    main = transitions.filter(pl.col("dimension") == "segments")
    came = main.select("as_of", segment="to", change=pl.lit(1))
    went = main.select("as_of", segment="from", change=pl.lit(-1))
    both = pl.concat([came, went]).drop_nulls("segment").filter(pl.col("segment") != "left")
    return both.group_by("as_of", "segment").agg(pl.col("change").sum())


@pytest.mark.parametrize("name", ["ravenstack_run", "openstack_run"])
def test_the_flows_of_all_weeks_add_up_to_the_sizes(name: str, request: pytest.FixtureRequest) -> None:
    run = request.getfixturevalue(name)
    totals = flows(run.transitions).group_by("segment").agg(pl.col("change").sum())
    added = {segment: size for segment, size in totals.iter_rows() if size}
    assert added == sizes(run)


@pytest.mark.parametrize("name", ["ravenstack_run", "openstack_run"])
def test_few_known_accounts_need_a_review(name: str, request: pytest.FixtureRequest) -> None:
    run = request.getfixturevalue(name)
    assert sizes(run).get("needs_review", 0) <= 0.1 * run.assignments.height


def test_ravenstack_is_read_by_subscription_and_its_defects_are_told(ravenstack_run: Run) -> None:
    assert ravenstack_run.as_of == date(2024, 12, 29)
    assert ravenstack_run.assignments.height == 498
    assert ravenstack_run.folder is not None
    refused = pl.read_csv(ravenstack_run.folder / "rejected/usage.csv")
    assert (refused.height, refused["code"].unique().to_list()) == (21, ["D203"])
    summary = (ravenstack_run.folder / "summary.md").read_text()
    assert "25,000 rows = 24,979 accepted + 21 refused" in summary
    assert "usage rows lie before the signup of their account" in summary
    found = sizes(ravenstack_run)
    # 78 signed up within 90 days; use is so thin that nobody can be called active on four weeks of it.
    assert found["new"] == 78
    assert found["steady"] > found["churning"] > found.get("at_risk", 0)


def test_openstack_companies_come_and_go_over_eight_years(openstack_run: Run) -> None:
    moves = openstack_run.transitions
    assert moves["as_of"].min() < date(2012, 1, 1)
    assert moves["as_of"].n_unique() > 300
    causes = set(moves["cause"].unique().to_list())
    assert {"behaviour", "first_seen", "roster", "timer"} <= causes
    # Companies that stopped for good leave the roster, one row for the main dimension each.
    left = moves.filter((pl.col("dimension") == "segments") & (pl.col("to") == "left"))
    assert left.height > 50
    assert openstack_run.folder is not None
    summary = (openstack_run.folder / "summary.md").read_text()
    assert "@openstack.org (3,840 rows)" in summary


def test_no_guard_trips_in_any_week_of_openstack(openstack_run: Run) -> None:
    """Its weeks differ so much that one is a tenth of another; nobody planted a fault."""
    assert openstack_run.folder is not None
    found, weeks = weekly(openstack_run.folder.parents[2], NOW, openstack_run.as_of)
    assert weeks > 400
    assert found == {}
