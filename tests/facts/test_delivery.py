"""Files that overlap: whole, append, window, and events told apart by their id."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from segkit.errors import InputError
from segkit.facts.files.found import ExportFile
from segkit.facts.taking.delivery import owned_days
from tests.facts.exports import Exports, fold_days, usage_days

HEAD = "at,account_id\n"


def test_whole_keeps_the_newest_file_alone(exports: Exports) -> None:
    exports.write("usage_a.csv", HEAD + "2026-11-02,A1\n2026-11-08,A1\n")
    exports.write("usage_b.csv", HEAD + "2026-11-07,A2\n")
    loaded = exports.load({"usage": {"files": "usage_*.csv", "delivery": "whole"}})
    assert (
        usage_days(loaded)
        == fold_days(loaded)
        == [
            ("account:A1", "2026-11-02", 1),
            ("account:A1", "2026-11-08", 1),
        ]
    )
    (count,) = loaded.facts.counts
    assert (count.read, count.accepted, count.excluded, dict(count.reasons)) == (3, 2, 1, {"replaced": 1})


def test_append_adds_the_rows_of_common_days(exports: Exports) -> None:
    exports.write("usage_a.csv", HEAD + "2026-11-02,A1\n2026-11-08,A1\n")
    exports.write("usage_b.csv", HEAD + "2026-11-08,A1\n2026-11-02,A2\n")
    loaded = exports.load({"usage": {"files": "usage_*.csv", "delivery": "append"}})
    assert usage_days(loaded) == [
        ("account:A1", "2026-11-02", 1),
        ("account:A1", "2026-11-08", 2),
        ("account:A2", "2026-11-02", 1),
    ]


def test_window_gives_a_day_to_the_newest_file_that_does_not_begin_on_it(exports: Exports) -> None:
    exports.write("usage_1.csv", HEAD + "2026-11-02,A1\n2026-11-03,A1\n2026-11-04,A1\n")
    # Begins within 11-03, so that its first day may be cut; says that nothing happened on 11-04.
    exports.write("usage_2.csv", HEAD + "2026-11-03,A2\n2026-11-05,A2\n2026-11-08,A2\n")
    loaded = exports.load({"usage": {"files": "usage_*.csv", "delivery": "window"}})
    assert (
        usage_days(loaded)
        == fold_days(loaded)
        == [
            ("account:A1", "2026-11-02", 1),
            ("account:A1", "2026-11-03", 1),
            ("account:A2", "2026-11-05", 1),
            ("account:A2", "2026-11-08", 1),
        ]
    )
    (count,) = loaded.facts.counts
    assert (count.read, count.accepted, count.excluded) == (6, 4, 2)


def test_a_day_on_which_every_file_begins_goes_to_the_newest() -> None:
    receipts = pl.DataFrame(
        {"_file": [0, 0, 1], "day": [10, 11, 10]}, schema={"_file": pl.UInt32, "day": pl.Int32}
    )
    assert owned_days(receipts, [_file("a"), _file("b")], "window").rows() == [(0, 10), (0, 11)]


@pytest.mark.parametrize("cached", [True, False])
def test_last_30_days_files_equal_one_cumulative_file(exports: Exports, cached: bool) -> None:
    start = date(2026, 1, 5)
    rows = [f"{start + timedelta(days=n)},A{n % 3}" for n in range(140)]
    exports.write("all.csv", HEAD + "\n".join(rows))
    for week in range(20):
        end = 7 * week + 7
        exports.write(f"usage_{week:02}.csv", HEAD + "\n".join(rows[max(0, end - 30) : end]))
    settings = {"cache": exports.cache} if cached else {}
    window = exports.load({"usage": {"files": "usage_*.csv", "delivery": "window"}}, **settings)
    again = exports.load({"usage": {"files": "usage_*.csv", "delivery": "window"}}, **settings)
    whole = exports.load({"usage": {"files": "all.csv"}})
    assert usage_days(window) == usage_days(whole) == fold_days(window) == fold_days(again)
    assert window.digest == whole.digest == again.digest
    assert window.facts.as_of == whole.facts.as_of


def test_events_with_an_id_count_once_over_overlapping_files(exports: Exports) -> None:
    head = "at,account_id,id,count\n"
    exports.write("usage_a.csv", head + "2026-11-02,A1,e1,1\n2026-11-05,A1,e2,1\n")
    exports.write("usage_b.csv", head + "2026-11-05,A1,e2,5\n2026-11-08,A1,e3,1\n2026-11-08,A2,,1\n")
    config = {"files": "usage_*.csv", "columns": {"event_id": "id"}}
    loaded = exports.load({"usage": config}, cache=exports.cache)
    assert (
        usage_days(loaded)
        == fold_days(loaded)
        == [
            ("account:A1", "2026-11-02", 1),
            ("account:A1", "2026-11-05", 5),
            ("account:A1", "2026-11-08", 1),
            ("account:A2", "2026-11-08", 1),
        ]
    )
    (count,) = loaded.facts.counts
    assert (count.read, count.accepted, count.rejected, count.excluded) == (5, 4, 0, 1)
    again = exports.load({"usage": config}, cache=exports.cache)
    assert (again.digest, usage_days(again)) == (loaded.digest, usage_days(loaded))


def test_a_doubled_event_id_in_one_file_is_refused_whatever_the_order_of_rows(exports: Exports) -> None:
    head, one, other = "at,account_id,id\n", "2026-11-02,A1,e1\n", "2026-11-08,A1,e1\n"
    config = {"files": "usage.csv", "columns": {"event_id": "id"}}
    found = []
    for rows in (one + other + "2026-11-08,A2,e2\n", "2026-11-08,A2,e2\n" + other + one):
        exports.write("usage.csv", head + rows)
        found.append(exports.load({"usage": config}))
    assert found[0].rejected["usage"]["code"].to_list() == ["D203"]
    assert usage_days(found[0]) == usage_days(found[1])
    assert found[0].digest == found[1].digest


def test_a_file_brought_twice_counts_once(exports: Exports) -> None:
    for name in ("usage_a.csv", "usage_b.csv"):
        exports.write(name, HEAD + "2026-11-02,A1\n2026-11-08,A1\n")
    loaded = exports.load({"usage": {"files": "usage_*.csv", "delivery": "append"}})
    (count,) = loaded.facts.counts
    assert (count.read, count.accepted, count.excluded, dict(count.reasons)) == (4, 2, 2, {"same file": 2})
    assert loaded.notes == ("usage_b.csv is the same file as usage_a.csv and counts once",)


def test_tickets_of_appended_files_keep_the_newest_row(exports: Exports) -> None:
    exports.write("usage.csv", HEAD + "2026-11-02,A1\n2026-11-08,A1\n")
    head = "ticket_id,opened_at,account_id,resolved_at\n"
    exports.write("tickets_1.csv", head + "T1,2026-11-02,A1,\nT2,2026-11-03,A1,\n")
    exports.write("tickets_2.csv", head + "T1,2026-11-02,A1,2026-11-05\nT3,2026-11-05,A1,\n")
    sources = {"usage": {"files": "usage.csv"}, "tickets": {"files": "tickets_*.csv", "delivery": "append"}}
    loaded = exports.load(sources)
    tickets = loaded.facts.tables["tickets"].sort("ticket_id").select("ticket_id", "resolved_at").rows()
    assert tickets == [("T1", date(2026, 11, 5)), ("T2", None), ("T3", None)]
    del sources["tickets"]["delivery"]
    with pytest.raises(InputError, match="D105"):
        exports.load(sources)


def _file(name: str) -> ExportFile:
    from pathlib import Path

    return ExportFile("usage", Path(name), name, "csv", None, 0, name)
