"""All of history anew, beside what was published."""

from __future__ import annotations

import shutil
from datetime import date
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from segkit.errors import ConfigError
from segkit.runs import Replay, assign, replay
from segkit.workspace import open_workspace
from tests.runs.small import NOW, RULES, SUNDAYS, ran, temporary, tree, write, write_week


def weekly(folder: Path, first: int = 8) -> Path:
    """A workspace that was run every week from the `first` on."""
    return shutil.copytree(_weekly_once(first), folder, symlinks=True, dirs_exist_ok=True)


@cache
def _weekly_once(first: int) -> Path:
    folder = ran(temporary(), weeks=first)
    for week in range(first, 12):
        write_week(folder, week)
        assign(open_workspace(folder), now=NOW)
    return folder


def again(
    folder: Path, start: date | None = None, end: date | None = None, *, publish: bool = False
) -> Replay:
    return replay(open_workspace(folder), now=NOW, start=start, end=end, publish=publish)


def test_week_by_week_equals_one_replay_in_its_decided_bytes(tmp_path: Path) -> None:
    weekly(tmp_path)
    done = again(tmp_path)
    assert done.differences.is_empty()
    assert len(done.against.days) == 5
    newest, replayed = tmp_path / "out/latest/assignments.csv", done.folder / "assignments.csv"
    assert newest.read_bytes() == replayed.read_bytes()
    runs = sorted((tmp_path / "out/runs").iterdir())
    published = pl.concat([pl.read_parquet(run / "transitions.parquet") for run in runs])
    assert published.equals(done.transitions)


def test_late_data_show_as_differences_and_change_nothing_published(tmp_path: Path) -> None:
    weekly(tmp_path)
    with (tmp_path / "exports/usage_09.csv").open("a") as file:
        file.write("2026-11-08,C,click\n" * 3)
    before = tree(tmp_path / "out/runs")
    done = again(tmp_path)
    found = done.differences.filter(pl.col("dimension") == "segments")
    assert ("C", "active") in found.select("account_id", "replayed").rows()
    assert tree(tmp_path / "out/runs") == before
    assert (done.folder / "differences.csv").is_file()


def test_from_and_to_bound_what_is_kept(tmp_path: Path) -> None:
    weekly(tmp_path)
    done = again(tmp_path, SUNDAYS[8], SUNDAYS[10])
    assert done.as_of == SUNDAYS[10]
    assert set(done.transitions["as_of"]) <= set(SUNDAYS[8:11])
    assert len(done.against.days) == 4


def test_a_replay_can_become_the_published_run(tmp_path: Path) -> None:
    weekly(tmp_path)
    done = again(tmp_path, publish=True)
    name = f"replays/{done.folder.name}"
    assert (tmp_path / "state/HEAD").read_text() == f"{name}\n"
    assert not assign(open_workspace(tmp_path), now=NOW).fresh


def test_a_published_replay_stays_as_it_is_when_it_is_replayed(tmp_path: Path) -> None:
    weekly(tmp_path, first=11)
    first = again(tmp_path, publish=True)
    before = tree(first.folder)
    second = again(tmp_path, publish=True)
    assert second.folder != first.folder
    assert second.differences.is_empty()
    assert tree(first.folder) == before


def test_what_was_published_is_compared_as_far_as_the_replay_and_its_dimensions_reach(tmp_path: Path) -> None:
    """The first week is not in today's exports any more, and nobody has published the new dimension."""
    ran(tmp_path, weeks=6)
    for week in (4, 5):
        (tmp_path / f"exports/usage_{week:02}.csv").unlink()
    for week in range(8, 12):
        write_week(tmp_path, week)
    assert again(tmp_path).differences.is_empty()

    later = ran(tmp_path / "later")
    size = "  size:\n    - name: any\n      enter: arr at least 0\nflags:\n"
    (later / "rules.yaml").write_text(RULES.replace("flags:\n", size))
    done = again(later)
    assert "size" in done.assignments.columns
    assert done.differences.is_empty()


def test_a_week_follows_a_published_replay(tmp_path: Path) -> None:
    write(tmp_path, weeks=11)
    again(tmp_path, publish=True)
    write_week(tmp_path, 11)
    run = assign(open_workspace(tmp_path), now=NOW)
    assert set(run.transitions["as_of"]) == {SUNDAYS[11]}
    assert run.assignments.equals(assign(open_workspace(write(tmp_path / "anew")), now=NOW).assignments)


@pytest.mark.parametrize(("bounds", "code"), [({"end": SUNDAYS[9]}, "S151"), ({"start": SUNDAYS[9]}, "S152")])
def test_a_part_of_history_cannot_be_published(tmp_path: Path, bounds: dict[str, date], code: str) -> None:
    weekly(tmp_path, first=11)
    head = (tmp_path / "state/HEAD").read_text()
    with pytest.raises(ConfigError) as error:
        again(tmp_path, **bounds, publish=True)
    assert error.value.problems[0].code == code
    assert (tmp_path / "state/HEAD").read_text() == head


def test_the_same_replay_twice_leaves_one_folder(tmp_path: Path) -> None:
    weekly(tmp_path, first=11)
    assert again(tmp_path).folder == again(tmp_path).folder
    assert len(list((tmp_path / "out/replays").iterdir())) == 1


def test_a_replay_may_end_before_the_first_run(tmp_path: Path) -> None:
    assign(open_workspace(write(tmp_path)), now=NOW)
    done = again(tmp_path, end=SUNDAYS[7])
    assert done.as_of == SUNDAYS[7]
    assert done.assignments["account_id"].to_list() == ["A", "B", "C", "D"]
