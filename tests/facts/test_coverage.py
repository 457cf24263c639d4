"""What the data speak about, and which week is decided."""

from __future__ import annotations

from datetime import date

from segkit.periods import Calendar
from tests.facts.exports import Exports

HEAD = "at,account_id\n"


def test_quiet_days_end_a_week_that_was_quiet_at_its_end(exports: Exports) -> None:
    exports.write("usage.csv", HEAD + "2026-10-26,A1\n2026-11-06,A1\n")
    loaded = exports.load({"usage": {"files": "usage.csv"}})
    assert loaded.facts.as_of == date(2026, 11, 8)
    assert loaded.as_of_why == (
        "covered to 2026-11-08 (last event 2026-11-06 + 2 quiet days); "
        "by the last event, 2026-11-06, it would be 2026-11-01"
    )
    assert exports.load({"usage": {"files": "usage.csv"}}, quiet_days=0).facts.as_of == date(2026, 11, 1)


def test_through_and_a_date_in_the_file_name_say_where_coverage_ends(exports: Exports) -> None:
    exports.write("usage_2026-11-08.csv", HEAD + "2026-10-26,A1\n2026-11-03,A1\n")
    by_name = exports.load({"usage": {"files": "usage_{date}.csv", "through": "{date}"}})
    declared = exports.load({"usage": {"files": "usage_{date}.csv", "through": date(2026, 11, 8)}})
    assert by_name.facts.as_of == declared.facts.as_of == date(2026, 11, 8)
    assert by_name.facts.coverage["usage"].why == "date in the file name"


def test_it_never_lies_after_the_day_of_the_run(exports: Exports) -> None:
    exports.write("usage.csv", HEAD + "2026-10-26,A1\n2026-11-06,A1\n2099-01-01,A1\n")
    loaded = exports.load({"usage": {"files": "usage.csv"}}, today=date(2026, 11, 7))
    assert loaded.facts.as_of == date(2026, 11, 1)


def test_the_panel_starts_with_the_first_complete_week(exports: Exports) -> None:
    exports.write("usage.csv", HEAD + "2026-10-21,A1\n2026-10-27,A1\n2026-11-08,A1\n")
    facts = exports.load({"usage": {"files": "usage.csv"}}).facts
    assert [facts.calendar.end(int(p)) for p in facts.periods] == [date(2026, 11, 1), date(2026, 11, 8)]


def test_a_week_without_a_single_row_is_not_covered(exports: Exports) -> None:
    exports.write("usage.csv", HEAD + "2026-10-19,A1\n2026-11-08,A1\n")
    facts = exports.load({"usage": {"files": "usage.csv"}}).facts
    assert facts.coverage["usage"].covered.tolist() == [True, False, True]


def test_tickets_cover_four_weeks_beyond_a_row_as_far_as_known_then(exports: Exports) -> None:
    days = [f"2026-{month:02}-{day:02},A1" for month in (7, 8, 9, 10) for day in (6, 13, 20, 27)]
    exports.write("usage.csv", HEAD + "\n".join(days))
    exports.write(
        "tickets.csv",
        "ticket_id,opened_at,account_id\nT1,2026-07-08,A1\nT2,2026-08-10,A1\nT3,2026-10-05,A1\n",
    )
    sources = {"usage": {"files": "usage.csv"}, "tickets": {"files": "tickets.csv"}}
    late = exports.load(sources).facts
    ends = [str(late.calendar.end(int(p))) for p in late.periods]
    covered = late.coverage["tickets"].covered
    assert [end for end, known in zip(ends, covered, strict=True) if not known] == [
        "2026-07-12",
        "2026-08-09",
        "2026-09-13",
        "2026-09-20",
        "2026-09-27",
        "2026-10-04",
    ]
    early = exports.load(sources, as_of=date(2026, 9, 27)).facts
    assert early.coverage["tickets"].covered.tolist() == covered.tolist()[: len(early.periods)]


def test_a_source_never_given_has_no_coverage(exports: Exports) -> None:
    exports.write("usage.csv", HEAD + "2026-11-02,A1\n2026-11-08,A1\n")
    assert set(exports.load({"usage": {"files": "usage.csv"}}).facts.coverage) == {"usage"}


def test_measures_alone_date_a_workspace(exports: Exports) -> None:
    exports.write("measures.csv", "on,account_id,logins\n2026-10-25,A1,3\n2026-11-01,A1,4\n2026-11-08,A1,5\n")
    config = {"files": "measures.csv", "attributes": {"logins": "number"}}
    facts = exports.load({"measures": config}).facts
    assert (facts.as_of, facts.usage) == (date(2026, 11, 8), None)
    assert facts.tables["measures"].select("account_id", "logins").rows() == [
        ("A1", 3.0),
        ("A1", 4.0),
        ("A1", 5.0),
    ]


def test_accounts_alone_are_decided_at_their_snapshot(exports: Exports) -> None:
    exports.write("accounts_2026-11-10.csv", "account_id,signup_date\nA1,2026-01-01\n")
    loaded = exports.load({"accounts": {"files": "accounts_{date}.csv"}})
    assert (loaded.facts.as_of, loaded.facts.roster.on.tolist()) == (date(2026, 11, 8), [[True]])


def test_months_and_days_are_periods_too(exports: Exports) -> None:
    exports.write("usage.csv", HEAD + "2026-08-31,A1\n2026-09-15,A1\n2026-10-31,A1\n")
    sources = {"usage": {"files": "usage.csv"}}
    month = exports.load(sources, calendar=Calendar("month")).facts
    assert (month.as_of, month.coverage["usage"].covered.tolist()) == (date(2026, 10, 31), [True, True])
    day = exports.load(sources, calendar=Calendar("day")).facts
    assert day.as_of == date(2026, 10, 31)


def test_a_moment_belongs_to_the_day_it_has_in_the_workspaces_zone(exports: Exports) -> None:
    exports.write("usage.csv", HEAD + "2026-11-01T23:30:00Z,A1\n2026-11-08T12:00:00,A1\n")
    facts = exports.load({"usage": {"files": "usage.csv"}}, timezone="Europe/Berlin").facts
    assert facts.usage is not None
    assert facts.usage.days()["day"].cast(int).to_list() == [20759, 20765]
    assert str(facts.calendar.start(int(facts.periods[0]))) == "2026-11-02"


def test_a_week_without_rows_is_covered_where_it_is_declared_that_nothing_happened(exports: Exports) -> None:
    exports.write("usage.csv", HEAD + "2026-10-26,A1\n2026-11-22,A1\n")
    told = {"files": "usage.csv", "no_outage": [date(2026, 11, 8), date(2026, 11, 15), date(2026, 11, 29)]}
    usage = exports.load({"usage": {"files": "usage.csv"}}).facts.coverage["usage"]
    assert (usage.covered.tolist(), usage.no_outage) == ([True, False, False, True], None)
    usage = exports.load({"usage": told}).facts.coverage["usage"]
    assert usage.covered.all()
    assert usage.no_outage is not None
    assert usage.no_outage.tolist() == [False, True, True, False]
