"""All guards that trip are told at once, and each is accepted by its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from segkit.errors import GuardError, Problem, Tripped
from segkit.runs import assign
from segkit.runs.guards import judge
from segkit.runs.guards.case import Case
from segkit.runs.guards.findings import Finding
from segkit.runs.run import Run
from segkit.workspace import open_workspace
from tests.cli.command import segkit
from tests.runs.small import NOW, SUNDAYS, write, write_week


def few_accounts(case: Case) -> Tripped | None:
    accounts = case.decisions.assignments.height
    if accounts >= 5:
        return None
    return Tripped("few_accounts", f"{accounts} accounts", "at least 5", "look at the accounts")


def not_the_first(case: Case) -> Tripped | None:
    if case.past is not None:
        return None
    return Tripped("not_the_first", "no run before", "one at least", "nothing")


@pytest.fixture(autouse=True)
def two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge, "GUARDS", {"few_accounts": few_accounts, "not_the_first": not_the_first})


def run(folder: Path, **accept: str) -> Run:
    return assign(open_workspace(folder), now=NOW, accept=accept)


def tripped(folder: Path, **accept: str) -> list[str]:
    with pytest.raises(GuardError) as error:
        run(folder, **accept)
    assert [problem.what.partition(":")[0] for problem in error.value.problems[:-1]] == [
        each.name for each in error.value.tripped
    ]
    return [each.name for each in error.value.tripped]


def test_all_that_trip_are_told_but_for_the_accepted_ones(tmp_path: Path) -> None:
    write(tmp_path, weeks=11)
    assert tripped(tmp_path) == ["few_accounts", "not_the_first"]
    assert tripped(tmp_path, few_accounts="so it is") == ["not_the_first"]
    done = run(tmp_path, few_accounts="so it is", not_the_first="it is")
    assert done.guards.accepted == {"few_accounts": "so it is", "not_the_first": "it is"}


def test_the_command_that_accepts_the_rest_keeps_what_was_accepted(tmp_path: Path) -> None:
    done = segkit("assign", "-q", write(tmp_path), "--accept", "few_accounts", "--because", "so it is")
    assert [line.split()[1] for line in done.stderr.splitlines() if line.startswith("G101")] == [
        "not_the_first:"
    ]
    assert "--accept few_accounts --accept not_the_first --because" in done.stderr


def test_each_week_is_accepted_anew(tmp_path: Path) -> None:
    run(write(tmp_path, weeks=11), few_accounts="so it is", not_the_first="it is")
    write_week(tmp_path, 11)
    assert tripped(tmp_path) == ["few_accounts"]
    done = run(tmp_path, few_accounts="still", not_the_first="it is")
    assert (done.as_of, done.guards.needless) == (SUNDAYS[11], ("not_the_first",))


def test_further_acceptances_supersede_and_keep_the_earlier_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another fact for the same week: what was accepted of it holds, the new guard asks."""
    monkeypatch.setattr(judge, "GUARDS", {"few_accounts": few_accounts})
    first = run(write(tmp_path), few_accounts="so it is")
    monkeypatch.setattr(judge, "GUARDS", {"few_accounts": few_accounts, "not_the_first": not_the_first})
    with (tmp_path / "exports/usage_11.csv").open("a") as file:
        file.write("2026-11-22,A,click\n")
    assert tripped(tmp_path) == ["not_the_first"]
    second = run(tmp_path, not_the_first="it is")
    assert second.id != first.id
    assert second.guards.accepted == {"few_accounts": "so it is", "not_the_first": "it is"}


def test_a_finding_is_read_as_it_was_written() -> None:
    tripped = Tripped("few_accounts", "4 accounts", "at least 5", "look at the accounts")
    for finding in (Finding(tripped), Finding(tripped, "so it is")):
        assert Finding.read(finding.written()) == finding


def test_an_error_with_other_problems_carries_the_same_guards() -> None:
    tripped = Tripped("few_accounts", "4 accounts", "at least 5", "look at the accounts")
    error = GuardError(Problem("G101", "few"), tripped=[tripped], as_of=SUNDAYS[0])
    other = error.with_problems([Problem("G101", "fewer")])
    assert (other.problems[0].what, other.tripped, other.as_of) == ("fewer", (tripped,), SUNDAYS[0])
