"""What guards found, as it is told, kept and added to the id of a run."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from segkit.errors import ConfigError, Tripped
from segkit.runs.guards.findings import Finding, Verdict, reasons
from segkit.runs.guards.judge import acceptable, refusal

LOST = Finding(Tripped("lost_rows", "few", "more", "look"))
OLD = Finding(Tripped("max_age", "old", "new", "wait"), "they are on holiday")
MOVED = Finding(Tripped("many_moves", "many", "fewer", "look"), "a merger")


def test_an_acceptance_changes_the_id_of_a_run_whatever_the_order_of_guards() -> None:
    assert Verdict((LOST,)).key == ()
    assert Verdict((OLD, MOVED)).key == Verdict((MOVED, OLD)).key
    assert Verdict((OLD,)).key != Verdict((MOVED,)).key
    assert reasons((LOST, OLD)) == {"max_age": "they are on holiday"}


def test_what_tripped_is_told_with_what_became_of_it() -> None:
    verdict = Verdict((LOST, OLD))
    assert verdict.tripped == (LOST.tripped,)
    assert verdict.remarks() == (
        "lost_rows tripped, so that this is not published: few; expected: more",
        "max_age tripped and was accepted: they are on holiday",
    )


@pytest.mark.parametrize("finding", [LOST, OLD], ids=["open", "accepted"])
def test_a_finding_is_read_back_from_run_json_as_it_was_written(finding: Finding) -> None:
    assert Finding.read(finding.written()) == finding


def test_a_refusal_says_where_to_look_or_that_nothing_was_written() -> None:
    day = date(2026, 11, 22)
    kept = refusal(Verdict((LOST, OLD)), day, Path("out/preview"))
    first, second = kept.problems
    assert (first.code, first.what, first.hint) == ("G101", "lost_rows: few; expected: more", "look")
    assert (second.code, str(second.where), second.severity) == ("G102", "out/preview", "warning")
    assert second.what.endswith("what would have been can be looked at here, summary.md first")
    dry = refusal(Verdict((LOST,)), day, None)
    assert dry.problems[-1].what == "nothing was written: a run that trips a guard is not published"
    assert (dry.problems[-1].where, dry.tripped, dry.as_of) == (None, (LOST.tripped,), day)


def test_only_a_guard_is_accepted_and_only_with_a_reason() -> None:
    assert acceptable({"max_age": "  holiday "}) == {"max_age": "holiday"}
    with pytest.raises(ConfigError) as error:
        acceptable({"max_ages": "x", "lost_rows": "  ", "all": "y"})
    told = [(problem.code, (problem.hint or "")[:26]) for problem in error.value.problems]
    assert told == [
        ("S157", "did you mean 'max_age'?"),
        ("S159", 'say it: --because "the exp'),
        ("S157", "guards: max_age, empty_exp"),
    ]
