"""A week in which the export fell silent is not published until a person says so."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from segkit.errors import ConfigError, GuardError, InputError
from segkit.runs import assign, replay
from segkit.runs.run import Run
from segkit.workspace import open_workspace
from tests.runs.guards.many import add_week, many
from tests.runs.small import NOW, SUNDAYS, tree

WHY = "the rows are lost"
ACCEPT = {"suspected_outage": WHY}
SAW = "in the week to 2026-11-15 24 of the 60 accounts that come every week (40.0%) have no usage row"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = many(tmp_path_factory.mktemp("published"), weeks=10)
    run(folder)
    return folder


@pytest.fixture
def ten(published: Path, tmp_path: Path) -> Path:
    """A workspace of which ten weeks are published."""
    return Path(shutil.copytree(published, tmp_path, symlinks=True, dirs_exist_ok=True))


@pytest.fixture
def broken(ten: Path) -> Path:
    """The same with the export of the eleventh week, in which 24 accounts are missing."""
    add_week(ten, 10, silent=24)
    return ten


def run(folder: Path, as_of: date | None = None, accept: dict[str, str] | None = None) -> Run:
    return assign(open_workspace(folder), now=NOW, as_of=as_of, accept=accept)


def trips(folder: Path) -> GuardError:
    with pytest.raises(GuardError) as error:
        run(folder)
    return error.value


def kept(folder: Path) -> dict[str, bytes]:
    """Everything that was published, and the memory of it; not the lock, the cache and the preview."""
    passing = ("out/preview", "state/cache", "state/lock", "exports")
    return {name: content for name, content in tree(folder).items() if not name.startswith(passing)}


def guards(folder: Path) -> list[dict[str, str | None]]:
    value: list[dict[str, str | None]] = json.loads((folder / "run.json").read_text())["guards"]
    return value


def at_risk(done: Run) -> int:
    return done.assignments["primary"].to_list().count("at_risk")


def use_more(folder: Path, account: str) -> None:
    """One more row in the export of the eleventh week."""
    with (folder / "exports/usage_10.csv").open("a") as file:
        file.write(f"2026-11-15,{account},click\n")


def test_it_says_what_it_saw_what_it_expected_and_what_to_do(broken: Path) -> None:
    error = trips(broken)
    (tripped,) = error.tripped
    assert (tripped.name, tripped.saw) == ("suspected_outage", SAW)
    assert tripped.expected == "at most 20 of them, or 7.0%"
    assert "no_outage: [2026-11-15] under usage" in tripped.what_to_do
    assert (error.as_of, error.exit) == (SUNDAYS[10], 3)
    guard, preview = error.problems
    assert (guard.code, guard.hint) == ("G101", tripped.what_to_do)
    assert str(preview.where) == str(open_workspace(broken).out / "preview")


def test_nothing_is_published_and_all_of_it_can_be_looked_at(broken: Path) -> None:
    with (broken / "exports/usage_10.csv").open("a") as file:
        file.write("not a day,A01,click\n")
    before = kept(broken)
    trips(broken)
    assert kept(broken) == before
    preview = broken / "out/preview"
    assert set(tree(preview)) == {
        "assignments.csv",
        "assignments.parquet",
        "groups.csv",
        "quality.json",
        "rejected/usage.csv",
        "report.html",
        "run.json",
        "summary.md",
        "transitions.csv",
        "transitions.parquet",
        "worklist-new.json",
        "worklist.csv",
        "worklist.parquet",
    }
    (found,) = guards(preview)
    assert (found["guard"], found["saw"], found["because"]) == ("suspected_outage", SAW, None)
    assert "so that this is not published" in (preview / "summary.md").read_text()
    assert ",2026-11-15,active," in (preview / "assignments.csv").read_text()


def test_what_is_accepted_is_published_with_the_reason(broken: Path) -> None:
    trips(broken)
    done = run(broken, accept={"suspected_outage": f"  {WHY} \n"})
    assert done.folder is not None
    (found,) = guards(done.folder)
    assert found["because"] == WHY
    assert f"was accepted: {WHY}" in (done.folder / "summary.md").read_text()
    assert not (broken / "out/preview").exists()
    again = run(broken)
    assert (again.fresh, again.id, again.guards) == (False, done.id, done.guards)
    add_week(broken, 11)
    after = run(broken)
    assert (after.as_of, after.guards.findings) == (SUNDAYS[11], ())


def test_a_week_that_was_not_accepted_trips_the_next_run_too(broken: Path) -> None:
    add_week(broken, 11)
    error = trips(broken)
    assert (error.as_of, error.tripped[0].saw) == (SUNDAYS[11], SAW)


def test_all_weeks_that_were_slept_through_are_judged(tmp_path: Path) -> None:
    """Two are missing in the week between: of the rest it is a higher share that would be believed."""
    run(many(tmp_path, weeks=9))
    for week, silent in ((9, 21), (10, 2), (11, 30)):
        add_week(tmp_path, week, silent=silent)
    (tripped,) = trips(tmp_path).tripped
    assert tripped.saw == (
        "in the week to 2026-11-08 21 of the 60 accounts that come every week (35.0%) have no usage row; "
        "in the week to 2026-11-22 28 of the 58 accounts that come every week (48.3%) have no usage row"
    )
    assert tripped.expected == "at most 20 of them, or 7.0% to 16.7%"
    assert "no_outage: [2026-11-08, 2026-11-22]" in tripped.what_to_do


def test_twenty_accounts_are_no_outage(ten: Path) -> None:
    """But too few rows and accounts: that is another guard's."""
    add_week(ten, 10, silent=20)
    assert [each.name for each in trips(ten).tripped] == ["fewer_rows"]


@pytest.mark.parametrize(("week", "passes"), [(9, True), (11, False)])
def test_a_first_run_is_judged_by_its_last_week(tmp_path: Path, week: int, passes: bool) -> None:
    many(tmp_path, weeks=12, silent={week: 24})
    if passes:
        assert run(tmp_path).as_of == SUNDAYS[11]
    else:
        trips(tmp_path)
        assert not (tmp_path / "state/HEAD").exists()


def test_a_broken_export_for_the_published_week_does_not_replace_it(ten: Path) -> None:
    add_week(ten, 9, silent=24)
    before = kept(ten)
    trips(ten)
    assert kept(ten) == before
    add_week(ten, 9)
    assert not run(ten).fresh
    assert not (ten / "out/preview").exists(), "it shows what is true no more"


def test_an_acceptance_holds_on_for_its_week_while_the_guard_sees_the_same(broken: Path) -> None:
    first = run(broken, accept=ACCEPT)
    use_more(broken, "A59")
    second = run(broken)
    assert (second.id != first.id, second.guards.accepted) == (True, ACCEPT)
    add_week(broken, 10, silent=25)
    assert "25 of the 60" in trips(broken).tripped[0].saw


def test_another_reason_is_another_run_of_the_same_decisions(broken: Path) -> None:
    first = run(broken, accept=ACCEPT)
    other = {"suspected_outage": "asked the vendor"}
    second = run(broken, accept=other)
    assert (second.fresh, second.id != first.id) == (True, True)
    assert second.assignments.equals(first.assignments)
    assert not run(broken, accept=other).fresh


def test_to_accept_what_does_not_trip_changes_nothing_and_is_said(ten: Path) -> None:
    add_week(ten, 10)
    plain = assign(open_workspace(ten), now=NOW, dry_run=True)
    done = run(ten, accept=ACCEPT)
    assert (done.id, done.guards.needless) == (plain.id, ("suspected_outage",))
    again = run(ten, accept=ACCEPT)
    assert (again.fresh, again.guards.needless) == (False, ("suspected_outage",))


def test_a_dry_run_shows_what_trips_and_writes_nothing(broken: Path) -> None:
    before = tree(broken)
    done = assign(open_workspace(broken), now=NOW, dry_run=True)
    assert [tripped.saw for tripped in done.guards.tripped] == [SAW]
    done = assign(open_workspace(broken), now=NOW, dry_run=True, accept=ACCEPT)
    assert (done.guards.tripped, done.guards.accepted) == ((), ACCEPT)
    assert tree(broken) == before


def test_a_replay_of_a_week_that_nobody_published_is_judged_before_it_is_published(broken: Path) -> None:
    workspace = open_workspace(broken)
    assert replay(workspace, now=NOW).as_of == SUNDAYS[10]
    head = (broken / "state/HEAD").read_text()
    with pytest.raises(GuardError) as error:
        replay(workspace, now=NOW, publish=True)
    assert (Path(str(error.value.problems[-1].where)) / "differences.csv").is_file()
    assert (broken / "state/HEAD").read_text() == head


def test_a_published_replay_keeps_what_was_accepted(broken: Path) -> None:
    run(broken, accept=ACCEPT)
    done = replay(open_workspace(broken), now=NOW, publish=True)
    assert (broken / "state/HEAD").read_text().startswith("replays/")
    assert guards(done.folder)[0]["because"] == WHY
    use_more(broken, "A59")
    assert run(broken).guards.accepted == ACCEPT


def declare(folder: Path, *days: date) -> None:
    """Says in segkit.yaml that the silence of these weeks is real."""
    file = folder / "segkit.yaml"
    said = f"delivery: append, no_outage: [{', '.join(map(str, days))}]"
    file.write_text(file.read_text().replace("delivery: append", said))


def test_declared_weeks_trip_nothing_and_their_zeros_count(broken: Path) -> None:
    """At risk: under 3 events in two weeks in a row."""
    add_week(broken, 11, silent=24)
    accepted = run(broken, accept=ACCEPT)
    declare(broken, SUNDAYS[10], SUNDAYS[11])
    declared = run(broken)
    assert (declared.fresh, declared.guards.findings) == (True, ())
    assert (at_risk(accepted), at_risk(declared)) == (0, 24)


def test_a_week_without_a_single_row_counts_where_it_is_declared(ten: Path) -> None:
    add_week(ten, 11)
    with pytest.raises(InputError) as error:
        run(ten, SUNDAYS[10])
    assert "write no_outage: [2026-11-15] under usage" in str(error.value.problems[0].hint)
    declare(ten, SUNDAYS[10])
    done = run(ten, SUNDAYS[10])
    assert done.assignments["primary"].to_list() == ["needs_review"] * 60, "active a week ago, zero now"


def test_a_declared_week_after_the_last_row_does_not_stretch_the_export(ten: Path) -> None:
    declare(ten, SUNDAYS[11])
    assert run(ten).as_of == SUNDAYS[9]


def test_an_acceptance_without_a_guard_or_a_reason_is_refused_before_any_work(broken: Path) -> None:
    with pytest.raises(ConfigError) as error:
        run(broken, accept={"suspected_outages": "x", "weather": "x", "suspected_outage": " "})
    close, unknown, empty = error.value.problems
    assert (close.code, close.hint) == ("S157", "did you mean 'suspected_outage'?")
    assert (unknown.code, str(unknown.hint)[:29]) == ("S157", "guards: max_age, empty_export")
    assert empty.code == "S159"
    assert not (broken / "out/preview").exists()
