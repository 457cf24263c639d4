"""What is left out for its day: past its retention, before a contract, after it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from segkit.facts.excluding import Entry, Retention
from segkit.facts.load import Loaded
from tests.facts.exports import Exports, fold_days, usage_days

SOURCES: Mapping[str, Mapping[str, Any]] = {
    "accounts": {"files": "accounts.csv"},
    "usage": {"files": "usage.csv"},
    "tickets": {"files": "tickets.csv"},
    "payments": {"files": "payments.csv"},
    "subscriptions": {"files": "subscriptions.csv"},
}
ACCOUNTS = "account_id,signup_date,churned_at\nA,2026-10-14,\nB,,2026-11-04\nC,,\n"
USAGE = ("2026-09-01", "2026-10-13", "2026-10-14", "2026-11-03", "2026-11-04", "2026-11-08")
OUTSIDE = [Entry("trial", before_signup=True), Entry("gone", after_churn=True)]


@pytest.fixture
def filled(exports: Exports) -> Exports:
    exports.write("accounts.csv", ACCOUNTS)
    exports.write(
        "usage.csv", "at,account_id\n" + "".join(f"{day},{who}\n" for day in USAGE for who in "ABC")
    )
    tickets = "".join(f"{who}{at},{day},{who}\n" for at, day in enumerate(USAGE) for who in "ABC")
    exports.write("tickets.csv", f"ticket_id,opened_at,account_id\n{tickets}")
    exports.write("payments.csv", "due_on,account_id\n2026-09-01,A\n2026-11-05,B\n")
    rows = "2026-09-01,2026-10-01,A\n2026-09-01,2026-11-01,B\n2026-09-01,,C\n"
    exports.write("subscriptions.csv", f"starts_on,ends_on,account_id\n{rows}")
    return exports


def reasons(loaded: Loaded) -> dict[str, dict[str, int]]:
    for count in loaded.facts.counts:
        assert count.read == count.accepted + count.rejected + count.excluded
    return {count.source: dict(count.reasons) for count in loaded.facts.counts if count.reasons}


def kept(loaded: Loaded, source: str) -> list[tuple[str, str]]:
    rows = loaded.facts.tables[source]
    return sorted(
        (account, str(date.fromordinal(719163 + day))) for account, day in rows["account_id", "day"].rows()
    )


def test_rows_outside_a_contract_count_unless_they_are_left_out(filled: Exports) -> None:
    loaded = filled.load(SOURCES)
    assert [problem.code for problem in loaded.problems] == ["D111"]
    assert len(usage_days(loaded)) == 18
    assert reasons(loaded) == {}


def test_rows_before_signup_and_after_churn_are_left_out_where_that_is_said(filled: Exports) -> None:
    loaded = filled.load(SOURCES, exclude=OUTSIDE)
    expected = [
        *(("A", day) for day in USAGE[2:]),
        *(("B", day) for day in USAGE[:4]),
        *(("C", day) for day in USAGE),
    ]
    assert [(who[-1], day) for who, day, _ in usage_days(loaded)] == expected
    assert fold_days(loaded) == usage_days(loaded)
    assert kept(loaded, "tickets") == expected
    assert reasons(loaded) == {"tickets": {"gone": 2, "trial": 2}, "usage": {"gone": 2, "trial": 2}}
    # A final invoice and the contract itself are not what an account did.
    assert kept(loaded, "payments") == [("A", "2026-09-01"), ("B", "2026-11-05")]
    assert loaded.problems == ()


def test_each_side_can_be_said_alone(filled: Exports) -> None:
    assert reasons(filled.load(SOURCES, exclude=OUTSIDE[:1]))["usage"] == {"trial": 2}
    assert reasons(filled.load(SOURCES, exclude=OUTSIDE[1:]))["usage"] == {"gone": 2}


def test_the_contract_is_that_of_the_account_a_row_belongs_to_on_its_day(exports: Exports) -> None:
    exports.write("accounts.csv", "account_id,signup_date\nA,2026-10-20\nB,2026-10-01\n")
    exports.write("contacts.csv", "user_id,account_id,created_at\n1,B,2026-10-01\n1,A,2026-11-01\n")
    days = ("2026-10-05", "2026-10-12", "2026-11-02", "2026-11-08")
    exports.write("usage.csv", "at,user_id\n" + "".join(f"{day},1\n" for day in days))
    sources = {
        **{name: SOURCES[name] for name in ("accounts", "usage")},
        "contacts": {"files": "contacts.csv"},
    }
    assert len(usage_days(exports.load(sources, exclude=OUTSIDE))) == 4


def test_rows_past_their_retention_are_left_out_from_the_next_whole_week_on(filled: Exports) -> None:
    loaded = filled.load(SOURCES, retention=Retention.read("4 weeks"))
    # as_of is Sunday 8 November; Sunday 11 October is four weeks before and the last day that is too old.
    assert loaded.facts.as_of == date(2026, 11, 8)
    assert loaded.facts.calendar.start(int(loaded.facts.periods[0])) == date(2026, 10, 12)
    assert loaded.facts.coverage["usage"].first == date(2026, 10, 12)
    assert loaded.facts.coverage["tickets"].first == date(2026, 10, 13)
    assert {day for _, day, _ in usage_days(loaded)} == set(USAGE[1:])
    assert fold_days(loaded) == usage_days(loaded)
    # A contract that runs, or ended since, speaks about today.
    assert [account for account, _ in kept(loaded, "subscriptions")] == ["B", "C"]
    old = {"out of retention": 1}
    assert reasons(loaded) == {
        "usage": {"out of retention": 3},
        "tickets": {"out of retention": 3},
        "payments": old,
        "subscriptions": old,
    }


def test_snapshots_past_their_retention_are_forgotten_but_for_the_one_that_held(exports: Exports) -> None:
    exports.write("usage.csv", "at,account_id\n2026-10-05,A\n2026-10-12,A\n2026-10-19,A\n2026-11-08,A\n")
    for day, plan in (("2026-08-01", "one"), ("2026-09-01", "two"), ("2026-10-24", "three")):
        exports.write(f"accounts_{day}.csv", f"account_id,plan\nA,{plan}\n")
    sources = {"usage": SOURCES["usage"], "accounts": {"files": "accounts_{date}.csv"}}
    loaded = exports.load(sources, retention=Retention.read("4 weeks"))
    assert loaded.ledger.filter(loaded.ledger["account_id"].is_not_null())["plan"].to_list() == [
        "two",
        "three",
    ]
    held = loaded.facts.roster.snapshot[0]
    assert [loaded.facts.roster.snapshots["plan"][int(row)] for row in held] == [
        "two",
        "three",
        "three",
        "three",
    ]


@pytest.mark.parametrize(
    ("text", "day", "before"),
    [
        ("36 months", date(2026, 11, 8), date(2023, 11, 8)),
        ("1 month", date(2026, 3, 31), date(2026, 2, 28)),
        ("2 years", date(2028, 2, 29), date(2026, 2, 28)),
        ("8 weeks", date(2026, 11, 8), date(2026, 9, 13)),
        ("90 days", date(2026, 11, 8), date(2026, 8, 10)),
    ],
)
def test_how_long_is_said_in_words(text: str, day: date, before: date) -> None:
    assert Retention.read(text).before(day) == before


@pytest.mark.parametrize(
    "text", ["36", "for ever", "3 weeks", "27 days", "0 months", "-1 years", "1.5 years"]
)
def test_what_is_no_time_or_too_short_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"write a number|at least four"):
        Retention.read(text)
