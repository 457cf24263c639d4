"""Exports of vendors: recognised by their header, and read as their preset says."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from segkit.columns import SOURCES
from segkit.facts.mapping import SourceConfig, mapping_faults
from segkit.facts.presets.library import preset, preset_names
from segkit.facts.presets.model import PresetFile
from tests.facts.exports import Exports, as_days, lines, table

VENDORS = {
    *("zendesk", "salesforce", "hubspot", "intercom", "mixpanel", "amplitude"),
    *("segment", "pendo", "delighted", "qualtrics", "surveymonkey"),
}
AS_OF = date(2026, 11, 15)


def test_there_is_one_for_each_vendor_in_both_forms() -> None:
    assert {tuple(name.split("/")) for name in preset_names()} == {
        (vendor, form) for vendor in VENDORS for form in ("connector", "ui")
    }


@pytest.mark.parametrize("name", preset_names())
def test_each_is_as_its_model_says_and_no_two_of_its_tables_have_one_header(name: str) -> None:
    found = preset(name)
    assert found.name == name
    assert any(table.source for table in found.tables.values())
    assert all(page.startswith("http") for page in found.pages)
    heads = [(table.source, sorted(table.header)) for table in found.tables.values()]
    assert len(heads) == len({(source, *header) for source, header in heads})
    for one in found.tables.values():
        if one.source:
            # What the file has to say for itself; the rest a person says beside the preset.
            required = {column.name for column in SOURCES[one.source].columns if column.required}
            assert required - set(one.columns) <= {"score", "instrument", "at", "answered_at"}


def test_a_preset_that_is_not_there_is_named_with_those_that_are() -> None:
    assert mapping_faults("tickets", SourceConfig(files="t.csv", preset="zendesk/conector")) == [
        (("preset",), "no preset is called zendesk/conector", "write zendesk/connector or zendesk/ui")
    ]
    ((_, what, hint),) = mapping_faults("tickets", SourceConfig(files="t.csv", preset="zendsk/ui"))
    assert (what, hint) == ("no preset is called zendsk/ui", "did you mean zendesk/ui?")
    ((_, what, hint),) = mapping_faults("payments", SourceConfig(files="p.csv", preset="zendesk/connector"))
    assert what == "the preset zendesk/connector gives no payments"
    assert hint == "it gives accounts, contacts, crosswalk, surveys, tickets"


TICKETS = lines(
    "id,requester_id,submitter_id,organization_id,via_channel,status,priority,created_at",
    "1,u1,u1,A,web,solved,high,2026-11-02 09:00:00",
    "2,u1,u1,A,web,deleted,low,2026-11-03 09:00:00",
    "3,u2,u2,A,web,open,low,2026-11-04 09:00:00",
)


def test_deleted_rows_are_left_out_counted_with_their_reason(exports: Exports) -> None:
    exports.write("t.csv", TICKETS)
    exports.write("usage.csv", lines("at,account_id", *(f"2026-11-{day:02},A" for day in range(1, 16))))
    loaded = exports.load(
        {"usage": {"files": "usage.csv"}, "tickets": {"files": "t.csv", "preset": "zendesk/connector"}}
    )
    (count,) = [count for count in loaded.facts.counts if count.source == "tickets"]
    assert (count.read, count.accepted, count.rejected, count.excluded) == (3, 2, 0, 1)
    assert dict(count.reasons) == {"deleted": 1}
    assert loaded.facts.tables["tickets"].select("ticket_id", "account_id", "priority").rows() == [
        ("1", "A", "high"),
        ("3", "A", "low"),
    ]


def test_tables_beside_it_are_looked_up_in_and_the_newest_version_counts(exports: Exports) -> None:
    exports.write("t.csv", TICKETS)
    exports.write(
        "history.csv",
        lines(
            "field_name,ticket_id,updated,value",
            "status,1,2026-11-03 9:00:00,solved",
            "status,1,2026-11-03 10:00:00,solved",
            "status,1,2026-11-09 09:00:00,closed",
            "priority,1,2026-11-08 09:00:00,high",
        ),
    )
    exports.write(
        "ratings.csv",
        lines(
            "id,ticket_id,requester_id,score,reason,updated_at",
            "9,1,u1,bad,,2026-11-04 09:00:00",
            "9,1,u1,good,,2026-11-05 09:00:00",
            "8,3,u2,offered,,2026-11-05 09:00:00",
        ),
    )
    files = ["t.csv", "history.csv", "ratings.csv"]
    found = table(exports, "tickets", {"files": files, "preset": "zendesk/connector"})
    assert found.select("ticket_id", "resolved_at", "satisfaction").rows() == [
        ("1", date(2026, 11, 3), 5.0),
        ("3", None, None),
    ]
    # 10:00 of the later version, not 9:00, although "9" sorts behind "1".
    assert found["resolved_at_seconds"][0] % 86_400 == 10 * 3600


@pytest.mark.parametrize("between", ["", "\n"], ids=["even lines", "a blank one"])
def test_records_without_an_id_are_no_versions_of_one_another(exports: Exports, between: str) -> None:
    exports.write("usage.csv", lines("at,account_id", *(f"2026-11-{day:02},A" for day in range(1, 16))))
    exports.write(
        "companies.csv",
        lines(
            "id,company_id,name,monthly_spend,session_count,updated_at",
            "1,A,Alpha,5,1,2026-11-01 09:00:00",
            "1,A,Alfa,5,1,2026-11-02 09:00:00",
            f",B,Ace,5,1,2026-11-01 09:00:00{between}",
            ",C,Crow,5,1,2026-11-02 09:00:00",
        ),
    )
    loaded = exports.load(
        {
            "usage": {"files": "usage.csv"},
            "accounts": {"files": "companies.csv", "preset": "intercom/connector"},
        }
    )
    (count,) = [count for count in loaded.facts.counts if count.source == "accounts"]
    assert (count.read, count.accepted, dict(count.reasons)) == (4, 3, {"older version": 1})
    assert loaded.facts.roster.accounts == ("A", "B", "C")


def test_what_a_file_lacks_against_its_preset_is_named(exports: Exports) -> None:
    exports.write("t.csv", TICKETS)
    exports.write("usage.csv", lines("at,account_id", *(f"2026-11-{day:02},A" for day in range(1, 16))))
    loaded = exports.load(
        {"usage": {"files": "usage.csv"}, "tickets": {"files": "t.csv", "preset": "zendesk/connector"}}
    )
    said = [problem for problem in loaded.problems if problem.code == "D132"]
    assert {problem.severity for problem in said} == {"warning"}
    assert [problem.what for problem in said] == [
        "tickets: zendesk/connector tickets was not looked up in solved: it is not known when a ticket was "
        "solved",
        "tickets: zendesk/connector tickets was not looked up in ratings: it is not known how content the "
        "requester was",
        "tickets: headers of zendesk/connector tickets that the file does not have: type (kind)",
    ]


def test_a_file_that_is_none_of_its_vendors_tables_is_told_what_the_nearest_needs(exports: Exports) -> None:
    exports.write("t.csv", lines("id,requester,submitter_id,organization_id,via_channel", "1,u,u,A,web"))
    (problem,) = exports.refused({"tickets": {"files": "t.csv", "preset": "zendesk/connector"}})
    assert (problem.code, problem.what) == (
        "D131",
        "tickets: no table of zendesk/connector has this header; tickets needs requester_id",
    )
    assert problem.hint is not None
    assert "did you mean requester?" in problem.hint


def test_a_table_that_gives_no_rows_alone_is_no_export(exports: Exports) -> None:
    exports.write("h.csv", lines("field_name,ticket_id,updated,value", "status,1,2026-11-03 09:00:00,solved"))
    (problem,) = exports.refused({"tickets": {"files": "h.csv", "preset": "zendesk/connector"}})
    assert problem.code == "D101"
    assert problem.hint == "add to files: tickets (tickets)"


def test_columns_beside_the_preset_win(exports: Exports) -> None:
    exports.write("t.csv", TICKETS)
    config = {
        "files": "t.csv",
        "preset": "zendesk/connector",
        "columns": {"topic": "via_channel", "kind": "status"},
    }
    assert table(exports, "tickets", config).select("topic", "kind").row(0) == ("web", "solved")


def test_a_header_that_happens_to_be_one_of_our_words_means_nothing_by_itself(exports: Exports) -> None:
    head = "distinct_id,name,time,properties,insert_id,event_id,account_id"
    exports.write("e.csv", lines(head, "u,click,2026-11-02 08:00:00,{},i1,77,nonsense"))
    sources = {"usage": {"files": "e.csv", "preset": "mixpanel/connector", "through": "2026-11-08"}}
    loaded = exports.load({**sources, "contacts": {"files": contacts(exports)}})
    assert loaded.facts.usage is not None
    assert loaded.facts.usage.days()["raw_id"].to_list() == ["user:u"]


def contacts(exports: Exports) -> str:
    exports.write("c.csv", lines("user_id,account_id", "u,A"))
    return "c.csv"


REPORT = lines(
    '"Account ID","Account Name","Website"',
    '"0015500000Xyy06","Acme, Inc.","https://www.acme.com/en"',
    '"0015500000Ygpq1","Total Care","total.care"',
    "",
    "",
    '"Customers"',
    '"Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved."',
    '"Confidential Information - Do Not Distribute"',
    '"Generated By: Jo Doe 11/16/2026 8:00 AM"',
    '"Acme Holding"',
)


def test_the_closing_lines_of_a_report_are_no_rows_and_its_short_ids_are_the_long_ones(
    exports: Exports,
) -> None:
    exports.write("report.csv", REPORT)
    exports.write(
        "usage.csv", lines("at,account_id", *(f"2026-11-{day:02},0015500000Xyy06AAB" for day in range(1, 16)))
    )
    loaded = exports.load(
        {"usage": {"files": "usage.csv"}, "accounts": {"files": "report.csv", "preset": "salesforce/ui"}}
    )
    count = loaded.facts.counts[0]
    assert (count.read, count.accepted, count.rejected, dict(count.reasons)) == (7, 2, 0, {"footer": 5})
    assert loaded.facts.roster.accounts == ("0015500000Xyy06AAB", "0015500000Ygpq1AAB")
    assert loaded.facts.roster.snapshots["domains"].to_list() == ["acme.com", "total.care"]
    assert loaded.matched == 1.0
    assert [note for note in loaded.notes if "salesforce/ui is experimental" in note] == [
        "the preset salesforce/ui is experimental, not checked on a real file: look at what was accepted"
    ]


def test_several_header_rows_are_one_header(exports: Exports) -> None:
    exports.write(
        "q.csv",
        lines(
            "StartDate,EndDate,Status,Finished,RecordedDate,ResponseId,RecipientEmail,Q1",
            'Start,End,Type,Finished,Recorded,Response,Mail,"How likely are you to\nrecommend us?"',
            '"{""ImportId"":""startDate""}",b,c,d,e,f,g,"{""ImportId"":""QID1""}"',
            "2026-11-02,2026-11-02,0,1,2026-11-02,R1,jo@a.com,9",
            "2026-11-02,2026-11-02,1,1,2026-11-02,R2,jo@a.com,8",
            "2026-11-02,2026-11-02,0,0,2026-11-02,R3,jo@a.com,7",
        ),
    )
    found = table(exports, "surveys", {"files": "q.csv", "preset": "qualtrics/ui"})
    assert found.select("response_id", "instrument", "score").rows() == [("R1", "nps", 9.0)]


def test_dates_counted_since_1970_are_dates(exports: Exports) -> None:
    head = "id,person,survey_type,score,permalink,created_at"
    exports.write("d.csv", lines(head, "1,p,nps,9,x,1793714400", "2,p,csat,5,x,2026-11-04 10:00:00"))
    found = table(exports, "surveys", {"files": "d.csv", "preset": "delighted/connector"})
    assert found.select("answered_at", "instrument").rows() == [
        (date(2026, 11, 3), "nps"),
        (date(2026, 11, 4), "csat"),
    ]


def test_a_header_with_hyphens_can_be_mapped(exports: Exports) -> None:
    head = "id,is_deleted,property_name,property_hs_all-funky-a9384-syntax"
    exports.write("c.csv", lines(head, "A,false,Acme,23"))
    exports.write("usage.csv", lines("at,account_id", *(f"2026-11-{day:02},A" for day in range(1, 16))))
    config = {
        "files": "c.csv",
        "preset": "hubspot/connector",
        "attributes": {"funky": "number"},
        "columns": {"funky": "property_hs_all-funky-a9384-syntax"},
    }
    loaded = exports.load({"usage": {"files": "usage.csv"}, "accounts": config})
    assert loaded.facts.roster.snapshots["funky"].to_list() == [23.0]


def test_one_more_file_does_not_have_the_others_read_anew(exports: Exports) -> None:
    head = "distinct_id,name,time,properties,insert_id"
    for day in (2, 3):
        row = [
            "u",
            "click",
            f"2026-11-0{day} 08:00:00",
            json.dumps({"org": "A"}).replace('"', '""'),
            f"i{day}",
        ]
        row[3] = f'"{row[3]}"'
        exports.write(f"e{day}.csv", lines(head, ",".join(row)))
    config = {
        "preset": "mixpanel/connector",
        "columns": {"account_id": {"header": "properties", "key": "org"}},
        "through": "2026-11-08",
    }
    exports.load({"usage": {"files": "e2.csv", **config}}, cache=exports.cache)
    (folder,) = exports.cache.iterdir()
    loaded = exports.load({"usage": {"files": "e*.csv", **config}}, cache=exports.cache)
    assert [path.name for path in exports.cache.iterdir()] == [folder.name]
    assert loaded.facts.usage is not None
    assert as_days(loaded.facts.usage.days().select("raw_id", "day", "n")) == [
        ("account:A", "2026-11-02", 1),
        ("account:A", "2026-11-03", 1),
    ]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (lines("Event,2026-11-01,2026-11-02,2026-11-03", "login,3,4,5"), "its columns are days"),
        (lines("Active users", "", '"","Nov 1","Nov 2","Nov 3"', "All,3,4,5"), "its columns are days"),
        (lines("Segment,All,All,All", ",2026-W44,2026-W45,2026-W46", "Users,3,4,5"), "its columns are days"),
        (lines("Metric,1.11.,2.11.,3.11.", "Users,3,4,5"), "its columns are days"),
        (lines("# ---------------------", "# Users", "# ---------------------", "", "Day,Users"), "a title"),
    ],
)
def test_a_chart_is_refused_with_the_export_to_choose_instead(exports: Exports, text: str, what: str) -> None:
    exports.write("chart.csv", text)
    for config in ({}, {"preset": "mixpanel/connector"}):
        (problem,) = exports.refused({"usage": {"files": "chart.csv", **config}})
        assert problem.code == "D130"
        assert what in problem.what
        assert "raw event export" in str(problem.hint)


@pytest.mark.parametrize(
    "text",
    [
        lines("sepal_length,sepal_width,petal_length,petal_width,species", "5.1,3.5,1.4,0.2,Iris-setosa"),
        lines("5.1,3.5,1.4,0.2,Iris-setosa", "4.9,3.0,1.5,0.1,Iris-setosa"),
        lines("id,signed,renewed,left", "A1,2024-01-01,2025-01-01,2026-01-01"),
        lines("code,10000001,10000002,10000003", "A1,3,4,5"),
    ],
)
def test_a_table_that_lacks_columns_is_no_chart_for_its_numbers_or_dates(exports: Exports, text: str) -> None:
    exports.write("table.csv", text)
    (problem, *_) = exports.refused({"usage": {"files": "table.csv"}})
    assert problem.code == "D102"


def test_a_cell_that_holds_no_json_costs_its_row_alone(exports: Exports) -> None:
    head = "distinct_id,name,time,properties"
    good = '"{""org"": ""A""}"'
    exports.write(
        "e.csv", lines(head, f"u,click,2026-11-02 08:00:00,{good}", "u,click,2026-11-02 08:00:00,oops")
    )
    config = {
        "files": "e.csv",
        "preset": "mixpanel/connector",
        "columns": {"account_id": {"header": "properties", "key": "org"}},
        "through": "2026-11-08",
    }
    loaded = exports.load({"usage": config})
    assert loaded.rejected["usage"].select("line", "code", "reason").rows() == [
        (3, "D207", "properties holds no JSON")
    ]


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"source": "tikets"}, "no source is called tikets"),
        ({"columns": {"ticket": "Id"}}, "tickets has no column ticket"),
        ({"look_ups": {"two": {"here": "Id", "there": "Id", "says": "more"}}}, "no table is called two"),
        ({"leave_out": [{"header": "Id", "because": "deleted"}]}, "say either values or but"),
        ({"leave_out": [{"header": "Id", "values": ["x"], "but": ["y"], "because": "z"}]}, "say either"),
    ],
)
def test_a_preset_that_names_what_is_not_there_is_none(changed: dict[str, Any], what: str) -> None:
    written = preset("zendesk/ui").model_dump(exclude_none=True)
    name = next(name for name, table in written["tables"].items() if table.get("source") == "tickets")
    PresetFile.model_validate(written)
    written["tables"][name] |= changed
    with pytest.raises(ValidationError, match=what):
        PresetFile.model_validate(written)
