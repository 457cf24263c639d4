"""Rows that cannot all be true are told with their count and stay what they are."""

from __future__ import annotations

from segkit.errors import Problem
from tests.facts.exports import Exports

USAGE = "at,subscription_id\n2026-11-02,S1\n2026-11-03,S1\n2026-11-08,S2\n"


def told(problems: tuple[Problem, ...]) -> list[tuple[str, str, str]]:
    return [(problem.code, str(problem.where), problem.what) for problem in problems]


def test_days_to_come_are_told_by_source_and_column(exports: Exports) -> None:
    exports.write("usage.csv", "at,account_id\n2026-11-02,A1\n2026-11-08,A1\n2027-01-05,A1\n")
    exports.write("tickets.csv", "ticket_id,opened_at,account_id,resolved_at\nT1,2026-11-02,A1,2062-11-03\n")
    loaded = exports.load({"usage": {"files": "usage.csv"}, "tickets": {"files": "tickets.csv"}})
    assert told(loaded.problems) == [
        (
            "D310",
            "usage.csv",
            "usage: at lies in the future in 1 row, up to 2027-01-05 (today is 2026-11-22)",
        ),
        (
            "D310",
            "tickets.csv:2",
            "tickets: resolved_at lies in the future in 1 row, up to 2062-11-03 (today is 2026-11-22)",
        ),
    ]


def test_an_end_before_its_beginning_is_told_with_the_first_line(exports: Exports) -> None:
    exports.write(
        "usage.csv",
        "at,account_id,arrived_at\n2026-11-02,A1,2026-11-03\n2026-11-03,A1,2026-11-02\n2026-11-08,A1,2026-11-07\n",
    )
    exports.write(
        "tickets.csv",
        "ticket_id,opened_at,account_id,resolved_at\nT1,2026-11-02 10:00:00,A1,2026-11-02 09:00:00\n",
    )
    loaded = exports.load({"usage": {"files": "usage.csv"}, "tickets": {"files": "tickets.csv"}})
    assert told(loaded.problems) == [
        ("D311", "usage.csv:3", "usage: arrived_at lies before at in 2 rows"),
        ("D311", "tickets.csv:2", "tickets: resolved_at lies before opened_at in 1 row"),
    ]
    assert all(count.rejected == 0 for count in loaded.facts.counts)


def test_usage_outside_the_term_of_its_subscription_is_counted(exports: Exports) -> None:
    exports.write("usage.csv", USAGE)
    exports.write(
        "subs.csv",
        "subscription_id,account_id,starts_on,ends_on\nS1,A1,2026-11-03,\nS2,A1,2026-10-01,2026-11-07\n",
    )
    sources = {
        "usage": {"files": "usage.csv", "keys": ["subscription_id"]},
        "subscriptions": {"files": "subs.csv"},
    }
    loaded = exports.load(sources)
    assert [(problem.code, problem.what) for problem in loaded.problems] == [
        ("D312", "1 of 3 usage rows (33.3%) lie before the start of their subscription: 1 of them"),
        ("D313", "1 of 3 usage rows (33.3%) lie after the end of their subscription: 1 of them"),
    ]
    assert loaded.asides == (
        "subscriptions: 1 account holds several that overlap, 2 to 2 each; ARR sums what runs",
    )


def test_subscriptions_one_after_the_other_do_not_overlap(exports: Exports) -> None:
    exports.write("usage.csv", "at,account_id\n2026-11-02,A1\n2026-11-08,A1\n")
    exports.write(
        "subs.csv", "account_id,starts_on,ends_on\nA1,2026-01-01,2026-06-30\nA1,2026-07-01,2026-12-31\n"
    )
    loaded = exports.load({"usage": {"files": "usage.csv"}, "subscriptions": {"files": "subs.csv"}})
    assert loaded.asides == ()


def test_who_churned_by_one_export_and_not_by_the_other_is_counted(exports: Exports) -> None:
    exports.write("usage.csv", "at,account_id\n2026-11-02,A1\n2026-11-08,A2\n")
    exports.write("accounts.csv", "account_id,Churn\nA1,FALSE\nA2,TRUE\nA3,FALSE\n")
    exports.write(
        "outcomes.csv",
        "account_id,kind,at\nA1,churned,2026-11-03\nA2,churned,2026-11-03\nA3,renewed,2026-11-03\n",
    )
    accounts = {"files": "accounts.csv", "columns": {"churned": "Churn"}, "attributes": {"churned": "flag"}}
    loaded = exports.load(
        {"usage": {"files": "usage.csv"}, "accounts": accounts, "outcomes": {"files": "outcomes.csv"}}
    )
    assert told(loaded.problems) == [
        (
            "D314",
            "accounts.csv",
            "1 of 2 accounts with an outcome 'churned' are still customers by accounts: churned is false",
        )
    ]
