"""Accepted rows sorted out: whose each is, which are left out on purpose, which are not known yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import polars as pl
from msgspec import Struct
from msgspec.structs import replace

from segkit.errors import InputError, Problem
from segkit.facts.accounts.ledger import DAY, ID, Snapshots
from segkit.facts.accounts.zones import AccountZones
from segkit.facts.excluded.consent import Consent, consent_of
from segkit.facts.excluded.left_out import (
    NO_PEOPLE,
    REASON,
    LeftOut,
    newest_versions,
    user_keys,
    who_is_left_out,
)
from segkit.facts.excluded.sieve import Sieve
from segkit.facts.excluded.times import Times
from segkit.facts.excluding import Entry
from segkit.facts.identity.clusters import Clusters
from segkit.facts.identity.families import renamed, rolled_up
from segkit.facts.identity.identify import Identity, identify
from segkit.facts.identity.people import one_person
from segkit.facts.identity.resolve import not_dated, resolve
from segkit.facts.identity.settings import IdentityConfig
from segkit.facts.kept import Kept, keep
from segkit.facts.keyed import Hashed
from segkit.facts.presence import first_days
from segkit.facts.quality.unmatched import Matched, id_totals, match_usage
from segkit.facts.rawids import USER, addresses_beside, settled, settled_rows
from segkit.facts.rows.marks import FURTHEST
from segkit.facts.tables import Table
from segkit.facts.taken import Taken
from segkit.facts.usage import SiftedDays, Usage
from segkit.periods import Calendar

FOR_EVER = 2**30
"""A day after every other."""


class Sorted(Struct, frozen=True):
    """versions, tables, days: of accounts and people that count, known by as_of; tables with account_id."""

    versions: pl.DataFrame
    tables: Mapping[str, pl.DataFrame]
    raw: Mapping[str, pl.DataFrame]
    """The same rows of the tables as they were read."""
    days: SiftedDays | None
    """Of usage; None without it."""
    presence: pl.DataFrame | None
    """facts.presence of usage as it is kept, up to as_of; None: not read, or with rows of later days."""
    sieve: Sieve
    mapping: pl.DataFrame
    seen_ids: pl.Series
    matched: Matched
    left: LeftOut
    left_rows: Mapping[str, Mapping[str, int]]
    """Source -> reason -> accepted rows that are left out."""
    consent: Consent
    identity: Identity
    persons: Clusters
    """Ids of one person by every list, whatever its date."""
    orphans: Mapping[str, pl.DataFrame]
    """Other source than usage -> raw_id, rows of rows of nobody."""
    notes: tuple[str, ...]
    problems: tuple[Problem, ...]


def sort_out(
    taken: Taken,
    contacts: pl.DataFrame | None,
    crosswalk: pl.DataFrame | None,
    snapshots: Snapshots,
    *,
    keys: Iterable[str],
    until: int,
    grace: int,
    config: IdentityConfig,
    calendar: Calendar,
    exclude: Sequence[Entry],
    since: int | None,
    heard: Hashed | None,
) -> Sorted:
    """contacts, crosswalk: rows of every list (consent.LIST). since: the first epoch day that may be kept.

    Raises InputError where nobody is left.
    """
    # The earliest snapshot also holds before its date.
    known_by = (pl.col(DAY) <= until + grace) | (pl.col(DAY) == pl.col(DAY).min())
    versions = snapshots.versions.filter(known_by)
    # The day after as_of may still be as_of at an account.
    around = until + FURTHEST * bool(taken.terms.zones)
    by_day = bool(taken.terms.zones) or since is not None or any(entry.by_time for entry in exclude)
    presence = None if taken.usage is None or by_day else taken.usage.presence(FOR_EVER)
    usage = None if taken.usage is None else _rows_by_id(taken.usage, presence)
    parts = taken.usage.parts(usage) if taken.usage and usage is not None else None
    in_time = usage
    if taken.usage is not None and presence is not None and _later(taken.usage, around):
        presence = taken.usage.presence(around)
        in_time = first_days(presence)
    days = None if in_time is None else Sieve(around, parts).of(in_time)
    seen = {name: _until(table.rows, around) for name, table in taken.tables.items()}
    ids = _all_raw_ids(seen, days, parts)
    listed = taken.accounts is not None
    known = _known_accounts(versions, ids, seen, listed)
    # Whose an id is does not hang on the date of the row that says so: it may be used before a contract.
    every = {name: table.rows for name, table in taken.tables.items()}
    names = Sieve(until, parts).of(taken.usage.names()) if taken.usage else None
    identity = identify(
        known, versions, every, keys, ids, config, names, calendar, grace, taken.terms.samples
    )
    if taken.usage is not None and not by_day and not not_dated(identity.mapping):
        usage = taken.usage.days()
        days = Sieve(around, parts).of(usage)
    known_ids = identity.mapping["raw_id"]
    taken = replace(taken, tables={name: _settled(table, known_ids) for name, table in taken.tables.items()})
    parts = None if parts is None else settled(parts, known_ids)
    people = user_keys(every, contacts, ids, parts) if taken.terms.by_person else NO_PEOPLE
    persons = one_person(contacts, crosswalk, pl.concat([people, ids.alias("user_key")]))
    together = persons.members.rename({"id": "user_key"})
    consent = consent_of(snapshots.versions, contacts, together, heard)
    left, unused = who_is_left_out(
        versions, _named(known, ids), together, people, consent, exclude, taken.dropped, taken.terms.samples
    )
    kept = keep(taken, usage, parts, identity.mapping, left)
    mapping = left.without_accounts(identity.mapping)
    versions = left.without_accounts(renamed(versions, identity.chain))
    if config.children == "rolled_up":
        versions = rolled_up(versions, identity.chain)
    if left.accounts.height and (versions if listed else mapping).is_empty():
        raise InputError(
            Problem("D103", "every account is left out: there is nobody to decide", None, "see exclude:")
        )
    zones = AccountZones.of(versions, taken.terms.zones)
    times = Times.of(newest_versions(versions), exclude, since)
    sieve = Sieve(until, parts, kept.gone, None if zones is None else zones.by_id(mapping))
    late_or_early = _by_time(usage, replace(sieve, until=FOR_EVER), mapping, times)
    sieve = replace(sieve, since=since, lives=times.by_id(mapping))
    days = sieve.of(usage) if usage is not None and (sieve.changes or parts is not None) else days
    seen, tables, counts = _tables(taken, kept, mapping, zones, times, until, around)
    left_rows = {name: Counter(kept.counts.get(name, {})) + counts[name] for name in counts}
    left_rows["usage"] = Counter(kept.counts.get("usage", {})) + late_or_early
    matched = match_usage(
        taken.usage, _for_matching(days, identity.mapping), identity.mapping, listed, left.accounts
    )
    return Sorted(
        versions=versions,
        tables=tables,
        raw=seen,
        days=None if taken.usage is None else SiftedDays(taken.usage, sieve),
        presence=None if around > until else presence,
        sieve=sieve,
        mapping=mapping,
        seen_ids=ids,
        matched=matched,
        left=left,
        left_rows={**kept.counts, **left_rows},
        consent=consent,
        identity=identity,
        persons=persons,
        orphans={name: _nobodys(rows) for name, rows in tables.items() if name != "crosswalk"},
        notes=(*identity.notes, *matched.notes),
        problems=(*matched.problems, *unused),
    )


def _rows_by_id(usage: Usage, presence: pl.DataFrame | None) -> pl.DataFrame:
    """FILE, raw_id, day, rows: a line per id and day, or fewer lines where its first days will do."""
    return usage.days() if presence is None else first_days(presence)


def _later(usage: Usage, until: int) -> bool:
    """Whether some row lies after the day `until`."""
    last = usage.receipts["day"].max()
    return isinstance(last, int) and last > until


def _by_time(usage: pl.DataFrame | None, sieve: Sieve, mapping: pl.DataFrame, times: Times) -> Counter[str]:
    """Reason -> usage rows that are left out for their day."""
    if usage is None or not times.any:
        return Counter()
    rows = resolve(sieve.of(usage), mapping, "day")
    told = rows.select("rows", times.reasons("usage", rows)).drop_nulls(REASON)
    return Counter(dict(told.group_by(REASON).agg(pl.col("rows").sum()).iter_rows()))


def _tables(
    taken: Taken,
    kept: Kept,
    mapping: pl.DataFrame,
    zones: AccountZones | None,
    times: Times,
    until: int,
    around: int,
) -> tuple[dict[str, pl.DataFrame], dict[str, pl.DataFrame], dict[str, Counter[str]]]:
    """Rows of each small source that count and are known by `until`, as read and with their account.

    And how many of each are left out for their day.
    """
    raw: dict[str, pl.DataFrame] = {}
    whose: dict[str, pl.DataFrame] = {}
    counts: dict[str, Counter[str]] = {}
    for name, rows in kept.tables.items():
        rows = rows if times.any else _until(rows, around)
        found = resolve(rows, mapping, "day" if "day" in rows.columns else None)
        if zones is not None:
            found = zones.localized(name, list(taken.all[name].config.attributes), found)
        why = times.reasons(name, found)
        counts[name] = Counter(why.drop_nulls().to_list())
        count = why.is_null() & (found["day"] <= until if "day" in found.columns else True)
        raw[name], whose[name] = _until(rows.filter(count), around), _until(found.filter(count), around)
    return raw, whose, counts


def _nobodys(rows: pl.DataFrame) -> pl.DataFrame:
    lost = rows.filter(pl.col("account_id").is_null() & pl.col("raw_id").is_not_null())
    return lost.group_by("raw_id").agg(pl.len().cast(pl.Int64).alias("rows"))


def _for_matching(days: pl.DataFrame | None, mapping: pl.DataFrame) -> pl.DataFrame | None:
    return id_totals(days) if days is not None and not_dated(mapping) else days


def _until(rows: pl.DataFrame, until: int) -> pl.DataFrame:
    """Rows that are known by the epoch day `until`."""
    if "day" in rows.columns:
        return rows.filter(pl.col("day") <= until)
    if "created_at" in rows.columns:
        created = pl.col("created_at").to_physical().cast(pl.Int32)
        return rows.filter(created.is_null() | (created <= until))
    return rows


def _settled(table: Table, known: pl.Series) -> Table:
    return replace(table, rows=settled_rows(table.rows, known))


def _all_raw_ids(
    tables: Mapping[str, pl.DataFrame], usage: pl.DataFrame | None, parts: pl.DataFrame | None
) -> pl.Series:
    """Whose rows are, and the addresses beside users."""
    found = [rows["raw_id"].unique() for rows in tables.values()]
    found += [addresses_beside(rows) for rows in tables.values()]
    if parts is not None:
        found.append(parts.filter(pl.col("who").str.starts_with(USER))["people"].explode())
    if usage is not None:
        found.append(usage["raw_id"].unique().cast(pl.String))
    return (
        pl.concat(found).unique().drop_nulls().sort() if found else pl.Series("raw_id", [], dtype=pl.String)
    )


def _known_accounts(
    versions: pl.DataFrame, ids: pl.Series, tables: Mapping[str, pl.DataFrame], listed: bool
) -> list[str]:
    """Ids that accounts lists; without that source every account id seen anywhere."""
    if listed:
        return versions[ID].unique().sort().to_list()
    named = [_account_ids(ids)]
    named += [rows["account_id"].drop_nulls() for rows in tables.values() if "account_id" in rows.columns]
    return pl.concat(named).unique().sort().to_list()


def _account_ids(ids: pl.Series) -> pl.Series:
    return ids.filter(ids.str.starts_with("account:")).str.slice(len("account:"))


def _named(known: Sequence[str], ids: pl.Series) -> list[str]:
    """Account ids that exclude: may mean: the known ones, and those that rows name."""
    return pl.concat([pl.Series(known, dtype=pl.String), _account_ids(ids)]).unique().sort().to_list()
