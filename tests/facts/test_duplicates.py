"""Rows of one key: which of them counts, and where the others went."""

from __future__ import annotations

from itertools import permutations

import pytest

from segkit.facts.excluding import OLDER
from segkit.facts.mapping import SourceConfig, mapping_faults
from tests.facts.exports import Exports, usage_days

USAGE = "at,account_id\n2026-11-02,A1\n2026-11-08,A1\n"
HEAD = "ticket_id,opened_at,account_id,resolved_at,priority"
ROWS = ("T1,2026-11-02,A1,,low", "T1,2026-11-02,A1,2026-11-05,high", "T1,2026-11-02,A1,2026-11-04,low")


@pytest.mark.parametrize("order", list(permutations(ROWS))[::2])
@pytest.mark.parametrize(("duplicates", "kept"), [("latest", "high"), ("reject", "low")])
def test_one_row_of_a_key_counts_whatever_the_order_of_the_file(
    exports: Exports, order: tuple[str, ...], duplicates: str, kept: str
) -> None:
    exports.write("usage.csv", USAGE)
    exports.write("tickets.csv", "\n".join([HEAD, *order, "T2,2026-11-02,A1,,low", ""]))
    loaded = exports.load(
        {"usage": {"files": "usage.csv"}, "tickets": {"files": "tickets.csv", "duplicates": duplicates}}
    )
    tickets = loaded.facts.tables["tickets"].sort("ticket_id")
    assert tickets.select("ticket_id", "priority").rows() == [("T1", kept), ("T2", "low")]
    (count,) = (count for count in loaded.facts.counts if count.source == "tickets")
    assert count.read == 4 == count.accepted + count.rejected + count.excluded
    wanted = {OLDER: 2} if duplicates == "latest" else {"D203": 2}
    assert dict(count.reasons) == wanted


def test_rows_that_no_time_tells_apart_are_refused_under_latest_too(exports: Exports) -> None:
    exports.write("usage.csv", USAGE)
    rows = ["T1,2026-11-02,A1,2026-11-04,low", "T1,2026-11-02,A1,2026-11-04,high", "T1,2026-11-02,A1,,low"]
    exports.write("tickets.csv", "\n".join([HEAD, *rows, ""]))
    loaded = exports.load(
        {"usage": {"files": "usage.csv"}, "tickets": {"files": "tickets.csv", "duplicates": "latest"}}
    )
    (count,) = (count for count in loaded.facts.counts if count.source == "tickets")
    assert (count.accepted, dict(count.reasons)) == (1, {"D203": 1, OLDER: 1})


def test_the_event_that_arrived_last_counts(exports: Exports) -> None:
    head = "event_id,at,account_id,count,arrived_at"
    rows = [
        "e1,2026-11-02,A1,1,2026-11-02T10:00:00",
        "e1,2026-11-02,A1,5,2026-11-02T11:00:00",
        "e2,2026-11-08,A1,1,",
    ]
    exports.write("usage.csv", "\n".join([head, *rows, ""]))
    config = {"files": "usage.csv", "duplicates": "latest", "columns": {"event_id": "event_id"}}
    loaded = exports.load({"usage": config})
    assert usage_days(loaded) == [("account:A1", "2026-11-02", 5), ("account:A1", "2026-11-08", 1)]
    (count,) = loaded.facts.counts
    assert (count.read, count.accepted, dict(count.reasons)) == (3, 2, {OLDER: 1})


def test_surveys_and_subscriptions_have_a_key_where_the_export_has_the_id(exports: Exports) -> None:
    exports.write("usage.csv", USAGE)
    exports.write(
        "surveys.csv",
        "response_id,answered_at,account_id,instrument,score\nR1,2026-11-02,A1,nps,9\nR1,2026-11-02,A1,nps,3\n",
    )
    exports.write("subs.csv", "account_id,starts_on,mrr\nA1,2026-11-02,10\nA1,2026-11-02,20\n")
    loaded = exports.load(
        {
            "usage": {"files": "usage.csv"},
            "surveys": {"files": "surveys.csv"},
            "subscriptions": {"files": "subs.csv"},
        }
    )
    assert loaded.rejected["surveys"]["code"].to_list() == ["D203"]
    assert loaded.rejected["subscriptions"].is_empty()


def test_an_address_is_not_shown_in_a_reason(exports: Exports) -> None:
    exports.write("usage.csv", USAGE)
    exports.write("contacts.csv", "user_id,email\n7,ann@x.com\n7,ann@x.com\n")
    loaded = exports.load({"usage": {"files": "usage.csv"}, "contacts": {"files": "contacts.csv"}})
    assert loaded.rejected["contacts"]["reason"].to_list() == [
        "user_id [hidden], [hidden]@x.com again; the same row as line 2"
    ]


@pytest.mark.parametrize(
    ("source", "says"),
    [("usage", "map event_id"), ("payments", "leave duplicates out"), ("accounts", None)],
)
def test_latest_needs_a_key(source: str, says: str | None) -> None:
    ((where, _, hint),) = mapping_faults(source, SourceConfig(files="x.csv", duplicates="latest"))
    assert where == ("duplicates",)
    assert hint is None if says is None else says in str(hint)
