"""`keep:` in segkit.yaml: old runs go by themselves, and the history that stays is whole."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from segkit.errors import Exit
from segkit.periods import from_epoch_day
from segkit.runs import assign, replay
from segkit.runs.evaluate import frozen
from segkit.runs.folders.history import head
from segkit.runs.given.inputs import read_facts, read_rules
from segkit.workspace import open_workspace
from tests.cli.command import segkit
from tests.runs.small import NOW, SUNDAYS, tree, write, write_week


def cron(folder: Path, week: int) -> str:
    """The run of the Monday after; its name."""
    now = NOW - timedelta(days=7 * (11 - week))
    run = assign(open_workspace(folder), now=now, as_of=SUNDAYS[week])
    assert run.folder is not None
    return f"runs/{run.folder.name}"


def kept(folder: Path) -> list[str]:
    return sorted(f"{path.parent.name}/{path.name}" for path in (folder / "out").glob("r*s/[!.]*"))


@pytest.fixture(scope="module")
def kept_three(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str], str]:
    """Six Mondays with `keep: 3`, the fourth twice, for its export came late; the names of all published
    runs, and of the one that was superseded.
    """
    folder = write(tmp_path_factory.mktemp("kept"), weeks=6)
    (folder / "segkit.yaml").write_text((folder / "segkit.yaml").read_text() + "keep: 3\n")
    names = [cron(folder, week) for week in (5, 6, 7) if not write_week(folder, week)]
    write_week(folder, 8)
    superseded = cron(folder, 8)
    assert kept(folder) == sorted([*names[1:], superseded])
    with (folder / "exports/usage_08.csv").open("a") as file:
        file.write(f"{SUNDAYS[8]},A,click\n")
    names.append(cron(folder, 8))
    for week in (9, 10):
        write_week(folder, week)
        names.append(cron(folder, week))
    return folder, names, superseded


@pytest.fixture
def three(kept_three: tuple[Path, list[str], str], tmp_path: Path) -> tuple[Path, list[str], str]:
    folder, names, superseded = kept_three
    return Path(shutil.copytree(folder, tmp_path / "ws", symlinks=True)), names, superseded


def test_the_newest_stay_and_what_went_is_told_in_run_json(three: tuple[Path, list[str], str]) -> None:
    folder, names, superseded = three
    assert kept(folder) == names[-3:]
    removed = [json.loads((folder / "out" / name / "run.json").read_text())["removes"] for name in names[-3:]]
    # The run that was superseded went before older ones that the published run grew from.
    assert removed == [[superseded], [names[1]], [names[2]]]
    assert not list((folder / "out").rglob(".tmp-*"))


def test_the_oldest_week_that_is_kept_is_explained_as_it_was_published(
    three: tuple[Path, list[str], str],
) -> None:
    folder, names, _ = three
    published = pl.read_parquet(folder / "out" / names[-3] / "assignments.parquet")
    done = segkit("explain", "Acme", folder, "--as-of", SUNDAYS[8])
    assert (done.returncode, done.stderr) == (Exit.DONE, "")
    (primary,) = published.filter(pl.col("account_id") == "A")["primary"]
    assert done.stdout.splitlines()[2].startswith(f"{primary} for ")
    assert "Published as" not in done.stdout, "nothing differs"
    older = segkit("explain", "Acme", folder, "--as-of", SUNDAYS[7])
    assert older.returncode == Exit.DONE, "any week of the past is decided from the exports"


def test_a_history_that_ends_on_purpose_is_not_damaged(three: tuple[Path, list[str], str]) -> None:
    folder, *_ = three
    done = segkit("doctor", folder)
    assert done.returncode == Exit.DONE, done.stdout
    assert f"3 published runs to {SUNDAYS[10]}, kept since {SUNDAYS[8]}" in done.stdout
    told = segkit("report", "history", folder).stdout
    assert "older runs were not kept (keep: in segkit.yaml)" in told
    write_week(folder, 11)
    assert cron(folder, 11) == kept(folder)[-1]
    assert segkit("explain", "Acme", folder).returncode == Exit.DONE
    assert segkit("replay", "-q", folder).returncode == Exit.DONE
    shutil.rmtree(folder / "out" / kept(folder)[-3])
    assert segkit("doctor", folder).returncode == Exit.PROBLEMS, "that one went by itself"


def test_the_published_run_and_its_parent_always_stay(three: tuple[Path, list[str], str]) -> None:
    """So that a late row is decided from the week before, as if all had been kept."""
    folder, names, _ = three
    settings = folder / "segkit.yaml"
    settings.write_text(settings.read_text().replace("keep: 3", "keep: 2"))
    write_week(folder, 11)
    last = cron(folder, 11)
    assert kept(folder) == [names[-1], last]
    with (folder / "exports/usage_11.csv").open("a") as file:
        file.write(f"{SUNDAYS[11]},B,click\n")
    late = cron(folder, 11)
    assert kept(folder) == [names[-1], late]
    manifest = json.loads((folder / "out" / late / "run.json").read_text())
    assert (manifest["parent"], manifest["removes"]) == (names[-1], [last])
    settings.write_text(settings.read_text().replace("keep: 2", "keep: 1"))
    assert "S110" in segkit("assign", folder).stderr


def test_as_many_replays_stay_the_newest(three: tuple[Path, list[str], str]) -> None:
    folder, *_ = three
    days = [SUNDAYS[week] for week in (4, 5, 6, 7)]
    for day in days:
        replay(open_workspace(folder), now=NOW, end=day)
    write_week(folder, 11)
    cron(folder, 11)
    assert [path.name[:10] for path in sorted((folder / "out/replays").iterdir())] == [
        str(d) for d in days[1:]
    ]


def test_what_stays_is_as_it_was_and_decisions_are_the_same(
    three: tuple[Path, list[str], str], tmp_path: Path
) -> None:
    folder, names, _ = three
    shutil.copytree(folder, tmp_path / "all", symlinks=True)
    settings = tmp_path / "all/segkit.yaml"
    settings.write_text(settings.read_text().replace("keep: 3\n", ""))
    before = {name: tree(folder / "out" / name) for name in names[-2:]}
    for each in (folder, tmp_path / "all"):
        write_week(each, 11)
        cron(each, 11)
    assert {name: tree(folder / "out" / name) for name in names[-2:]} == before
    one, two = (tree(each / "out/latest") for each in (folder, tmp_path / "all"))
    assert {name for name in one if one[name] != two.get(name)} == {"run.json"}
    assert len(kept(tmp_path / "all")) == 4


def test_what_was_published_is_evaluated_from_the_oldest_run_on(three: tuple[Path, list[str], str]) -> None:
    folder, names, _ = three
    workspace = open_workspace(folder)
    published = head(workspace.state, workspace.out)
    assert published is not None
    rules, _ = read_rules(workspace)
    loaded = read_facts(workspace, rules, now=NOW, as_of=published.as_of, head=published)
    decided = frozen(workspace, rules, published, loaded)
    ends = [from_epoch_day(int(day)) for day in decided.history.ends]
    assert ends == list(SUNDAYS[8:11])
    for name, codes in zip(names[-3:], decided.history.code.T, strict=True):
        said = pl.read_parquet(folder / "out" / name / "assignments.parquet").sort("account_id")
        assert said["primary"].to_list() == [decided.history.labels[code] for code in codes]
