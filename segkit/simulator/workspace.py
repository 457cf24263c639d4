"""A workspace that runs as it is: exports as the usual systems would give them, and the truth beside them."""

from __future__ import annotations

import gzip
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from segkit.periods import from_epoch_day
from segkit.simulator import crm, relations
from segkit.simulator.crm import Book, accounts_at, keep_books
from segkit.simulator.levels import Simulated
from segkit.simulator.people import FEATURES, People, hire
from segkit.simulator.template import workspace_file
from segkit.simulator.usage import EVENTS, week_events

USERS_AT_MOST = 12


def write_workspace(sim: Simulated, folder: Path) -> None:
    """Write `segkit.yaml`, `exports/` and `truth/` into `folder`; files that are there are replaced."""
    exports, truth = folder / "exports", folder / "truth"
    for path in (exports, truth):
        path.mkdir(parents=True, exist_ok=True)
    people = hire(sim, most=USERS_AT_MOST)
    book = keep_books(sim, people)
    last = from_epoch_day(int(sim.starts[-1]) + 6)
    (folder / "segkit.yaml").write_text(workspace_file(last), encoding="utf-8")
    for on in _month_ends(from_epoch_day(int(sim.starts[0])), last):
        accounts_at(sim, book, on).write_csv(exports / f"accounts_{on}.csv")
    for quarter, rows in _usage(sim, people, book):
        _gzip(rows, exports / f"usage_{quarter}.csv.gz")
    for name, frame in (
        ("contacts", crm.contacts(sim, people, book)),
        ("subscriptions", crm.subscriptions(sim, book)),
        ("payments", crm.payments(sim, book)),
        ("traits", crm.traits(sim, book)),
        ("milestones", relations.milestones(sim, book)),
        ("surveys", relations.surveys(sim, people, book)),
        ("touchpoints", relations.touchpoints(sim, book)),
        ("tickets", relations.tickets(sim, people, book)),
    ):
        frame.write_csv(exports / f"{name}.csv", datetime_format="%Y-%m-%dT%H:%M")
    _spoil(exports)
    _write_truth(sim, people, book, truth)


def _spoil(exports: Path) -> None:
    """Faults as real exports have them: a ticket exported twice, one of nobody, a score that is no number."""
    tickets = exports / "tickets.csv"
    first = tickets.read_text(encoding="utf-8").splitlines()[1]
    with tickets.open("a", encoding="utf-8") as file:
        file.write(f"{first}\nT99999,{first.split(',')[1]},,,,normal,bug,problem,no,\n")
    surveys = exports / "surveys.csv"
    lines = surveys.read_text(encoding="utf-8").splitlines()
    lines[-1] = lines[-1].rsplit(",", 1)[0] + ",n/a"
    surveys.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _month_ends(first: date, last: date) -> list[date]:
    """The day of the start, the first of each month after it, and the last day."""
    days = [first]
    while (following := (days[-1].replace(day=1) + timedelta(days=32)).replace(day=1)) < last:
        days.append(following)
    return [*days, last]


def _gzip(frame: pl.DataFrame, path: Path) -> None:
    """Compressed without a time stamp: the same rows are the same bytes."""
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as file:
        file.write(frame.write_csv().encode())


def _usage(sim: Simulated, people: People, book: Book) -> list[tuple[str, pl.DataFrame]]:
    """Daily counts per user and feature, one table per quarter.

    How a row says whose it is depends on the account, as when products grew together: two in three accounts
    by account and user id, some by e-mail address alone, some by user id alone. People with a second
    address use it on some days.
    """
    weeks = [_daily(sim, people, week) for week in range(sim.weeks)]
    rows = pl.concat([*weeks, _noise(sim, people)])
    users = pl.DataFrame(
        {
            "user": range(len(people.account)),
            "way": people.account % 6,
            "account_id": [book.ids[a] for a in people.account],
            "user_id": [crm.user_id(u) for u in range(len(people.account))],
            "email": [crm.email(people, book, u) for u in range(len(people.account))],
            "other": [crm.other_email(people, book, u) for u in range(len(people.account))],
            "second": people.second_email,
        }
    )
    known = rows.join(users, on="user", how="left")
    by_mail, by_user = pl.col("way") == 4, pl.col("way") == 5
    private = pl.col("second") & (pl.col("day") % 5 == 0)
    stranger = pl.col("stranger").is_not_null()
    named = known.select(
        "day",
        at=pl.col("day").cast(pl.Int32).cast(pl.Date),
        account_id=pl.when(~by_mail & ~by_user & ~stranger).then("account_id"),
        user_id=pl.when(~by_mail & ~stranger).then("user_id"),
        email=pl.when(stranger)
        .then("stranger")
        .when(by_mail)
        .then(pl.when(private).then("other").otherwise("email")),
        event="event",
        feature="feature",
        count="count",
        seconds="seconds",
    ).sort("day", "account_id", "user_id", "email", "event", "feature", nulls_last=True)
    quarter = pl.format("{}-Q{}", pl.col("at").dt.year(), pl.col("at").dt.quarter())
    parts = (
        named.drop("day")
        .with_columns(quarter=quarter)
        .partition_by("quarter", as_dict=True, include_key=False)
    )
    return [(str(key[0]), frame) for key, frame in parts.items()]


def _daily(sim: Simulated, people: People, week: int) -> pl.DataFrame:
    """Counts per user, day, event and feature."""
    return (
        week_events(sim, people, week)
        .group_by("user", "day", "event", "feature")
        .agg(count=pl.len().cast(pl.Int64), seconds=pl.col("seconds").sum())
        .select(
            "user",
            "day",
            event=pl.col("event").replace_strict(dict(enumerate(EVENTS)), return_dtype=pl.String),
            feature=pl.col("feature").replace_strict(dict(enumerate(FEATURES)), return_dtype=pl.String),
            count="count",
            seconds=pl.when(pl.col("seconds") > 0).then("seconds"),
            stranger=pl.lit(None, dtype=pl.String),
        )
        .sort("user", "day", "event", "feature")
    )


def _noise(sim: Simulated, people: People) -> pl.DataFrame:
    """Rows that are nobody's work: a monitor's heartbeat at three accounts, mails opened, two strangers."""
    rows: list[tuple[int, int, str, str | None, int, str | None]] = []
    for account in (2, 10, 31):
        if account < sim.accounts:
            user = int(people.first[account])
            rows += [(user, day, "api_heartbeat", None, 144, None) for day in _days(sim, account, 0, 7)]
    for account in range(0, sim.accounts, 4):
        user = int(people.first[account])
        rows += [(user, day, "email_opened", None, 1, None) for day in _days(sim, account, 9, 56)]
    for day in range(int(sim.starts[0]) + 30, int(sim.starts[-1]), 11):
        stranger = "visitor@unlisted-partner.example" if day % 2 else "crawler@indexer-bot.example"
        rows.append((-1, day, "feature_used", "dashboards", 3, stranger))
    gone = {e.since for e in sim.episodes if e.kind == "export_outage" and e.size == 1.0}
    rows = [row for row in rows if (row[1] - int(sim.starts[0])) // 7 not in gone]
    names = ["user", "day", "event", "feature", "count", "stranger"]
    frame = pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)
    return frame.select(
        "user", "day", "event", "feature", "count", seconds=pl.lit(None, dtype=pl.Int64), stranger="stranger"
    )


def _days(sim: Simulated, account: int, after: int, step: int) -> range:
    """Days of the account's life within the panel, `after` days from its first, every `step`."""
    first = int(max(sim.starts[0], sim.signup[account])) + after
    return range(first, int(min(sim.starts[-1] + 7, sim.churned[account])), step)


def _write_truth(sim: Simulated, people: People, book: Book, folder: Path) -> None:
    """What really is the case: per account, per episode, and who is who."""
    accounts = pl.DataFrame(
        {
            "account_id": book.ids,
            "name": book.names,
            "is_test": ["yes" if test else "no" for test in book.test],
        }
    )
    accounts.hstack(sim.truth).write_csv(folder / "accounts.csv")
    pl.DataFrame(
        {
            "kind": [e.kind for e in sim.episodes],
            "scope": [e.scope for e in sim.episodes],
            "first_day": [from_epoch_day(int(sim.starts[e.since])) for e in sim.episodes],
            "last_day": [from_epoch_day(int(sim.starts[e.until - 1]) + 6) for e in sim.episodes],
            "size": [round(e.size, 3) for e in sim.episodes],
        }
    ).write_csv(folder / "episodes.csv")
    crm.contacts(sim, people, book).select("user_id", "email", "account_id").sort(
        "user_id", "email"
    ).write_csv(folder / "people.csv")
