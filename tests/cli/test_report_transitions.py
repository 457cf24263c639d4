"""`segkit report transitions` and `report groups`: what was published, in any range."""

from __future__ import annotations

import json
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from segkit.reports.flows.waterfall import waterfalls
from segkit.reports.words import cells
from segkit.runs import assign
from segkit.runs.folders import history
from segkit.runs.moves import opening
from segkit.workspace import open_workspace
from tests.cli.command import segkit
from tests.runs.small import ACCOUNTS, NOW, RULES, SUNDAYS, tree, write

REGIONS = ACCOUNTS.replace("csm\n", "csm,region\n").replace("Ann\n", "Ann,North\n").replace("Bob\n", "Bob,\n")
REGIONS = REGIONS.replace("2026-01-01,\n", "2026-01-01,,South\n")

DIMENSIONS = ("segments", "value")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten weeks at once, then one week, then one by other rules."""
    folder = write(tmp_path_factory.mktemp("moves"), accounts=REGIONS)
    for week, rules in (
        (9, RULES),
        (10, RULES),
        (11, RULES.replace("events_7d under 3", "events_7d under 4")),
    ):
        (folder / "rules.yaml").write_text(rules)
        assign(open_workspace(folder), now=NOW, as_of=SUNDAYS[week])
    return folder


def told(folder: Path, *args: str) -> dict[str, Any]:
    done = segkit("report", "transitions", folder, "--format", "json", *args)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_screen_has_matrix_sizes_and_stays(published: Path) -> None:
    before = tree(published)
    done = segkit("report", "transitions", published)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "Small  segments" + "13 Sep 2026 to 22 Nov 2026".rjust(65)
    assert "Moves from (down) to (across)" in lines
    (size,) = [line.split() for line in lines if line.startswith("  at_risk ") and "rule_change" in line]
    assert size[:3] == ["at_risk", "0", "4"]
    assert max(map(cells, lines)) <= 80
    assert tree(published) == before


@pytest.mark.parametrize("by", ["cause", "csm", "region"])
@pytest.mark.parametrize("dimension", ["segments", "value", "flags"])
def test_sizes_of_all_ranges_meet_those_published(published: Path, by: str, dimension: str) -> None:
    """The last week's moves begin where the weeks before end; a change of the rules is one of the causes."""
    early = told(
        published, "--to", "2026-11-15", "--from", "2026-01-01", "--by", by, "--dimension", dimension
    )
    late = told(published, "--from", "2026-11-16", "--by", by, "--dimension", dimension)
    sizes = {fall["segment"]: fall["after"] for fall in early["waterfalls"]}
    for fall in late["waterfalls"]:
        assert fall["before"] == sizes.get(fall["segment"], 0)
        net = sum(part["came"] - part["went"] for part in fall["parts"])
        assert fall["before"] + net == fall["after"]
    rows = pl.read_parquet(published / "out/latest/assignments.parquet")
    if dimension == "flags":
        counted = {"busy": rows.filter(pl.col("flags") == "busy").height}
    else:
        column = "primary" if dimension == "segments" else dimension
        counted = dict(rows[column].value_counts().iter_rows())
    after = {fall["segment"]: fall["after"] for fall in late["waterfalls"] if fall["after"]}
    assert after == {name: count for name, count in counted.items() if count}


@pytest.mark.parametrize("dimension", ["segments", "value", "flags"])
def test_where_old_runs_are_gone_sizes_begin_with_what_is_left(published: Path, dimension: str) -> None:
    """What the oldest run began with follows from where it ended and what moved in it."""
    workspace = open_workspace(published)
    runs = list(history.lineage(workspace.out, history.head(workspace.state, workspace.out)))
    assert runs[0].parent == runs[1].name
    assert opening(runs[-1], DIMENSIONS).is_empty()
    log = pl.concat([run.frame("transitions.parquet") for run in reversed(runs)])
    for oldest, before in ((runs[0], runs[1]), (runs[1], runs[2])):
        since = log.filter(pl.col("as_of") > before.as_of)
        short = pl.concat([opening(oldest, DIMENSIONS), since])
        days = max(SUNDAYS[10], before.as_of + timedelta(days=1)), SUNDAYS[11]
        whole = waterfalls(log, *days, (), dimension)
        assert whole
        assert waterfalls(short, *days, (), dimension) == whole


def test_moves_by_an_attribute_as_it_was_then(published: Path) -> None:
    done = segkit("report", "transitions", published, "--by", "region", "--format", "csv")
    rows = pl.read_csv(BytesIO(done.stdout.encode()))
    assert rows.columns == ["from", "to", "region", "moves", "accounts", "arr"]
    assert set(rows["region"]) == {"North", "South", None}
    causes = told(published)["transitions"]
    assert rows["moves"].sum() == sum(row["moves"] for row in causes)
    assert "rule_change" in {row["cause"] for row in causes}


def test_what_was_around_is_said_beside_the_numbers(published: Path, tmp_path: Path) -> None:
    assert told(published)["around"] == []
    folder = write(tmp_path, weeks=11)
    (folder / "segkit.yaml").write_text(
        (folder / "segkit.yaml").read_text() + "  pauses: {files: pauses.csv}\n"
    )
    (folder / "exports/pauses.csv").write_text("account_id,from,to,reason\nB,2026-11-09,2026-11-30,freeze\n")
    assign(open_workspace(folder), now=NOW)
    (around,) = told(folder)["around"]
    assert around == {"as_of": "2026-11-15", "kind": "pause", "said": "1 account was paused"}
    assert "15 Nov 2026: 1 account was paused" in segkit("report", "transitions", folder).stdout


def test_groups_are_those_of_the_published_run(published: Path) -> None:
    done = segkit("report", "groups", published)
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "Small" + "as of 22 Nov 2026".rjust(75))
    rows = segkit("report", "groups", published, "--format", "csv").stdout
    assert rows == (published / "out/latest/groups.csv").read_text()


def test_where_nobody_is_named_nobody_is(tmp_path: Path) -> None:
    """Also in what was published before the workspace said so."""
    folder = write(tmp_path, accounts=REGIONS)
    assign(open_workspace(folder), now=NOW, as_of=SUNDAYS[10])
    file = folder / "segkit.yaml"
    file.write_text(file.read_text() + "privacy: {pseudonymise: true}\n")
    assign(open_workspace(folder), now=NOW, as_of=SUNDAYS[11])
    done = segkit("report", "transitions", folder, "--by", "csm", "--format", "json", "--from", "2026-09-01")
    named = {part["by"] for fall in json.loads(done.stdout)["waterfalls"] for part in fall["parts"]}
    assert {each[:4] for each in named} == {"csm-", "not "}
    for name in ("Acme", "Borg", "Cosmo", "Ann", "Bob"):
        assert name not in done.stdout
    assert (
        "no attribute of accounts is called 'name'"
        in segkit("report", "transitions", folder, "--by", "name").stderr
    )


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--by", "regin"], "did you mean 'region'?"),
        (["--by", "arr"], "no attribute of accounts is called 'arr'"),
        (["--dimension", "valu"], "did you mean 'value'?"),
        (["--from", "2026-11-20", "--to", "2026-11-10"], "S183"),
        (["--to", "2026-01-01"], "nothing is known before 2026-09-13"),
    ],
)
def test_what_is_not_there_is_refused(published: Path, args: list[str], said: str) -> None:
    done = segkit("report", "transitions", published, *args)
    assert done.returncode == 2
    assert said in done.stderr


def test_before_the_first_run_there_is_nothing(tmp_path: Path) -> None:
    write(tmp_path, weeks=2)
    for verb in ("transitions", "groups"):
        done = segkit("report", verb, tmp_path)
        assert (done.returncode, "nothing is published yet" in done.stderr) == (2, True)
