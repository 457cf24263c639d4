"""The face of this room: `load` makes Facts of the files that a workspace names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import cache as once
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
from msgspec import Struct
from msgspec.structs import replace

from segkit.columns import SOURCES
from segkit.errors import InputError, Problem
from segkit.facts.accounts.ledger import EMPTY, Snapshots, keep_snapshots, not_older
from segkit.facts.accounts.roster import roster_from, roster_of_seen
from segkit.facts.behind import Behind
from segkit.facts.by_hand.faults import begun
from segkit.facts.by_hand.lists import take_lists
from segkit.facts.coverage import Span, row_coverage, usage_coverage
from segkit.facts.excluded.consent import Consent
from segkit.facts.excluded.left_out import LeftOut
from segkit.facts.excluding import Entry, Retention
from segkit.facts.files.found import unfinished
from segkit.facts.horizon import choose, no_outage, periods_of, through_of
from segkit.facts.identity.behaviour import habits_of
from segkit.facts.identity.clusters import Clusters
from segkit.facts.identity.families import alone, mergers_of
from segkit.facts.identity.identify import Identity
from segkit.facts.identity.people import people_of
from segkit.facts.identity.settings import AS_USUAL, IdentityConfig
from segkit.facts.keyed import Hashed
from segkit.facts.mapping import SourceConfig
from segkit.facts.outcome import InputFile, count, digest, input_files, refused_rows, repeated_files
from segkit.facts.presets.forms import form_notes, form_problems
from segkit.facts.quality.early import usage_before_signup
from segkit.facts.quality.form import Measured, measure
from segkit.facts.quality.plausible import (
    churned_and_not,
    held_at_once,
    in_another_order,
    in_the_future,
    outside_its_term,
)
from segkit.facts.samples import AS_USUAL as HIDING
from segkit.facts.samples import Samples
from segkit.facts.sorting import Sorted, sort_out
from segkit.facts.taken import Taken, take
from segkit.facts.taking.store import FILE
from segkit.facts.terms import terms_for
from segkit.facts.types import Coverage, Facts, Fold, Roster, UsageFacts, Words
from segkit.periods import Calendar, epoch_day

__all__ = ["InputFile", "Loaded", "load"]


class Loaded(Struct, frozen=True):
    """Facts and everything to say about the files they came from."""

    facts: Facts
    rejected: Mapping[str, pl.DataFrame]
    """Source -> file, line, column, code, reason, raw of every refused row."""
    ledger: pl.DataFrame
    """Account snapshots to keep for ever (changed rows only)."""
    inputs: tuple[InputFile, ...]
    digest: str
    """Of accepted and refused rows up to as_of; the order of rows and files plays no part."""
    as_of_why: str
    notes: tuple[str, ...]
    problems: tuple[Problem, ...]
    """Warnings."""
    asides: tuple[str, ...]
    """What is worth knowing about the data and no warning."""
    looks: Mapping[str, Measured]
    """What the files of each source look like."""
    days: Mapping[str, pl.DataFrame]
    """Dated source -> day, rows that count, also after as_of."""
    matched: float | None
    """Share of usage rows whose account is known; None without usage."""
    unmatched: tuple[tuple[str, int], ...]
    """Domain or kind of id -> usage rows without an account, the top five."""
    identity: Identity
    """Whose the ids are, and how that came about."""
    persons: Clusters
    """Which ids are one human, by every list there is."""
    orphans: Mapping[str, pl.DataFrame]
    """Other source than usage -> raw_id, rows of rows of nobody."""
    habits: Callable[[], pl.DataFrame] | None
    """identity.behaviour.HABITS of everybody in the usage files, read anew; None without usage."""
    behind: Behind
    """The rows themselves, where somebody asks for those of an account."""
    files: Mapping[str, tuple[str, ...]]
    """Source -> names of its files, as identity.claims numbers them."""
    left_out: LeftOut
    """Accounts and people that are left out on purpose; how many rows, `facts.counts` says."""
    consent: Consent
    """Who said no and who agreed, as the files say it."""
    samples: Samples = HIDING
    """What may be shown of ids."""


def load(
    sources: Mapping[str, SourceConfig],
    *,
    exports: Path,
    calendar: Calendar,
    timezone: str,
    as_of: date | None,
    today: date,
    fold: Fold | None,
    cache: Path | None,
    ledger: pl.DataFrame | None,
    identity: IdentityConfig = AS_USUAL,
    quiet_days: int = 2,
    snapshot_grace: int = 3,
    exclude: Sequence[Entry] = (),
    retention: Retention | None = None,
    heard: Hashed | None = None,
    erased: Hashed | None = None,
    words: Words | None = None,
    samples: Samples = HIDING,
) -> Loaded:
    """`heard`: who said no in earlier runs. `erased`: whose rows are dropped for ever. `words`: those of the
    rules, for lists that name them. `samples`: what messages may show of a cell.

    Raises InputError with the problems of all files at once.
    """
    if not sources:
        raise InputError(Problem("D101", "no sources are declared", None, "name at least usage or accounts"))
    taken = take(sources, exports, terms_for(timezone, exclude, heard, erased, samples), cache, fold, ledger)
    chosen, span = choose(taken, calendar, as_of, today, quiet_days)
    end = calendar.end(chosen.period)
    first = chosen.first
    since = None if retention is None else calendar.start(calendar.index(retention.before(end)) + 1)
    if since is not None:
        first, span = max(first, calendar.index(since)), replace(span, first=max(span.first, since))
    periods = np.arange(min(first, chosen.period), chosen.period + 1, dtype=np.int32)
    contacts = taken.every_contact()
    crosswalk = taken.tables["crosswalk"].rows if "crosswalk" in taken.tables else None
    taken = taken.by(end + timedelta(days=snapshot_grace))
    snapshots = Snapshots(EMPTY if ledger is None else ledger)
    if taken.accounts is not None:
        snapshots, problems = keep_snapshots(taken.accounts, ledger, end)
        if problems:
            raise InputError(problems)
    if since is not None:
        snapshots = Snapshots(not_older(snapshots.ledger, epoch_day(since)))
    found = sort_out(
        taken,
        contacts,
        crosswalk,
        snapshots,
        keys=[key for config in sources.values() for key in config.keys],
        until=epoch_day(end),
        grace=snapshot_grace,
        config=identity,
        calendar=calendar,
        exclude=exclude,
        since=None if since is None else epoch_day(since),
        heard=heard,
    )
    roster = _roster(taken, found, periods, calendar, snapshot_grace)
    roster = replace(roster, on=roster.on & alone(found.identity.chain, roster.accounts, periods, calendar))
    lists = take_lists(taken.lists, found.left, roster, words, calendar, epoch_day(end))
    taken = replace(taken, lists=lists.tables)
    left_rows = {**found.left_rows, **lists.left_rows}
    looks = {name: measure(gathered) for name, gathered in taken.all.items()}
    facts = Facts(
        calendar=calendar,
        periods=periods,
        roster=roster,
        coverage=_coverage(taken, found.sieve.since, span, periods, calendar),
        mapping=found.mapping,
        people=people_of(found.tables.get("contacts"), found.identity.clusters.members, found.identity.named),
        tables={
            name: rows.drop(FILE, "_line", "raw_id")
            for name, rows in found.tables.items()
            if name != "crosswalk"
        },
        usage=_usage_facts(taken, found),
        counts=tuple(
            count(gathered, taken.excluded(name), left_rows.get(name, {}))
            for name, gathered in taken.all.items()
        ),
        mergers=mergers_of(found.identity.chain),
        pauses=lists.pauses,
        overrides=lists.overrides,
    )
    return Loaded(
        facts=facts,
        rejected={name: refused_rows(gathered) for name, gathered in taken.all.items()},
        ledger=found.left.without_refusing(snapshots.ledger),
        inputs=tuple(file for gathered in taken.all.values() for file in input_files(gathered)),
        digest=_digest(taken, found, facts.coverage, epoch_day(end)),
        as_of_why=chosen.why,
        notes=(
            *found.notes,
            *(note for gathered in taken.all.values() for note in repeated_files(gathered)),
            *form_notes([file for gathered in taken.all.values() for file in gathered.files]),
        ),
        problems=(
            *taken.warnings,
            *found.problems,
            *_early(found, roster, taken.terms.samples),
            *_of_files(taken),
            *_implausible(taken, found, looks, today),
        ),
        asides=tuple(aside for aside in (held_at_once(taken),) if aside),
        looks=looks,
        days=_days(taken),
        matched=found.matched.share,
        unmatched=found.matched.top,
        identity=found.identity,
        persons=found.persons,
        orphans=found.orphans,
        habits=partial(habits_of, taken.usage) if taken.usage else None,
        behind=Behind(
            taken.usage,
            found.sieve,
            found.mapping,
            found.tables,
            {name: each.files for name, each in taken.all.items()},
        ),
        files={name: tuple(file.name for file in each.files) for name, each in taken.all.items()},
        left_out=found.left,
        consent=found.consent,
        samples=samples,
    )


def _usage_facts(taken: Taken, found: Sorted) -> UsageFacts | None:
    """With who was there when as it was read already, where rows stay on their days."""
    if taken.usage is None or found.days is None:
        return None
    usage, sieve, presence = taken.usage.facts(found.days), found.sieve, found.presence
    if presence is None or not sieve.keeps_days:
        return usage
    return replace(usage, presence=once(lambda: sieve.of(presence).drop(FILE, "rows")))


def _digest(taken: Taken, found: Sorted, coverage: Mapping[str, Coverage], until: int) -> str:
    lists = {name: begun(table.rows, until) for name, table in taken.lists.items()}
    receipts = taken.receipts({**found.raw, **lists})
    if "usage" in receipts:
        back = pl.col("day") - found.sieve.ahead
        receipts = {**receipts, "usage": receipts["usage"].with_columns(back)}
    return digest(
        receipts,
        {name: gathered.refused for name, gathered in taken.all.items()},
        found.versions,
        found.mapping.join(found.seen_ids.to_frame("raw_id"), on="raw_id", how="semi"),
        found.left.people,
        coverage,
        taken.columns(),
        until,
    )


def _implausible(
    taken: Taken, found: Sorted, looks: Mapping[str, Measured], today: date
) -> tuple[Problem, ...]:
    return (
        *in_the_future(taken, today),
        *in_another_order(looks),
        *outside_its_term(taken),
        *churned_and_not(taken, found.versions),
    )


def _days(taken: Taken) -> Mapping[str, pl.DataFrame]:
    """Of all rows that count, whoever's they are."""
    days = {
        name: table.rows.group_by("day").agg(pl.len().alias("rows")).drop_nulls("day").sort("day")
        for name, table in taken.tables.items()
        if "day" in table.rows.columns
    }
    if taken.usage is not None:
        days["usage"] = taken.usage.receipts.select("day", "rows").drop_nulls("day").sort("day")
    return {name: days[name] for name in SOURCES if name in days}


def _early(found: Sorted, roster: Roster, samples: Samples) -> tuple[Problem, ...]:
    if found.days is None:
        return ()
    return usage_before_signup(found.days, found.mapping, roster, found.matched.first_seen, samples)


def _roster(
    taken: Taken,
    found: Sorted,
    periods: npt.NDArray[np.int32],
    calendar: Calendar,
    grace: int,
) -> Roster:
    seen = [found.matched.first_seen.select("account_id", pl.col("day").cast(pl.Int32))]
    if taken.usage is None:
        seen += [rows.select("account_id", "day") for rows in found.tables.values() if "day" in rows.columns]
    whole = pl.concat(seen).drop_nulls().group_by("account_id").agg(pl.col("day").min()).sort("account_id")
    if taken.accounts is not None:
        return roster_from(found.versions, whole, periods, calendar, grace)
    return roster_of_seen(whole, periods, calendar)


def _coverage(
    taken: Taken,
    since: int | None,
    span: Span,
    periods: npt.NDArray[np.int32],
    calendar: Calendar,
) -> Mapping[str, Coverage]:
    found: dict[str, Coverage] = {}
    if taken.usage is not None:
        days = taken.usage.receipts["day"].drop_nulls().to_numpy()
        declared = no_outage(taken.usage.gathered, calendar)
        found["usage"] = usage_coverage(span, periods, periods_of(days, calendar), declared)
    for name, table in taken.tables.items():
        if "day" in table.rows.columns:
            through, _ = through_of(table.gathered)
            days = table.rows["day"].drop_nulls().to_numpy()
            days = days if since is None else days[days >= since]
            found[name] = row_coverage(name, days, SOURCES[name].cadence_days, through, periods, calendar)
    return found


def _of_files(taken: Taken) -> list[Problem]:
    """What is odd about files, though they were read."""
    found: list[Problem] = []
    for gathered in taken.all.values():
        cut = (unfinished(file, gathered.config.encoding) for file in gathered.files)
        found += [problem for problem in cut if problem is not None]
        found += form_problems(gathered.files)
    return found
