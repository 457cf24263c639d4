"""The digest of the facts: whatever can change a decision changes it, and nothing else does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from tests.facts.exports import Exports

ACCOUNTS = """\
account_id,seats,plan_limit,signup_date,snapshot_at
A,5,7,2026-01-01,2026-10-20
A,6,7,2026-01-01,2026-11-03
"""
USAGE = """\
at,account_id,what,where
2026-10-05T23:30:00Z,A,login,reports
2026-10-18T23:30:00Z,A,login,reports
2026-11-01T12:00:00Z,A,login,reports
2026-11-03T12:00:00Z,A,login,reports
"""
TICKETS = """\
ticket_id,opened_at,account_id,subject
1,2026-10-06,A,howto
2,2026-10-12,A,bug
"""
SOURCES: Mapping[str, Mapping[str, Any]] = {
    "accounts": {"files": "accounts.csv"},
    "usage": {"files": "usage.csv", "columns": {"event": "what", "feature": "where"}},
    "tickets": {"files": "tickets.csv", "columns": {"topic": "subject"}},
}


def digest(exports: Exports, changes: Mapping[str, Mapping[str, Any]], **settings: Any) -> str:
    exports.write("accounts.csv", ACCOUNTS)
    exports.write("usage.csv", USAGE)
    exports.write("tickets.csv", TICKETS)
    sources = {name: {**config, **changes.get(name, {})} for name, config in SOURCES.items()}
    return exports.load(sources, as_of=date(2026, 11, 1), **settings).digest


@pytest.mark.parametrize(
    ("changes", "settings"),
    [
        ({"usage": {"columns": {"event": "where", "feature": "what"}}}, {}),
        ({"tickets": {"columns": {"kind": "subject"}}}, {}),
        ({"tickets": {"through": date(2026, 10, 20)}}, {}),
        ({"usage": {"no_outage": [date(2026, 10, 18)]}}, {}),
        ({"accounts": {"columns": {"seats": "plan_limit", "plan_limit": "seats"}}}, {}),
        ({}, {"snapshot_grace": 0}),
        ({}, {"timezone": "Europe/Berlin"}),
    ],
)
def test_a_setting_that_gives_rows_another_meaning_changes_it(
    exports: Exports, changes: Mapping[str, Mapping[str, Any]], settings: Mapping[str, Any]
) -> None:
    assert digest(exports, changes, **settings) != digest(exports, {})


def test_what_is_declared_of_a_later_week_does_not_matter_today(exports: Exports) -> None:
    assert digest(exports, {"usage": {"no_outage": [date(2026, 11, 8)]}}) == digest(exports, {})


def test_how_the_end_is_known_does_not_matter(exports: Exports) -> None:
    assert digest(exports, {"usage": {"through": date(2026, 11, 2)}}) == digest(exports, {})


def test_a_contact_of_tomorrow_does_not_matter_today(exports: Exports) -> None:
    sources = {**SOURCES, "contacts": {"files": "contacts.csv"}}
    digests = []
    for later in ("", "7,ann@else.where,2026-11-02\n", "8,bob@else.where,2026-10-30\n"):
        exports.write("accounts.csv", ACCOUNTS)
        exports.write("usage.csv", USAGE)
        exports.write("tickets.csv", TICKETS)
        exports.write("contacts.csv", "user_id,email,created_at\n1,a@b.c,2026-10-01\n" + later)
        digests.append(exports.load(sources, as_of=date(2026, 11, 1)).digest)
    assert digests[0] == digests[1]
    assert digests[0] != digests[2]
