"""Are the exports whole and new? Judged before anything is decided, also where nothing else is new."""

from __future__ import annotations

from datetime import timedelta
from statistics import median

import polars as pl

from segkit.columns import SOURCES
from segkit.errors import Tripped
from segkit.facts.accounts.ledger import DAY, ID, PRESENT
from segkit.periods import epoch_day
from segkit.runs.folders.history import Published
from segkit.runs.guards.case import SETTLED, Delivery

LOST, REFUSED, EMPTY, AGE = "lost_rows", "refused_rows", "empty_export", "max_age"
LOST_SHARE, LEAST_LOST = 0.2, 3
ROSTERS, MANY_LOST = ("accounts", "contacts"), 20
"""Sources that list who is there: of so many that are gone, one run before is enough to know."""
REFUSED_SHARE, LEAST_REFUSED = 0.05, 10
NEVER_EMPTY = ("accounts", "contacts", "usage", "measures")
"""Sources of which a new file without a single row is a broken export."""
PATIENCE = {"day": 2, "week": 7, "month": 28}
"""Days by which the newest row may be older than it usually is: the next period must not be over by then."""


def lost_rows(delivery: Delivery) -> Tripped | None:
    """A source has far fewer rows than in the last run: accounts in its newest snapshot, of dated sources
    those of the time that is published."""
    past = delivery.past
    if past is None:
        return None
    found = []
    for source, (before, now) in sizes(delivery, past).items():
        if delivery.settled is None and (source not in ROSTERS or before - now < MANY_LOST):
            continue
        written = delivery.limits.of_source(LOST, source)
        limit = LOST_SHARE if written is None else written
        if before - now >= LEAST_LOST and before - now > limit * before:
            found.append((source, before, now, limit))
    if not found:
        return None
    return Tripped(
        LOST,
        saw="; ".join(
            f"{source} has {now:,} rows, {before:,} in the last run (-{1 - now / before:.1%})"
            for source, before, now, _ in found
        ),
        expected="; ".join(f"at most {limit:.0%} fewer" for limit in dict.fromkeys(one[3] for one in found)),
        what_to_do="look whether the export was filtered or cut off, export again and run again; if so many "
        "are really gone, accept it",
    )


def refused_rows(delivery: Delivery) -> Tripped | None:
    """Too many of the rows of a source, or of its files that are new, were refused."""
    found = []
    for count in delivery.facts.counts:
        if SOURCES[count.source].kept:
            continue  # A slip in a list kept by hand is told, and costs its row.
        written = delivery.limits.of_source(REFUSED, count.source)
        limit = REFUSED_SHARE if written is None else written
        new = _new_files(delivery, count.source)
        read = sum(rows for name, rows in new.items())
        refused = _refused_in(delivery, count.source, set(new))
        for part, whole, which in (
            (count.rejected, count.read, "rows"),
            (refused, read, f"rows of {', '.join(sorted(new)[:3])}{' …' * (len(new) > 3)}"),
        ):
            few = part < LEAST_REFUSED and part < whole
            if part and not few and part > limit * whole:
                found.append((count.source, part, whole, which, limit))
                break
    if not found:
        return None
    return Tripped(
        REFUSED,
        saw="; ".join(
            f"{source}: {part:,} of {whole:,} {which} are refused ({part / whole:.1%})"
            for source, part, whole, which, _ in found
        ),
        expected=f"at most {', '.join(dict.fromkeys(f'{one[4]:.0%}' for one in found))}",
        what_to_do="rejected/ says of each row why: mend the export, or say in segkit.yaml how it is "
        "written; if the rest is enough, accept it",
    )


def empty_export(delivery: Delivery) -> Tripped | None:
    """A file that is new since the last run holds a header and no rows."""
    if delivery.past is None:
        return None
    found = [
        name for source in NEVER_EMPTY for name, rows in _new_files(delivery, source).items() if not rows
    ]
    if not found:
        return None
    return Tripped(
        EMPTY,
        saw=f"new and without a row: {', '.join(found)}",
        expected="rows in every new file",
        what_to_do="export again and run again, or remove the file; if nothing happened then, accept it",
    )


def max_age(delivery: Delivery) -> Tripped | None:
    """The newest row of a source is older than it may be on the day of the run."""
    found = []
    for source in delivery.loaded.days.keys() | {"accounts"}:
        age, limit = delivery.age(source), _age_limit(delivery, source)
        if age is not None and limit is not None and age > limit:
            found.append((source, delivery.today - timedelta(days=age), limit))
    if not found:
        return None
    found.sort()
    return Tripped(
        AGE,
        saw="; ".join(f"the newest row of {source} is of {newest}" for source, newest, _ in found),
        expected="; ".join(
            f"none older than {limit:.0f} days on the day of the run: after {newest + timedelta(days=limit)} "
            "a newer one"
            for _, newest, limit in found
        ),
        what_to_do="look why no new export came, and run again; if there is none, accept it",
    )


def _age_limit(delivery: Delivery, source: str) -> float | None:
    """What is written; else, of the deciding source, a period more than it was in the last runs."""
    own = delivery.limits.sources.get(source)
    if own is not None and own.max_age is not None:
        return own.max_age
    if source != delivery.deciding:
        return None
    if delivery.limits.max_age is not None:
        return delivery.limits.max_age
    head = delivery.head
    if head is None or head.runs < SETTLED or len(head.ages) < SETTLED:
        return None
    return median(head.ages) + PATIENCE[delivery.facts.calendar.unit] - 1


def sizes(delivery: Delivery, past: Published) -> dict[str, tuple[int, int]]:
    """Source -> rows in the last run, and now."""
    now = delivery.rows | {source: delivery.rows_to(source, past.as_of) for source in delivery.counted}
    found = {
        source: (before, now[source])
        for source, before in past.rows.items()
        if source in now and source != "accounts" and not SOURCES[source].kept
    }
    ledger = past.ledger()
    if ledger is not None and delivery.loaded.ledger.width:
        found["accounts"] = (
            listed(ledger, epoch_day(past.as_of) + delivery.grace),
            listed(delivery.loaded.ledger, epoch_day(delivery.facts.as_of) + delivery.grace),
        )
    return found


def listed(ledger: pl.DataFrame, until: int) -> int:
    """Accounts in the newest snapshot up to a day."""
    known = ledger.filter(pl.col(ID).is_not_null() & (pl.col(DAY) <= until)).sort(DAY)
    return int(known.unique(ID, keep="last")[PRESENT].sum())


def _new_files(delivery: Delivery, source: str) -> dict[str, int]:
    """Name -> rows of the files that the last run did not read."""
    past = delivery.past
    before = past.inputs.get(source, frozenset()) if past else frozenset()
    files = (file for file in delivery.loaded.inputs if file.source == source)
    return {file.name: file.rows for file in files if file.sha256 not in before}


def _refused_in(delivery: Delivery, source: str, names: set[str]) -> int:
    refused = delivery.loaded.rejected.get(source)
    return 0 if refused is None else int(refused["file"].is_in(list(names)).sum())
