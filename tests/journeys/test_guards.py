"""A week whose export broke: cron publishes nothing, a person looks, decides, and the weeks go on."""

from __future__ import annotations

import io
import json
import re
import shlex
import shutil
from pathlib import Path

import polars as pl
import pytest

from segkit.errors import Exit
from tests.cli.command import Done, segkit
from tests.journeys.example import NOW, copy
from tests.runs.guards.many import add_week, many
from tests.runs.guards.weekly import weekly
from tests.runs.small import tree

REASON = "the vendor cannot export it again"


def kept(folder: Path) -> dict[str, bytes]:
    """Everything but the preview, the lock and the cache."""
    passing = ("out/preview", "state/cache", "state/lock")
    return {name: content for name, content in tree(folder).items() if not name.startswith(passing)}


def accepting(done: Done) -> list[str]:
    """The arguments of the command that the message names, with a reason in place of its placeholder."""
    (line,) = (line for line in done.stderr.splitlines() if line.startswith("to accept it and publish: "))
    words = shlex.split(line.partition(": ")[2])
    assert (words[0], words[-2:]) == ("segkit", ["--because", "WHY IT IS ALL RIGHT"])
    return [*words[1:-1], REASON]


def test_the_week_in_which_the_export_of_the_example_broke(example: tuple[Path, str], tmp_path: Path) -> None:
    """The rows of half of its accounts are missing in the week to 6 September 2026, and in no other week.

    The tables of its files are there already, as a run of the same files has left them.
    """
    folder = copy(tmp_path / "saas")
    shutil.copytree(example[0] / "state/cache", folder / "state/cache")
    assert segkit("assign", "-q", "--as-of", "2026-08-30", folder).returncode == Exit.DONE
    before = kept(folder)

    done = segkit("assign", "-q", "--as-of", "2026-09-06", folder)
    assert (done.returncode, done.stdout) == (Exit.GUARD, "")
    assert done.stderr.startswith(
        "G101 suspected_outage: in the week to 2026-09-06 38 of the 82 accounts that come every week (46.3%) "
        "have no usage row; expected: at most 20 of them, or "
    )
    assert kept(folder) == before

    summary = (folder / "out/preview/summary.md").read_text()
    assert summary.startswith("# Example SaaS: week to 6 Sep 2026\n")
    assert "suspected_outage tripped, so that this is not published" in summary
    rows = pl.read_csv(folder / "out/preview/assignments.csv")
    assert rows["as_of"].unique().to_list() == ["2026-09-06"]
    assert rows.height > 100
    assert pl.read_csv(folder / "out/preview/transitions.csv")["as_of"].unique().to_list() == ["2026-09-06"]
    assert (folder / "out/preview/groups.csv").is_file()
    assert json.loads((folder / "out/preview/run.json").read_text())["guards"][0]["because"] is None

    assert segkit(*accepting(done), "-q").returncode == Exit.DONE
    run = json.loads((folder / "out/latest/run.json").read_text())
    assert (run["as_of"], run["guards"][0]["because"]) == ("2026-09-06", REASON)
    assert pl.read_csv(folder / "out/latest/assignments.csv").equals(rows)
    assert not (folder / "out/preview").exists()

    assert segkit("assign", "-q", "--as-of", "2026-09-13", folder).returncode == Exit.DONE
    assert json.loads((folder / "out/latest/run.json").read_text())["guards"] == []


def test_of_all_weeks_of_the_example_only_the_two_trip_in_which_the_export_broke(
    example: tuple[Path, str],
) -> None:
    found, weeks = weekly(example[0], NOW)
    assert weeks == 130
    assert {name: tripped.saw for name, tripped in found.items()} == {
        "suspected_outage": "in the week to 2026-09-06 38 of the 82 accounts that come every week (46.3%) "
        "have no usage row",
        "fewer_rows": "usage of the week to 2025-12-21 has 0 rows and 0 accounts",
    }


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten weeks are published; in the eleventh the rows of 24 of 60 accounts are missing."""
    folder = many(tmp_path_factory.mktemp("published"), weeks=10)
    assert segkit("assign", "-q", folder).returncode == Exit.DONE
    add_week(folder, 10, silent=24)
    return folder


@pytest.fixture
def broken(published: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(published, tmp_path / "our team", symlinks=True))


def test_cron_again_and_again_says_the_same_until_the_export_is_whole(broken: Path) -> None:
    before = kept(broken)
    mine = broken / "mine.csv"
    first, second = (segkit("assign", "-q", broken, "-o", mine) for _ in range(2))
    assert (first.returncode, first.stderr) == (Exit.GUARD, second.stderr)
    assert kept(broken) == before, "nor is there a file of assignments"
    add_week(broken, 10)
    done = segkit("assign", "-q", broken, "-o", mine)
    assert (done.returncode, done.stderr, mine.is_file()) == (Exit.DONE, "", True)
    assert not (broken / "out/preview").exists()


def test_the_named_command_works_from_any_folder_and_its_run_is_the_answer_from_then_on(
    broken: Path, tmp_path: Path
) -> None:
    done = segkit("assign", cwd=broken)
    assert "'" in done.stderr.splitlines()[-1], "a folder with a space is quoted"
    accepted = segkit(*accepting(done), cwd=tmp_path)
    assert (accepted.returncode, accepted.stderr) == (Exit.DONE, "")
    assert f"! suspected_outage tripped and was accepted: {REASON}" in re.sub(r"\s+", " ", accepted.stdout)
    again = segkit("assign", cwd=broken)
    assert (again.returncode, again.stderr.splitlines()[0]) == (
        Exit.DONE,
        "Nothing new: 2026-11-15 is published with the same facts and rules.",
    )


def test_a_dry_run_shows_the_screen_and_what_trips_and_writes_no_file(
    published: Path, tmp_path: Path
) -> None:
    before = tree(published)
    done = segkit("assign", published, "--dry-run", "-o", tmp_path / "mine.csv")
    assert done.returncode == Exit.GUARD
    assert "Call first" in done.stdout
    assert done.stderr.startswith("G101 suspected_outage: ")
    assert "G102 warning: nothing was written" in done.stderr
    assert not (tmp_path / "mine.csv").exists()
    piped = segkit("assign", published, "--dry-run", "-o", "-")
    assert (piped.returncode, piped.stdout, "Call first" in piped.stderr) == (Exit.GUARD, "", True)
    done = segkit("assign", "--dry-run", "-q", "-o", "-", *accepting(done)[1:])
    assert (done.returncode, pl.read_csv(io.StringIO(done.stdout)).height) == (Exit.DONE, 60)
    assert tree(published) == before


def test_files_without_a_workspace_are_accepted_with_the_same_files(broken: Path, tmp_path: Path) -> None:
    weeks = [path.read_text().partition("\n")[2] for path in sorted((broken / "exports").glob("usage_*"))]
    (tmp_path / "u.csv").write_text("at,account_id,event\n" + "".join(weeks))
    done = segkit("assign", "--usage", "u.csv", "--rules", broken / "rules.yaml", cwd=tmp_path)
    assert done.returncode == Exit.GUARD
    assert segkit(*accepting(done), "-q").returncode == Exit.DONE


def test_a_replay_to_be_published_names_the_run_that_accepts(broken: Path) -> None:
    done = segkit("replay", "-q", "--publish", broken)
    assert done.returncode == Exit.GUARD
    assert segkit(*accepting(done), "-q").returncode == Exit.DONE
    assert segkit("replay", "-q", "--publish", broken).returncode == Exit.DONE


def lose_rows(folder: Path) -> None:
    """Two of the four rows of each account are missing in the eleventh week, and nobody fell silent."""
    file = folder / "exports/usage_10.csv"
    header, *rows = file.read_text().splitlines()
    file.write_text("\n".join([header, *rows[::2]]) + "\n")


def test_half_of_the_rows_of_a_new_week_are_not_published_before_somebody_says_so(broken: Path) -> None:
    add_week(broken, 10)
    lose_rows(broken)
    before = kept(broken)
    done = segkit("assign", "-q", broken)
    assert done.returncode == Exit.GUARD
    assert done.stderr.startswith(
        "G101 fewer_rows: usage of the week to 2026-11-15 has 120 rows; expected: at least 168 rows "
        "(usual by the weeks before it: 240)\n  hint: look whether the export is whole"
    )
    assert kept(broken) == before
    assert segkit("assign", "-q", broken, "--accept", "more_rows", "--because", "x").returncode == Exit.GUARD
    assert segkit(*accepting(done), "-q").returncode == Exit.DONE
    assert json.loads((broken / "out/latest/run.json").read_text())["guards"][0]["because"] == REASON


def test_an_editor_gives_guards_limits_of_their_own(broken: Path) -> None:
    add_week(broken, 10)
    lose_rows(broken)
    file = broken / "segkit.yaml"
    file.write_text(file.read_text() + "guards:\n  sources:\n    usage: {fewer_row: 60%}\n")
    done = segkit("assign", "-q", broken)
    assert (done.returncode, "did you mean 'fewer_rows'?" in done.stderr) == (Exit.USAGE, True)
    assert "segkit.yaml:10:13 S110 unknown key 'fewer_row'" in done.stderr
    file.write_text(file.read_text().replace("fewer_row:", "fewer_rows:"))
    assert segkit("assign", "-q", broken).returncode == Exit.DONE


WRONG = {
    "unknown guard": (
        ("--accept", "suspected_outtage", "--because", "x"),
        "S157",
        "mean 'suspected_outage'?",
    ),
    "no reason": (("--accept", "suspected_outage"), "S159", '--because "WHY IT IS ALL RIGHT"'),
    "an empty reason": (("--accept", "suspected_outage", "--because", " "), "S159", "--because"),
    "a reason for nothing": (("--because", "holiday"), "S159", "say --accept GUARD"),
}


@pytest.mark.parametrize("slip", WRONG)
def test_a_slip_in_accepting_is_wrong_usage(published: Path, slip: str) -> None:
    arguments, code, hint = WRONG[slip]
    before = tree(published)
    done = segkit("assign", published, *arguments)
    assert done.returncode == Exit.USAGE
    assert done.stderr.startswith(f"{code} ")
    assert hint in done.stderr
    assert tree(published) == before


def test_a_guard_that_does_not_trip_is_said_to_need_no_acceptance(broken: Path) -> None:
    add_week(broken, 10)
    done = segkit("assign", broken, "--accept", "suspected_outage", "--because", "just in case")
    assert (done.returncode, done.stderr) == (
        Exit.DONE,
        "suspected_outage did not trip: there was nothing to accept\n",
    )
    assert (broken / "state/HEAD").read_text().startswith("runs/2026-11-15-")


def test_an_editor_who_knows_that_they_were_silent_declares_it(broken: Path) -> None:
    assert segkit("assign", "-q", broken).returncode == Exit.GUARD
    file = broken / "segkit.yaml"
    file.write_text(file.read_text().replace("append", "append, no_outage: [2026-11-16]"))
    done = segkit("assign", "-q", broken)
    assert (done.returncode, "write 2026-11-15 or 2026-11-22" in done.stderr) == (Exit.USAGE, True)
    file.write_text(file.read_text().replace("2026-11-16", "2026-11-15"))
    assert segkit("check", "rules", broken).returncode == Exit.DONE
    done = segkit("assign", "-q", broken)
    assert (done.returncode, done.stderr) == (Exit.DONE, "")
