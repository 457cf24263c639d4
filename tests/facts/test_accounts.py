"""Snapshots through time, and who is on the roster when."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from segkit.facts.load import Loaded
from segkit.facts.types import NO_DAY
from segkit.periods import epoch_day
from tests.facts.exports import Exports

WEEKS = ["2026-10-18", "2026-10-25", "2026-11-01", "2026-11-08"]
"""Mondays before them hold a row of A1, so that the panel has these four weeks."""
USAGE = "at,account_id\n2026-10-12,A1\n2026-10-19,A1\n2026-10-26,A1\n2026-11-08,A1\n"
SOURCES = {"usage": {"files": "usage.csv"}, "accounts": {"files": "accounts_{date}.csv"}}


def test_a_snapshot_holds_from_its_date_and_within_the_grace_from_the_period_before(exports: Exports) -> None:
    exports.write("usage.csv", USAGE)
    exports.write("accounts_2026-10-18.csv", "account_id,plan,signup_date\nA1,free,2026-01-01\n")
    exports.write("accounts_2026-10-29.csv", "account_id,plan,signup_date\nA1,pro,2026-01-01\n")
    exports.write("accounts_2026-11-10.csv", "account_id,plan,signup_date\nA1,max,2026-01-01\n")
    loaded = exports.load(SOURCES)
    assert _plans(loaded, "A1") == ["free", "free", "pro", "max"]
    assert _plans(exports.load(SOURCES, snapshot_grace=1), "A1") == ["free", "free", "pro", "pro"]


def test_the_earliest_snapshot_also_holds_before_its_date(exports: Exports) -> None:
    exports.write("usage.csv", USAGE)
    exports.write(
        "accounts_2026-11-08.csv", "account_id,plan,signup_date\nA1,pro,2026-01-01\nA2,pro,2026-10-20\n"
    )
    loaded = exports.load(SOURCES)
    assert _plans(loaded, "A1") == ["pro"] * 4
    assert loaded.facts.roster.on.tolist() == [[True] * 4, [False, True, True, True]]


def test_an_account_is_on_the_roster_while_the_snapshots_name_it_and_until_it_churned(
    exports: Exports,
) -> None:
    exports.write("usage.csv", USAGE)
    head = "account_id,signup_date,churned_at\n"
    exports.write(
        "accounts_2026-10-18.csv", head + "A1,2026-01-01,\nA2,2026-01-01,2026-10-30\nA3,2026-01-01,\n"
    )
    exports.write(
        "accounts_2026-11-01.csv", head + "A1,2026-01-01,\nA2,2026-01-01,2026-10-30\nA4,2026-01-01,\n"
    )
    roster = exports.load(SOURCES).facts.roster
    assert dict(zip(roster.accounts, roster.on.tolist(), strict=True)) == {
        "A1": [True, True, True, True],
        "A2": [True, True, False, False],
        "A3": [True, True, False, False],
        "A4": [False, False, True, True],
    }


def test_without_a_signup_date_an_account_begins_with_its_first_event_or_snapshot(exports: Exports) -> None:
    exports.write("usage.csv", USAGE + "2026-10-28,A2\n")
    exports.write("accounts_2026-11-05.csv", "account_id,signup_date\nA1,\nA2,\nA3,\nA4,2026-10-21\n")
    roster = exports.load(SOURCES).facts.roster
    starts = [date(2026, 10, 12), date(2026, 10, 28), date(2026, 11, 5), date(2026, 10, 21)]
    assert roster.start.tolist() == [epoch_day(day) for day in starts]
    assert roster.signup_known.tolist() == [False, False, False, True]
    assert roster.on.tolist()[1:3] == [[False, False, True, True], [False, False, False, True]]


def test_without_accounts_the_roster_is_who_was_seen(exports: Exports) -> None:
    exports.write("usage.csv", USAGE + "2026-10-28,A2\n")
    facts = exports.load({"usage": {"files": "usage.csv"}}).facts
    assert facts.roster.accounts == ("A1", "A2")
    assert facts.roster.on.tolist() == [[True] * 4, [False, False, True, True]]
    assert facts.roster.snapshot.tolist() == [[-1] * 4, [-1] * 4]
    assert NO_DAY not in facts.roster.start


def test_the_ledger_holds_changed_rows_and_outlives_its_files(exports: Exports) -> None:
    exports.write("usage.csv", USAGE)
    head = "account_id,plan,signup_date\n"
    paths = [
        exports.write("accounts_2026-10-18.csv", head + "A1,free,2026-01-01\nA2,free,2026-01-01\n"),
        exports.write("accounts_2026-10-25.csv", head + "A1,free,2026-01-01\nA2,pro,2026-01-01\n"),
        exports.write("accounts_2026-11-01.csv", head + "A1,free,2026-01-01\n"),
    ]
    exports.write("accounts_2026-11-08.csv", head + "A1,pro,2026-01-01\nA2,pro,2026-01-01\n")
    first = exports.load(SOURCES)
    rows = first.ledger.filter(pl.col("account_id").is_not_null())
    assert rows.select("account_id", "snapshot_day", "present", "plan").rows() == [
        ("A1", _day("2026-10-18"), True, "free"),
        ("A1", _day("2026-11-08"), True, "pro"),
        ("A2", _day("2026-10-18"), True, "free"),
        ("A2", _day("2026-10-25"), True, "pro"),
        ("A2", _day("2026-11-01"), False, None),
        ("A2", _day("2026-11-08"), True, "pro"),
    ]
    for path in paths:
        path.unlink()
    later = exports.load(SOURCES, ledger=first.ledger)
    assert later.facts.roster.on.tolist() == first.facts.roster.on.tolist()
    assert [_plans(later, "A1"), _plans(later, "A2")] == [_plans(first, "A1"), _plans(first, "A2")]
    assert later.digest == first.digest
    assert later.ledger.equals(first.ledger)


def test_an_undated_snapshot_is_of_the_first_run_that_read_it(exports: Exports) -> None:
    exports.write("usage.csv", USAGE)
    exports.write("accounts.csv", "account_id,plan,signup_date\nA1,free,2026-01-01\n")
    sources = SOURCES | {"accounts": {"files": "accounts.csv"}}
    first = exports.load(sources, as_of=date(2026, 10, 18))
    exports.write("usage.csv", USAGE)
    second = exports.load(sources, ledger=first.ledger)
    assert second.ledger.equals(first.ledger)
    exports.write("accounts.csv", "account_id,plan,signup_date\nA1,pro,2026-01-01\n")
    third = exports.load(sources, ledger=second.ledger)
    assert _plans(third, "A1") == ["free", "free", "free", "pro"]


def test_a_row_may_state_its_own_snapshot_date(exports: Exports) -> None:
    exports.write("usage.csv", USAGE)
    exports.write(
        "accounts.csv",
        "account_id,plan,signup_date,snapshot_at\nA1,free,2026-01-01,2026-10-18\nA1,pro,2026-01-01,2026-11-01\n",
    )
    loaded = exports.load(SOURCES | {"accounts": {"files": "accounts.csv"}})
    assert _plans(loaded, "A1") == ["free", "free", "pro", "pro"]


def test_declared_attributes_are_kept_with_their_kind(exports: Exports) -> None:
    exports.write("usage.csv", USAGE)
    exports.write("accounts_2026-10-18.csv", 'account_id,Tier,health\nA1,gold,"1.234,5"\n')
    config = {
        "files": "accounts_{date}.csv",
        "columns": {"tier": "Tier"},
        "attributes": {"tier": "text", "health": "number"},
        "decimal": ",",
        "thousands": ".",
    }
    snapshots = exports.load(SOURCES | {"accounts": config}).facts.roster.snapshots
    assert snapshots.select("tier", "health").rows() == [("gold", 1234.5)]


def test_later_facts_change_nothing_before_them(exports: Exports) -> None:
    exports.write("usage.csv", USAGE + "2026-10-28,A2\n")
    head = "account_id,plan,signup_date\n"
    exports.write("accounts_2026-10-18.csv", head + "A1,free,2026-01-01\nA2,free,\n")
    exports.write("accounts_2026-11-08.csv", head + "A1,pro,2026-01-01\nA3,pro,2026-10-01\n")
    early, late = exports.load(SOURCES, as_of=date(2026, 10, 25)), exports.load(SOURCES)
    assert early.facts.roster.accounts == ("A1", "A2")
    assert np.array_equal(early.facts.roster.on, late.facts.roster.on[:2, :2])
    assert _plans(early, "A1") == _plans(late, "A1")[:2]


def _plans(loaded: Loaded, account: str) -> list[str | None]:
    roster = loaded.facts.roster
    held = roster.snapshot[roster.accounts.index(account)]
    return [roster.snapshots["plan"][int(row)] if row >= 0 else None for row in held]


def _day(text: str) -> int:
    return epoch_day(date.fromisoformat(text))


def test_before_its_earliest_snapshot_a_workspace_is_decided_with_that_one(exports: Exports) -> None:
    exports.write("usage.csv", USAGE)
    exports.write(
        "accounts_2026-11-08.csv", "account_id,plan,signup_date\nA1,pro,2026-01-01\nA2,pro,2026-10-20\n"
    )
    early = exports.load(SOURCES, as_of=date(2026, 10, 18))
    assert (early.facts.roster.accounts, early.facts.roster.on.tolist()) == (("A1", "A2"), [[True], [False]])
    assert _plans(early, "A1") == ["pro"]


UNDATED = {"usage": {"files": "usage.csv"}, "accounts": {"files": "crm*.csv"}}


def _read(exports: Exports, as_of: str, before: Loaded | None) -> Loaded:
    ledger = None if before is None else before.ledger
    return exports.load(UNDATED, as_of=date.fromisoformat(as_of), ledger=ledger)


def test_an_undated_file_that_goes_back_to_what_it_said_says_so_from_now_on(exports: Exports) -> None:
    exports.write("usage.csv", USAGE)
    loaded = None
    for week, plan in zip(WEEKS, ["free", "pro", "free", "free"], strict=True):
        exports.write("crm.csv", f"account_id,plan,signup_date\nA1,{plan},2026-01-01\n")
        loaded = _read(exports, week, loaded)
    assert loaded is not None
    assert _plans(loaded, "A1") == ["free", "pro", "free", "free"]


def test_when_one_of_two_undated_files_changes_both_still_speak(exports: Exports) -> None:
    exports.write("usage.csv", USAGE)
    exports.write("crm_eu.csv", "account_id,plan,signup_date\nA2,eu,2026-01-01\n")
    loaded = None
    for week, plan in zip(WEEKS, ["free", "pro", "pro", "max"], strict=True):
        exports.write("crm_us.csv", f"account_id,plan,signup_date\nA1,{plan},2026-01-01\n")
        loaded = _read(exports, week, loaded)
    assert loaded is not None
    assert _plans(loaded, "A1") == ["free", "pro", "pro", "max"]
    assert loaded.facts.roster.on.tolist() == [[True] * 4, [True] * 4]


def test_an_undated_file_that_goes_takes_its_accounts_from_the_roster_from_then_on(exports: Exports) -> None:
    exports.write("usage.csv", USAGE)
    exports.write("crm_us.csv", "account_id,signup_date\nA1,2026-01-01\n")
    exports.write("crm_eu.csv", "account_id,signup_date\nA2,2026-01-01\n")
    loaded = _read(exports, WEEKS[1], None)
    (exports.root / "crm_eu.csv").unlink()
    loaded = _read(exports, WEEKS[2], loaded)
    assert loaded.facts.roster.on.tolist() == [[True] * 3, [True, True, False]]


def test_without_a_signup_date_a_life_begins_where_the_first_snapshot_holds(exports: Exports) -> None:
    exports.write("usage.csv", USAGE)
    exports.write("accounts_2026-10-19.csv", "account_id,signup_date\nA1,2026-01-01\nA2,\n")
    exports.write("accounts_2026-10-26.csv", "account_id,signup_date\nA1,2026-01-01\nA2,\nA3,\n")
    roster = exports.load(SOURCES).facts.roster
    assert dict(zip(roster.accounts, roster.on.tolist(), strict=True)) == {
        "A1": [True, True, True, True],
        "A2": [True, True, True, True],
        "A3": [False, True, True, True],
    }


def test_without_usage_the_first_row_of_any_source_is_the_first_event(exports: Exports) -> None:
    exports.write("accounts_2026-11-08.csv", "account_id,signup_date\nA1,\nA2,\n")
    exports.write("tickets.csv", "ticket_id,opened_at,account_id\n1,2026-10-12,A1\n2,2026-11-08,A1\n")
    sources = {"accounts": SOURCES["accounts"], "tickets": {"files": "tickets.csv"}}
    roster = exports.load(sources).facts.roster
    assert roster.on.tolist() == [[True] * 4, [False, False, False, True]]
