"""The logic fingerprint changes with decisions and with nothing else."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from segkit.periods import Calendar
from segkit.ruleset import fingerprint
from segkit.ruleset.fingerprint import playbooks_of
from tests.ruleset.load import DEFINED, rules
from tests.ruleset.test_files import EXAMPLE

BASE = rules(EXAMPLE).logic


def test_it_is_a_sha256() -> None:
    assert len(BASE) == 64
    assert rules(EXAMPLE).logic == BASE


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("version: 1", "version: 2"),
        ("    goal: Use is back to what is expected.", "    goal: Anything."),
        ("means: Notice given, or gone quiet for weeks.", "means: Gone."),
        ("owner: csm", "owner: support"),
        ("due: 2 days", "due: 3 days"),
        ("    playbook: re_engage\n", ""),
        ("clear_drop", "plain_drop"),
        ("- clear_drop\n", "- {all: [events_28d.change at most $big_drop, events_28d.delta at most -10]}\n"),
        ("core_adoption_28d under 50%", "core_adoption_28d < 0.5"),
        ("enter_after: 2 weeks ", "enter_after: 14 days "),
        ("90 <= tenure_days < 365", "90d <= tenure_days and tenure_days under 365"),
        ("any:\n        - clear_drop", "any:\n        # a comment\n        - clear_drop"),
    ],
)
def test_words_do_not_change_it(old: str, new: str) -> None:
    assert old in EXAMPLE
    assert rules(EXAMPLE.replace(old, new)).logic == BASE


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("default: -30%", "default: -31%"),
        ("Retail: -40%", "Retail: -41%"),
        ("by: industry", "by: region"),
        ("events_28d.delta at most -10", "events_28d.delta at most -11"),
        ("events_28d.delta at most -10", "events_28d.delta under -10"),
        ("events_28d.delta at most -10", "events_56d.delta at most -10"),
        ("enter_after: 2 of 3 weeks", "enter_after: 2 of 4 weeks"),
        ("min_stay: 4 weeks", "min_stay: 5 weeks"),
        ("otherwise: needs_review", "otherwise: review"),
        ("    at_once: notice_given ", "    # "),
        ("at_least: 2", "at_least: 3"),
        ('"workflow_completed"', '"workflow_done"'),
        ("name: power", "name: strong"),
        ("peers: [industry, region] ", "peers: [region, industry] "),
        ("  lifecycle:", "  stage:"),
        ("between 0 and 90", "between 0 and 91"),
    ],
)
def test_logic_changes_it(old: str, new: str) -> None:
    assert old in EXAMPLE
    assert rules(EXAMPLE.replace(old, new)).logic != BASE


def test_definitions_and_calendar_change_it() -> None:
    other = replace(DEFINED, core_features=("reports",))
    assert rules(EXAMPLE, definitions=other).logic != BASE
    assert rules(EXAMPLE, calendar=Calendar("week", 4)).logic != BASE


def test_the_order_of_segments_changes_it() -> None:
    found = rules(EXAMPLE)
    main = found.main
    swapped = replace(main, segments=main.segments[::-1])
    assert fingerprint(replace(found, dimensions=(swapped, *found.dimensions[1:]))) != BASE


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("due: 2 days", "due: 3 days"),
        ("    playbook: re_engage\n", ""),
        ("success: events_28d.change at least -10%", "success: events_28d.change at least -9%"),
    ],
)
def test_what_is_to_be_done_has_a_fingerprint_of_its_own(old: str, new: str) -> None:
    assert old in EXAMPLE
    assert playbooks_of(rules(EXAMPLE.replace(old, new))) != playbooks_of(rules(EXAMPLE))
    other = rules(EXAMPLE.replace("default: -30%", "default: -31%"))
    assert playbooks_of(other) == playbooks_of(rules(EXAMPLE))
