"""What tables of vendors say in a way of their own: events as JSON, questions apart, merged accounts."""

from __future__ import annotations

import json

from tests.facts.exports import Exports, as_days, lines, table


def test_of_several_companies_in_a_cell_the_first_counts(exports: Exports) -> None:
    exports.write(
        "c.csv",
        lines("Record ID,First Name,Last Name,Email,Associated Company IDs", "7,Jo,Doe,jo@a.com,901;902"),
    )
    found = table(exports, "contacts", {"files": "c.csv", "preset": "hubspot/ui"})
    assert found["raw_id" if "raw_id" in found.columns else "user_id"].to_list() == ["7"]


def test_raw_events_are_read_from_json_lines(exports: Exports) -> None:
    events = [
        {
            "event": "Login",
            "properties": {
                "time": 1793606400 + hour * 3600,
                "distinct_id": who,
                "$insert_id": f"i{hour}",
                "company": "A",
            },
        }
        for hour, who in enumerate(["u7", "jo@a.com"])
    ]
    exports.write("raw.json", lines(*(json.dumps(event) for event in events)))
    config = {
        "files": "raw.json",
        "preset": "mixpanel/ui",
        "through": "2026-11-08",
        "columns": {"account_id": {"header": "properties", "key": "company"}},
    }
    loaded = exports.load({"usage": config})
    assert loaded.facts.usage is not None
    assert as_days(loaded.facts.usage.days().select("raw_id", "day", "n")) == [("account:A", "2026-11-02", 2)]
    assert loaded.rejected["usage"].is_empty()


def test_answers_to_polls_that_do_not_ask_for_nps_are_left_out(exports: Exports) -> None:
    exports.write(
        "answers.csv",
        lines(
            "account_id,poll_id,visitor_id,poll_response,timestamp",
            "A,p1,v,9,2026-11-02 08:00:00",
            "A,p2,v,blue,2026-11-02 08:00:00",
        ),
    )
    exports.write(
        "polls.csv", lines("id,attribute_type,question", "p1,NPSRating,How likely?", "p2,PickList,Which?")
    )
    config = {"files": ["answers.csv", "polls.csv"], "preset": "pendo/connector"}
    found = table(exports, "surveys", config)
    assert found.select("instrument", "score").rows() == [("nps", 9.0)]
    (problem,) = exports.refused({"surveys": config | {"files": "answers.csv"}})
    assert problem.code == "D131"
    assert "needs the table polls beside it" in problem.what


def test_questions_are_found_through_the_response_they_belong_to(exports: Exports) -> None:
    exports.write(
        "answers.csv",
        lines(
            "response_id,question_id,value,question_option_key",
            "R1,QID1,9,",
            "R1,QID2,3,",
            "R2,QID1,4,",
            "R3,QID1,1,",
        ),
    )
    exports.write(
        "responses.csv",
        lines(
            "id,survey_id,recorded_date,recipient_email,finished,status",
            "R1,S1,2026-11-03 08:00:00,Jo@a.com,1,0",
            "R2,S2,2026-11-03 08:00:00,jo@a.com,1,0",
            "R3,S1,2026-11-04 08:00:00,jo@a.com,0,0",
        ),
    )
    exports.write(
        "questions.csv",
        lines("id,survey_id,question_type,selector", "QID1,S1,MC,NPS", "QID2,S1,MC,SAVR", "QID1,S2,MC,SAVR"),
    )
    files = ["answers.csv", "responses.csv", "questions.csv"]
    found = table(exports, "surveys", {"files": files, "preset": "qualtrics/connector"})
    assert found.select("response_id", "email", "score").rows() == [("R1", "jo@a.com", 9.0)]


def test_use_under_the_id_of_a_merged_account_counts_for_the_one_it_was_merged_into(exports: Exports) -> None:
    old, new = "0015500000Ygpq1AAB", "0015500000Xyy06AAB"
    exports.write(
        "a.csv",
        lines(
            "id,name,master_record_id,parent_id,is_deleted",
            f"{new},Acme,,,false",
            f"{old},Acme Ltd,{new[:15]},,true",
        ),
    )
    exports.write("usage.csv", lines("at,account_id", *(f"2026-11-{day:02},{old}" for day in range(1, 16))))
    preset = {"files": "a.csv", "preset": "salesforce/connector"}
    loaded = exports.load({"usage": {"files": "usage.csv"}, "accounts": preset, "crosswalk": preset})
    assert loaded.facts.roster.accounts == (new,)
    assert loaded.matched == 1.0
    counts = {count.source: dict(count.reasons) for count in loaded.facts.counts}
    assert counts == {"accounts": {"deleted": 1}, "crosswalk": {"not merged": 1}, "usage": {}}


def test_a_cell_that_lists_merged_companies_and_an_audit_of_contacts_say_whose_old_ids_are(
    exports: Exports,
) -> None:
    head = "id,is_deleted,property_name,property_hs_merged_object_ids"
    exports.write("companies.csv", lines(head, "A,false,Acme,B;C", "D,false,Bolt,"))
    exports.write("audit.csv", lines("canonical_vid,vid_to_merge,timestamp", "5,11,2019-10-08 15:50:57"))
    exports.write(
        "contacts.csv",
        lines("id,property_email,property_lastname,property_associatedcompanyid", "5,jo@d.com,Doe,D"),
    )
    rows = ["2026-11-02,B,", "2026-11-03,C,", "2026-11-04,,11", "2026-11-08,A,"]
    exports.write("usage.csv", lines("at,account_id,user_id", *rows))
    files = ["companies.csv", "audit.csv", "contacts.csv"]
    loaded = exports.load(
        {
            "usage": {"files": "usage.csv"},
            "accounts": {"files": "companies.csv", "preset": "hubspot/connector"},
            "crosswalk": {"files": files, "preset": "hubspot/connector"},
        }
    )
    assert loaded.matched == 1.0
    mapping = loaded.facts.mapping
    owners = dict(mapping.select("raw_id", "account_id").iter_rows())
    assert [owners[key] for key in ("account:B", "account:C", "user:11")] == ["A", "A", "D"]
    (count,) = [count for count in loaded.facts.counts if count.source == "crosswalk"]
    assert (count.read, count.accepted, dict(count.reasons)) == (4, 3, {"not merged": 1})
