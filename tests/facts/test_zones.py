"""A row belongs to the day that it was at its account, whatever zone the workspace keeps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

import segkit.facts.taking.together as together
from segkit.facts.rows.parse import moment
from tests.facts.exports import Exports, fold_days, usage_days

ACCOUNTS = """\
account_id,timezone
AK,Pacific/Auckland
IN,Asia/Kolkata
NY,America/New_York
UT,
"""
SOURCES: Mapping[str, Mapping[str, Any]] = {
    "accounts": {"files": "accounts.csv"},
    "usage": {"files": "usage*.csv", "delivery": "append"},
}


def days_of(exports: Exports, account: str, *moments: str, **given: Any) -> list[str]:
    """The day on which each moment is counted, taken one by one, from the kept days and from the tables."""
    exports.write("accounts.csv", ACCOUNTS + "X,\n")
    rows = "".join(f"{each},{account},{2**at}\n" for at, each in enumerate(moments))
    exports.write("usage.csv", f"at,account_id,count\n2026-01-05,X,1\n{rows}2026-11-08,X,1\n")
    loaded = exports.load(SOURCES, **given)
    assert fold_days(loaded) == usage_days(loaded)
    found = {day: n for who, day, n in usage_days(loaded) if who == f"account:{account}"}
    return [next((day for day, n in found.items() if n & 2**at), "-") for at in range(len(moments))]


@pytest.mark.parametrize(
    ("account", "moments", "days"),
    [
        # Summer time ends on 5 April in Auckland (13 to 12 hours ahead of UTC) and begins on 27 September.
        ("AK", ("2026-04-04T10:59Z", "2026-04-04T11:00Z"), ("2026-04-04", "2026-04-05")),
        ("AK", ("2026-04-05T11:59Z", "2026-04-05T12:00Z"), ("2026-04-05", "2026-04-06")),
        ("AK", ("2026-09-26T11:59Z", "2026-09-26T12:00Z"), ("2026-09-26", "2026-09-27")),
        ("AK", ("2026-09-27T10:59Z", "2026-09-27T11:00Z"), ("2026-09-27", "2026-09-28")),
        # In New York it begins on 8 March (5 to 4 hours behind UTC) and ends on 1 November.
        ("NY", ("2026-03-08T04:59Z", "2026-03-08T05:00Z"), ("2026-03-07", "2026-03-08")),
        ("NY", ("2026-03-09T03:59Z", "2026-03-09T04:00Z"), ("2026-03-08", "2026-03-09")),
        ("NY", ("2026-11-01T03:59Z", "2026-11-01T04:00Z"), ("2026-10-31", "2026-11-01")),
        ("NY", ("2026-11-02T04:59Z", "2026-11-02T05:00Z"), ("2026-11-01", "2026-11-02")),
        # No summer time in Kolkata, and half an hour.
        ("IN", ("2026-07-01T18:29:59Z", "2026-07-01T18:30Z"), ("2026-07-01", "2026-07-02")),
        # An account that declares nothing has the days of the workspace.
        ("UT", ("2026-04-05T23:59Z", "2026-04-06T00:00Z"), ("2026-04-05", "2026-04-06")),
        # An offset says when it was; the account says which day that was.
        ("NY", ("2026-05-05T01:30+02:00", "2026-05-05T01:30-04:00"), ("2026-05-04", "2026-05-05")),
    ],
)
def test_days_begin_at_midnight_of_the_account(
    exports: Exports, account: str, moments: tuple[str, ...], days: tuple[str, ...]
) -> None:
    assert days_of(exports, account, *moments) == list(days)


def test_a_date_without_a_time_is_that_date_everywhere(exports: Exports) -> None:
    assert days_of(exports, "NY", "2026-05-05", "2026-05-06T00:00Z") == ["2026-05-05", "2026-05-05"]
    assert days_of(exports, "AK", "2026-05-05", "2026-05-05T13:00Z") == ["2026-05-05", "2026-05-06"]


@pytest.mark.parametrize("home", ["UTC", "Asia/Kolkata", "Pacific/Pago_Pago", "Pacific/Kiritimati"])
def test_the_days_of_an_account_do_not_hang_on_the_zone_of_the_workspace(exports: Exports, home: str) -> None:
    start = datetime(2026, 3, 27, 0, 17, tzinfo=UTC)
    moments = [start + timedelta(hours=9 * step) for step in range(28)]
    for account, zone in (("AK", "Pacific/Auckland"), ("NY", "America/New_York")):
        days = days_of(exports, account, *(f"{each:%Y-%m-%dT%H:%MZ}" for each in moments), timezone=home)
        assert days == [str(each.astimezone(ZoneInfo(zone)).date()) for each in moments]


def test_the_last_evening_of_the_week_counts_where_it_still_is_that_evening(exports: Exports) -> None:
    """Monday 3 h in UTC is Sunday in New York; Sunday 20 h in UTC is Monday in Auckland."""
    as_of = {"as_of": date(2026, 11, 8)}
    assert days_of(exports, "NY", "2026-11-09T03:00Z", "2026-11-09T06:00Z", **as_of) == ["2026-11-08", "-"]
    assert days_of(exports, "AK", "2026-11-08T20:00Z", "2026-11-08T10:00Z", **as_of) == ["-", "2026-11-08"]


def test_a_late_row_of_that_evening_changes_the_facts(exports: Exports) -> None:
    digests = []
    for late in ("", "2026-11-09T03:00Z,NY\n"):
        exports.write("accounts.csv", ACCOUNTS)
        exports.write("usage.csv", f"at,account_id\n2026-11-02,UT\n{late}2026-11-15,UT\n")
        digests.append(exports.load(SOURCES, as_of=date(2026, 11, 8)).digest)
    assert digests[0] != digests[1]


def test_people_are_found_and_left_out_as_ever(exports: Exports) -> None:
    from segkit.facts.excluding import Entry

    exports.write("accounts.csv", ACCOUNTS)
    exports.write("contacts.csv", "user_id,account_id\n1,NY\n2,NY\n3,AK\n")
    rows = (
        "2026-11-02,,UT\n2026-11-05T02:00Z,1,\n2026-11-05T02:00Z,2,NY\n2026-11-05T20:00Z,3,\n2026-11-08,,UT\n"
    )
    exports.write("usage.csv", "at,user_id,account_id\n" + rows)
    sources = {**SOURCES, "contacts": {"files": "contacts.csv"}}
    loaded = exports.load(sources, exclude=[Entry("bot", users=("2",))])
    assert fold_days(loaded) == usage_days(loaded)
    assert usage_days(loaded) == [
        ("account:UT", "2026-11-02", 1),
        ("account:UT", "2026-11-08", 1),
        ("user:1", "2026-11-04", 1),
        ("user:3", "2026-11-06", 1),
    ]


def test_the_small_sources_have_the_days_of_the_account_too(exports: Exports) -> None:
    exports.write("accounts.csv", ACCOUNTS)
    exports.write("usage.csv", "at,account_id\n2026-11-01,UT\n2026-11-08,UT\n")
    tickets = [
        "1,NY,2026-11-05T02:00Z,2026-11-06T04:59Z",
        "2,AK,2026-11-05T20:00Z,",
        "3,NY,2026-11-05,2026-11-06",
        "4,UT,2026-11-05T02:00Z,2026-11-06T04:59Z",
        "5,NY,2026-11-09T03:00Z,",
        "6,AK,2026-11-08T20:00Z,",
    ]
    exports.write("tickets.csv", "ticket_id,account_id,opened_at,resolved_at\n" + "\n".join(tickets) + "\n")
    loaded = exports.load({**SOURCES, "tickets": {"files": "tickets.csv"}}, as_of=date(2026, 11, 8))
    rows = loaded.facts.tables["tickets"]
    days = rows.with_columns(pl.col("opened_at", "resolved_at").cast(pl.String), pl.col("day").cast(pl.Date))
    assert days.select("ticket_id", "opened_at", "resolved_at", pl.col("day").cast(pl.String)).rows() == [
        ("1", "2026-11-04", "2026-11-05", "2026-11-04"),
        ("2", "2026-11-06", None, "2026-11-06"),
        ("3", "2026-11-05", "2026-11-06", "2026-11-05"),
        ("4", "2026-11-05", "2026-11-06", "2026-11-05"),
        ("5", "2026-11-08", None, "2026-11-08"),
    ]
    assert [name for name in rows.columns if name.endswith("_timed")] == []


def test_an_account_that_moves_takes_its_days_along_from_then_on(exports: Exports) -> None:
    exports.write("accounts_2026-10-01.csv", "account_id,timezone\nM,America/New_York\n")
    exports.write("accounts_2026-11-04.csv", "account_id,timezone\nM,Asia/Kolkata\n")
    rows = ("2026-10-20T02:00Z", "2026-11-03T02:00Z", "2026-11-05T02:00Z", "2026-11-05T20:00Z", "2026-11-08")
    exports.write("usage.csv", "at,account_id\n" + "".join(f"{row},M\n" for row in rows))
    loaded = exports.load({**SOURCES, "accounts": {"files": "accounts_{date}.csv"}})
    days = ["2026-10-19", "2026-11-02", "2026-11-05", "2026-11-06", "2026-11-08"]
    assert [day for _, day, _ in usage_days(loaded)] == days
    assert fold_days(loaded) == usage_days(loaded)


def test_only_a_new_zone_reads_the_usage_again(exports: Exports, monkeypatch: pytest.MonkeyPatch) -> None:
    exports.write("accounts.csv", ACCOUNTS)
    exports.write("usage.csv", "at,account_id\n2026-11-02,NY\n2026-11-05T02:00Z,UT\n2026-11-08,UT\n")
    exports.load(SOURCES, cache=exports.cache)
    read = together.take_in
    monkeypatch.setattr(
        together, "take_in", lambda file, *rest: read(file, *rest) if "acc" in file.name else 1 / 0
    )
    exports.write("accounts.csv", ACCOUNTS.replace("UT,", "UT,America/New_York"))
    assert ("account:UT", "2026-11-04", 1) in usage_days(exports.load(SOURCES, cache=exports.cache))
    exports.write("accounts.csv", ACCOUNTS.replace("UT,", "UT,Europe/Berlin"))
    with pytest.raises(ZeroDivisionError):
        exports.load(SOURCES, cache=exports.cache)


def test_files_that_replace_days_and_zones_go_together(exports: Exports) -> None:
    exports.write("accounts.csv", ACCOUNTS)
    exports.write("usage_1.csv", "at,account_id\n2026-11-01,UT\n2026-11-03T20:00Z,AK\n2026-11-05T03:00Z,NY\n")
    exports.write("usage_2.csv", "at,account_id\n2026-11-04,UT\n2026-11-05T03:00Z,NY\n2026-11-08,UT\n")
    loaded = exports.load({**SOURCES, "usage": {"files": "usage_*.csv", "delivery": "window"}})
    assert [row for row in usage_days(loaded) if "UT" not in row[0]] == [
        ("account:AK", "2026-11-04", 1),
        ("account:NY", "2026-11-04", 1),
    ]
    assert fold_days(loaded) == usage_days(loaded)


def test_a_word_that_is_no_zone_is_told_and_the_workspaces_is_used(exports: Exports) -> None:
    exports.write("accounts.csv", "account_id,timezone\nA,Mars/Base\nB,America/New_York\n")
    exports.write(
        "usage.csv", "at,account_id\n2026-11-02,B\n2026-11-05T02:00Z,A\n2026-11-05T02:00Z,B\n2026-11-08,A\n"
    )
    loaded = exports.load(SOURCES)
    (problem,) = loaded.problems
    assert (problem.code, problem.severity, str(problem.where)) == ("D114", "warning", "accounts.csv:2")
    assert problem.what == "accounts: 'Mars/Base' is no time zone; the workspace's, UTC, is used"
    assert [day for who, day, _ in usage_days(loaded) if who == "account:A"] == ["2026-11-05", "2026-11-08"]


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-10-31 20:30", "2026-11-01"),  # summer time: four hours behind UTC
        ("2026-11-01 18:30", "2026-11-01"),  # no longer: five
        ("2026-11-01 19:00", "2026-11-02"),
        ("2026-03-08 02:30", "2026-03-08"),  # an hour that was skipped
        ("2026-11-01 01:30", "2026-11-01"),  # an hour that came twice
    ],
)
def test_a_source_may_be_written_in_a_zone_of_its_own(exports: Exports, written: str, day: str) -> None:
    exports.write("usage.csv", f"at,account_id,count\n2026-01-05,B,1\n{written},A,1\n2026-11-15,B,1\n")
    loaded = exports.load({"usage": {"files": "usage.csv", "timezone": "America/New_York"}})
    assert [on for who, on, _ in usage_days(loaded) if who == "account:A"] == [day]


def test_a_date_whose_midnight_was_skipped_is_a_date() -> None:
    """In São Paulo the clocks went from 24 h to 1 h on 4 November 2018."""
    for values in (pl.Series(["2018-11-04"]), pl.Series([date(2018, 11, 4)])):
        found = moment(values, (), "America/Sao_Paulo", "America/Sao_Paulo")
        assert found.dt.date().to_list() == [date(2018, 11, 4)]
