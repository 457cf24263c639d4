"""Every mistake a user can make with an export: a code, a place, a way out, and nothing else."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from tests.facts.exports import Exports

USAGE = "at,account_id,event\n2026-11-02,A1,login\n2026-11-03,A2,view\n2026-11-08,A1,login\n"
ACCOUNTS = "account_id,name,signup_date\nA1,One,2026-01-01\nA2,Two,2026-02-01\n"


def test_a_missing_file_is_named_with_what_lies_there(exports: Exports) -> None:
    exports.write("usage_2026.csv", USAGE)
    (problem,) = exports.refused({"usage": {"files": "usages_2026.csv"}})
    assert problem.code == "D101"
    assert problem.hint is not None
    assert problem.hint.startswith("did you mean usage_2026.csv?")


def test_a_missing_column_is_named_with_the_header_that_was_meant(exports: Exports) -> None:
    exports.write("usage.csv", "date,Account Id\n2026-11-02,A1\n")
    problems = exports.refused({"usage": {"files": "usage.csv", "columns": {"account_id": "AccountId"}}})
    assert [problem.code for problem in problems] == ["D102", "D102"]
    assert [str(problem.where) for problem in problems] == ["usage.csv:1", "usage.csv:1"]
    assert problems[1].hint is not None
    assert "columns: {account_id: Account Id}" in problems[1].hint


def test_a_wrong_separator_is_recognised(exports: Exports) -> None:
    exports.write("usage.csv", USAGE.replace(",", ";"))
    problems = exports.refused({"usage": {"files": "usage.csv"}})
    assert problems[0].hint == 'the fields seem to be separated otherwise: separator: ";"'


def test_usage_without_any_id_column_is_refused(exports: Exports) -> None:
    exports.write("usage.csv", "at,event\n2026-11-02,login\n")
    (problem,) = exports.refused({"usage": {"files": "usage.csv"}})
    assert (problem.code, problem.what) == (
        "D102",
        "usage needs one of account_id or user_id or email, or a key declared under keys",
    )


def test_an_empty_file_and_one_with_a_header_only_are_refused(exports: Exports) -> None:
    exports.write("usage.csv", "at,account_id\n")
    exports.write("accounts.csv", "")
    problems = exports.refused({"usage": {"files": "usage.csv"}, "accounts": {"files": "accounts.csv"}})
    assert [(problem.code, problem.what) for problem in problems] == [
        ("D103", "usage: the export holds a header and no rows"),
        ("D103", "the file is empty (0 bytes)"),
    ]


def test_an_export_whose_every_row_is_refused_says_so(exports: Exports) -> None:
    exports.write("usage.csv", "at,account_id\n2026-11-02,\n2026-11-03,\n")
    (problem,) = exports.refused({"usage": {"files": "usage.csv"}})
    assert problem.what == "usage: all 2 rows are refused; the first: D204 no account_id in the row"
    assert str(problem.where) == "usage.csv:2"


def test_an_undeclared_date_format_is_refused_with_the_line_and_the_format_that_fits(
    exports: Exports,
) -> None:
    exports.write("usage.csv", "at,account_id\n31-10-2026,A1\n02-11-2026,A1\n")
    (problem,) = exports.refused({"usage": {"files": "usage.csv"}})
    assert (problem.code, str(problem.where)) == ("D107", "usage.csv:2")
    assert problem.what == "usage: at is not written as ISO 8601 (2026-11-15), e.g. '31-10-2026'"
    assert problem.hint == 'dates: {at: "%d-%m-%Y"} fits every value'


@pytest.mark.parametrize(
    ("values", "hint"),
    [
        (("1793577600", "1794096000"), 'dates: {at: "unix seconds"} fits every value'),
        (("1793577600000", "1794096000500"), 'dates: {at: "unix milliseconds"} fits every value'),
        (("1", "2"), "no single format fits every value; declare a list under dates"),
    ],
)
def test_numbers_are_seconds_only_where_they_say_this_century(
    exports: Exports, values: tuple[str, str], hint: str
) -> None:
    exports.write("usage.csv", f"at,account_id\n{values[0]},A\n{values[1]},A\n")
    (problem,) = exports.refused({"usage": {"files": "usage.csv"}})
    assert (problem.code, problem.hint) == ("D107", hint)


@pytest.mark.parametrize(("name", "hint"), [("u.xls", "save it as .xlsx or CSV"), ("u.csv.bz2", "unpack it")])
def test_a_kind_of_file_that_is_not_read_says_what_to_do(exports: Exports, name: str, hint: str) -> None:
    exports.write(name, "x")
    (problem,) = exports.refused({"usage": {"files": name}})
    assert (problem.code, str(problem.hint).startswith(hint)) == ("D104", True)


def test_one_row_is_not_all_rows(exports: Exports) -> None:
    exports.write("usage.csv", "at,account_id\n2026-11-02,\n")
    (problem,) = exports.refused({"usage": {"files": "usage.csv"}})
    assert problem.what == "usage: its only row is refused: D204 no account_id in the row"


def test_an_ambiguous_date_format_is_never_guessed(exports: Exports) -> None:
    exports.write("usage.csv", "at,account_id\n01/02/2026,A1\n03/04/2026,A1\n")
    (problem,) = exports.refused({"usage": {"files": "usage.csv"}})
    assert problem.hint is not None
    assert problem.hint.startswith("%d/%m/%Y and %m/%d/%Y both fit and mean different days")


def test_a_value_that_two_declared_formats_read_differently_is_refused(exports: Exports) -> None:
    exports.write("usage.csv", "at,account_id\n25/10/2026,A1\n11/25/2026,A1\n03/04/2026,A1\n03/03/2026,A1\n")
    config = {"files": "usage.csv", "dates": ["%d/%m/%Y", "%m/%d/%Y"], "through": date(2026, 10, 25)}
    loaded = exports.load({"usage": config}, today=date(2026, 12, 30))
    assert loaded.rejected["usage"].select("line", "code").rows() == [(4, "D202")]


def test_overlapping_files_without_delivery_are_refused_with_the_overlap(exports: Exports) -> None:
    exports.write("usage_1.csv", USAGE)
    exports.write("usage_2.csv", USAGE.replace("login", "logout"))
    (problem,) = exports.refused({"usage": {"files": "usage_*.csv"}})
    assert problem.code == "D105"
    assert problem.what == (
        "usage: usage_1.csv and usage_2.csv both hold rows of 2026-11-02 to 2026-11-08 (3 days): 3 and 3 rows"
    )
    assert problem.hint is not None
    assert "delivery: window" in problem.hint


def test_an_as_of_that_the_export_does_not_cover_names_the_last_covered_week(exports: Exports) -> None:
    exports.write("usage.csv", USAGE)
    (problem,) = exports.refused({"usage": {"files": "usage.csv"}}, as_of=date(2026, 11, 15))
    assert problem.code == "D106"
    assert problem.hint == "the last covered week ends 2026-11-08"


def test_an_as_of_in_the_future_or_within_a_week_is_refused(exports: Exports) -> None:
    exports.write("usage.csv", USAGE)
    sources = {"usage": {"files": "usage.csv"}}
    (future,) = exports.refused(sources, as_of=date(2026, 11, 29))
    (middle,) = exports.refused(sources, as_of=date(2026, 11, 6))
    assert future.what == "2026-11-29 lies in the future (today is 2026-11-22)"
    assert (middle.what, middle.hint) == (
        "2026-11-06 is not the last day of a week",
        "write 2026-11-01 or 2026-11-08",
    )


def test_an_export_without_a_row_in_the_week_to_decide_is_refused(exports: Exports) -> None:
    exports.write("usage.csv", USAGE)
    (problem,) = exports.refused({"usage": {"files": "usage.csv", "through": date(2026, 11, 15)}})
    assert problem.what == (
        "no usage row lies in the week that ends 2026-11-15, though the export is said to reach to 2026-11-15"
    )
    assert problem.hint == (
        "the last week with rows ends 2026-11-08; export that time again, "
        "or if nothing happened then, write no_outage: [2026-11-15] under usage"
    )


def test_two_different_rows_of_one_account_are_refused_and_equal_ones_are_not(exports: Exports) -> None:
    exports.write("usage.csv", USAGE)
    exports.write("accounts.csv", ACCOUNTS + "A1,Other,2026-01-01\n")
    sources = {"usage": {"files": "usage.csv"}, "accounts": {"files": "accounts.csv"}}
    (problem,) = exports.refused(sources)
    assert (problem.code, str(problem.where)) == ("D203", "accounts.csv:4")
    assert problem.what == "account_id A1 again with other values; line 2 is kept"
    exports.write("accounts.csv", ACCOUNTS + "A1,One,2026-01-01\n")
    loaded = exports.load(sources)
    assert loaded.rejected["accounts"].select("line", "code", "reason").rows() == [
        (4, "D203", "account_id A1 again; the same row as line 2")
    ]


def test_two_snapshots_of_one_date_that_disagree_show_account_and_column(exports: Exports) -> None:
    exports.write("usage.csv", USAGE)
    exports.write("crm_accounts_2026-11-08.csv", ACCOUNTS)
    exports.write("erp_accounts_2026-11-08.csv", ACCOUNTS.replace("Two", "Deux"))
    (problem,) = exports.refused(
        {"usage": {"files": "usage.csv"}, "accounts": {"files": "*_accounts_{date}.csv"}}
    )
    assert (problem.code, str(problem.where)) == ("D108", "erp_accounts_2026-11-08.csv:3")
    assert problem.what == (
        "two snapshots of 2026-11-08 disagree about account A2: name is 'Two' in "
        "crm_accounts_2026-11-08.csv:3 and 'Deux' here"
    )


def test_usage_of_an_account_that_the_crm_does_not_know_is_told_and_kept(exports: Exports) -> None:
    exports.write("usage.csv", USAGE + "2026-11-04,GHOST,login\n")
    exports.write("accounts.csv", ACCOUNTS)
    loaded = exports.load({"usage": {"files": "usage.csv"}, "accounts": {"files": "accounts.csv"}})
    (problem,) = loaded.problems
    assert (problem.code, str(problem.where), problem.severity) == ("D109", "usage.csv:5", "warning")
    assert problem.what.startswith("1 of 4 usage rows belong to no known account")
    assert (loaded.matched, loaded.unmatched) == (0.75, (("account", 1),))
    usage = next(count for count in loaded.facts.counts if count.source == "usage")
    assert (usage.read, usage.accepted, usage.rejected, usage.excluded) == (4, 4, 0, 0)


def test_usage_that_matches_no_account_at_all_is_refused(exports: Exports) -> None:
    exports.write("usage.csv", USAGE)
    exports.write("accounts.csv", "account_id\nX1\n")
    (problem,) = exports.refused({"usage": {"files": "usage.csv"}, "accounts": {"files": "accounts.csv"}})
    assert (problem.code, problem.severity) == ("D109", "error")


def test_all_mistakes_in_all_sources_come_at_once(exports: Exports) -> None:
    exports.write("usage.csv", "at,account_id\n31-10-2026,A1\n")
    exports.write("tickets.csv", "ticket_id,account_id\nT1,A1\n")
    problems = exports.refused(
        {
            "usage": {"files": "usage.csv"},
            "tickets": {"files": "tickets.csv"},
            "accounts": {"files": "accounts.csv"},
        }
    )
    assert sorted(problem.code for problem in problems) == ["D101", "D102", "D107"]


def test_no_source_can_be_read_when_none_is_declared(exports: Exports) -> None:
    (problem,) = exports.refused({})
    assert problem.code == "D101"


def test_refused_rows_keep_line_column_code_reason_and_the_row_itself(exports: Exports) -> None:
    exports.write(
        "usage.csv",
        "at,account_id,count,seconds\n"
        "2026-11-02,A1,3,1.5\n"
        ",A1,1,\n"
        "2026-11-03,A1,many,\n"
        "2026-11-04,A1,-1,\n"
        "2026-11-05,,1,\n"
        "2026-11-06,A1\n"
        "2026-11-08,A2,1,2,extra\n",
    )
    loaded = exports.load(
        {"usage": {"files": "usage.csv"}}, as_of=None, today=date(2026, 11, 8), quiet_days=6
    )
    refused = loaded.rejected["usage"]
    assert refused.columns == ["file", "line", "column", "code", "reason", "raw"]
    assert refused.select("line", "column", "code", "reason", "raw").rows() == [
        (3, "at", "D201", "at is empty", ",A1,1,"),
        (4, "count", "D202", "count is not a whole number (decimal mark '.')", "2026-11-03,A1,many,"),
        (5, "count", "D205", "count is under 0", "2026-11-04,A1,-1,"),
        (6, "account_id", "D204", "no account_id in the row", "2026-11-05,,1,"),
        (7, None, "D206", "2 fields instead of 4", "2026-11-06,A1"),
        (8, None, "D206", "5 fields instead of 4", "2026-11-08,A2,1,2,extra"),
    ]
    (count,) = loaded.facts.counts
    assert (count.read, count.accepted, count.rejected, dict(count.reasons)) == (
        7,
        1,
        6,
        {"D201": 1, "D202": 1, "D204": 1, "D205": 1, "D206": 2},
    )
    assert isinstance(refused, pl.DataFrame)
