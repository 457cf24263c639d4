"""Lost, refused, missing and old rows: the limits by hand, without a run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any, cast

import polars as pl
import pytest

from segkit.errors import Tripped
from segkit.facts.accounts.ledger import DAY, ID, PRESENT
from segkit.facts.types import SourceCount
from segkit.limits import GuardsFile
from segkit.periods import Calendar, epoch_day
from segkit.runs.guards.case import Delivery
from segkit.runs.guards.delivered import empty_export, listed, lost_rows, max_age, refused_rows, sizes

SUNDAY = date(2026, 11, 22)
"""as_of of the run; the last one is a week older."""
TODAY = SUNDAY + timedelta(days=1)


def by_day(rows: Mapping[int, int]) -> pl.DataFrame:
    """Days before SUNDAY -> rows, as a source is counted."""
    days = [epoch_day(SUNDAY) - ago for ago in rows]
    return pl.DataFrame(
        {"day": days, "rows": list(rows.values())}, schema={"day": pl.Int32, "rows": pl.UInt32}
    )


def roster(*days: int, gone: int = 0) -> pl.DataFrame:
    """One account for each day before SUNDAY of a newest snapshot; the last `gone` are in theirs no more."""
    there = [at < len(days) - gone for at in range(len(days))]
    return pl.DataFrame(
        {
            ID: [f"A{at}" for at in range(len(days))],
            DAY: [epoch_day(SUNDAY) - d for d in days],
            PRESENT: there,
        },
        schema={ID: pl.String, DAY: pl.Int32, PRESENT: pl.Boolean},
    )


def past(runs: int = 3, *, ledger: pl.DataFrame | None = None, **told: Any) -> Any:
    told = {"rows": {}, "inputs": {}, "ages": (), "guards": (), "begun": SUNDAY} | told
    return SimpleNamespace(runs=runs, as_of=SUNDAY - timedelta(days=7), ledger=lambda: ledger, **told)


def delivery(
    head: Any = None,
    *,
    usage: Mapping[int, int] | None = None,
    counts: tuple[SourceCount, ...] = (),
    ledger: pl.DataFrame | None = None,
    files: tuple[tuple[str, str, str, int], ...] = (),
    rejected: Mapping[str, pl.DataFrame] = {},
    days: Mapping[str, pl.DataFrame] = {},
    grace: int = 0,
    **limits: Any,
) -> Delivery:
    """`files`: source, name, sha256, rows."""
    told = {} if usage is None else {"usage": by_day(usage)}
    loaded = SimpleNamespace(
        facts=SimpleNamespace(as_of=SUNDAY, calendar=Calendar(), counts=counts),
        days=told | dict(days),
        ledger=pl.DataFrame() if ledger is None else ledger,
        inputs=[SimpleNamespace(source=s, name=n, sha256=h, rows=r) for s, n, h, r in files],
        rejected=rejected,
    )
    return Delivery(cast(Any, loaded), TODAY, GuardsFile(**limits), head, head, grace)


def saw(found: Tripped | None) -> str | None:
    return None if found is None else found.saw


@pytest.mark.parametrize(
    ("before", "now", "runs", "seen"),
    [
        (100, 79, 3, "usage has 79 rows, 100 in the last run (-21.0%)"),
        (100, 80, 3, None),
        (3, 0, 3, "usage has 0 rows, 3 in the last run (-100.0%)"),
        (2, 0, 3, None),
        (1000, 10, 2, None),
    ],
)
def test_a_fifth_and_at_least_three_rows_may_not_be_gone(
    before: int, now: int, runs: int, seen: str | None
) -> None:
    """Rows of the time that was published; those of the new week do not make up for them."""
    assert saw(lost_rows(delivery(past(runs, rows={"usage": before}), usage={7: now, 0: 500}))) == seen


def test_the_limit_that_is_written_holds_also_for_one_source_and_is_told() -> None:
    head = past(rows={"usage": 100})
    assert lost_rows(delivery(head, usage={7: 79}, lost_rows="21%")) is None
    found = lost_rows(delivery(head, usage={7: 79}, lost_rows="off", sources={"usage": {"lost_rows": "10%"}}))
    assert found is not None
    assert (found.name, found.expected) == ("lost_rows", "at most 10% fewer")


def test_two_published_weeks_are_enough_for_twenty_accounts_and_not_for_rows_of_usage() -> None:
    def lost(gone: int, runs: int) -> str | None:
        before = roster(*[7] * 60)
        now = roster(*[0] * 60, gone=gone)
        head = past(runs, ledger=before, rows={"accounts": 60, "usage": 100})
        return saw(lost_rows(delivery(head, ledger=now, usage={7: 10})))

    assert lost(20, 1) == "accounts has 40 rows, 60 in the last run (-33.3%)"
    assert lost(19, 1) is None
    assert lost(19, 3) == (
        "usage has 10 rows, 100 in the last run (-90.0%); accounts has 41 rows, 60 in the last run (-31.7%)"
    )


def test_contacts_are_a_list_of_who_is_there_and_tickets_are_not() -> None:
    def lost(source: str) -> str | None:
        counts = (SourceCount(source, 1, 5, 5, 0),)
        return saw(lost_rows(delivery(past(1, rows={source: 100}), counts=counts)))

    assert lost("contacts") == "contacts has 5 rows, 100 in the last run (-95.0%)"
    assert lost("tickets") is None


def test_lists_kept_by_hand_and_sources_that_are_no_more_are_not_compared() -> None:
    counts = (SourceCount("overrides", 1, 1, 1, 0), SourceCount("tickets", 1, 7, 7, 0))
    head = past(rows={"overrides": 50, "payments": 50, "tickets": 9})
    assert sizes(delivery(head, counts=counts), head) == {"tickets": (9, 7)}


def test_accounts_are_those_of_the_newest_snapshot_that_speaks_for_the_day() -> None:
    """A snapshot of the Tuesday after speaks for the week before where two days of grace are given."""
    ledger = roster(0, 0, -2)
    assert listed(ledger, epoch_day(SUNDAY)) == 2
    assert listed(ledger, epoch_day(SUNDAY) + 2) == 3
    head = past(ledger=roster(9, 7, 5))
    assert sizes(delivery(head, ledger=ledger), head) == {"accounts": (2, 2)}
    assert sizes(delivery(head, ledger=ledger, grace=2), head) == {"accounts": (3, 3)}
    twice = pl.concat([roster(9), roster(3, gone=1)])
    assert (listed(twice, epoch_day(SUNDAY) - 9), listed(twice, epoch_day(SUNDAY))) == (1, 0)


def test_a_first_run_has_nothing_to_compare_with() -> None:
    assert lost_rows(delivery(usage={0: 1})) is None
    assert empty_export(delivery(files=(("usage", "u.csv", "x", 0),))) is None


@pytest.mark.parametrize(
    ("rejected", "read", "seen"),
    [
        (11, 200, "usage: 11 of 200 rows are refused (5.5%)"),
        (10, 200, None),
        (9, 20, None),
        (10, 20, "usage: 10 of 20 rows are refused (50.0%)"),
        (4, 4, "usage: 4 of 4 rows are refused (100.0%)"),
        (0, 0, None),
    ],
)
def test_over_five_percent_and_ten_rows_or_all_of_them_may_not_be_refused(
    rejected: int, read: int, seen: str | None
) -> None:
    counts = (SourceCount("usage", 1, read, read - rejected, rejected),)
    assert saw(refused_rows(delivery(counts=counts))) == seen


def test_a_new_file_is_judged_alone_beside_years_of_good_rows() -> None:
    counts = (SourceCount("usage", 5, 10_000, 9_970, 30),)
    files = tuple(("usage", f"u{at}.csv", f"h{at}", 100) for at in range(5))
    rejected = {"usage": pl.DataFrame({"file": ["u4.csv"] * 20 + ["u0.csv"] * 10})}
    found = refused_rows(
        delivery(
            past(inputs={"usage": frozenset({"h0", "h1", "h2", "h3"})}),
            counts=counts,
            files=files,
            rejected=rejected,
        )
    )
    assert saw(found) == "usage: 20 of 100 rows of u4.csv are refused (20.0%)"
    old = past(inputs={"usage": frozenset(f"h{at}" for at in range(5))})
    assert refused_rows(delivery(old, counts=counts, files=files, rejected=rejected)) is None
    found = refused_rows(delivery(past(), counts=counts, files=files, rejected=rejected, refused_rows="5%"))
    assert saw(found) == "usage: 30 of 500 rows of u0.csv, u1.csv, u2.csv … are refused (6.0%)"


def test_refused_rows_of_several_sources_each_with_its_limit() -> None:
    counts = (SourceCount("usage", 1, 100, 80, 20), SourceCount("tickets", 1, 100, 60, 40))
    found = refused_rows(
        delivery(counts=counts, refused_rows="10%", sources={"tickets": {"refused_rows": "30%"}})
    )
    assert found is not None
    assert found.saw == (
        "usage: 20 of 100 rows are refused (20.0%); tickets: 40 of 100 rows are refused (40.0%)"
    )
    assert found.expected == "at most 10%, 30%"
    by_hand = (SourceCount("overrides", 1, 20, 0, 20),)
    assert refused_rows(delivery(counts=by_hand)) is None


def test_only_new_files_of_sources_that_are_never_empty_are_missed() -> None:
    files = (
        ("usage", "new.csv", "n", 0),
        ("usage", "old.csv", "o", 0),
        ("contacts", "c.csv", "c", 0),
        ("tickets", "t.csv", "t", 0),
        ("measures", "m.csv", "m", 1),
    )
    found = empty_export(delivery(past(inputs={"usage": frozenset({"o"})}), files=files))
    assert saw(found) == "new and without a row: c.csv, new.csv"


def test_the_newest_row_is_that_of_its_source_and_none_that_lies_ahead() -> None:
    days = {"tickets": by_day({-2: 1, 6: 3, 20: 1})}
    told = delivery(usage={1: 5, 30: 2}, days=days, ledger=roster(3, 12, -5))
    assert [told.age(source) for source in ("usage", "tickets", "accounts", "surveys")] == [2, 7, 4, None]
    assert told.deciding == "usage"
    assert delivery(days={"measures": by_day({0: 1})}).deciding == "measures"
    assert delivery(days=days).deciding is None


def test_old_exports_are_told_with_the_day_from_which_they_are_too_old() -> None:
    written = {
        "max_age": "6 days",
        "sources": {"tickets": {"max_age": "7 days"}, "accounts": {"max_age": "3 days"}},
    }
    days = {"tickets": by_day({7: 1})}
    found = max_age(delivery(usage={6: 1}, days=days, ledger=roster(3), **written))
    assert found is not None
    assert found.saw == (
        "the newest row of accounts is of 2026-11-19; the newest row of tickets is of 2026-11-15; "
        "the newest row of usage is of 2026-11-16"
    )
    assert found.expected.startswith(
        "none older than 3 days on the day of the run: after 2026-11-22 a newer one; none older than 7 days "
    )
    assert (
        max_age(delivery(usage={5: 1}, days={"tickets": by_day({6: 1})}, ledger=roster(2), **written)) is None
    )


def test_ages_are_kept_of_the_last_three_runs_and_a_run_again_replaces_its_own() -> None:
    def kept(ages: tuple[int, ...], head_day: date, runs: int = 3) -> tuple[tuple[int, ...], int]:
        head = past(runs, ages=ages)
        head.as_of = head_day
        told = delivery(head, usage={1: 5})
        return told.ages, told.runs

    assert kept((1, 3, 4), SUNDAY - timedelta(days=7)) == ((3, 4, 2), 4)
    assert kept((1, 3, 4), SUNDAY) == ((1, 3, 2), 3)
    first = delivery(usage={1: 5})
    assert (first.ages, first.runs, first.begun) == ((2,), 1, SUNDAY)
    assert delivery(past(ages=(1, 2)), days={"tickets": by_day({0: 1})}).ages == (1, 2)


def test_only_three_published_weeks_are_compared_with() -> None:
    assert delivery(past(2)).settled is None
    head = past(3)
    assert delivery(head).settled is head
    assert delivery().settled is None


def test_rows_are_those_up_to_as_of_and_accepted_ones_of_sources_without_days() -> None:
    counts = (SourceCount("usage", 1, 90, 80, 10), SourceCount("contacts", 1, 9, 7, 2))
    told = delivery(usage={-1: 50, 0: 3, 8: 4}, counts=counts)
    assert told.rows == {"usage": 7, "contacts": 7}
    assert told.rows_to("usage", SUNDAY - timedelta(days=1)) == 4
