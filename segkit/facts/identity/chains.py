"""Accounts that became another, or belong below another: followed to the one that counts, day by day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

import polars as pl
from msgspec import Struct

from segkit.facts.accounts.ledger import DAY, ID, PRESENT
from segkit.facts.identity.ids import MAPPING

CHAIN = {
    "account_id": pl.String,
    "from_day": pl.Int32,
    "to_day": pl.Int32,
    "into": pl.String,
    "how": pl.String,
}
"""Which account counts for another on which days: `into` is the account itself where it stands alone, `how`
is null then. Every account that is ever moved has lines for all days."""
LINKS = {
    "account_id": pl.String,
    "into": pl.String,
    "from_day": pl.Int32,
    "to_day": pl.Int32,
    "how": pl.String,
}
"""One step: `how` is `merged` or `child`."""
_EVER = 10**9


class Chains(Struct, frozen=True):
    """chain: see CHAIN. circles: accounts that lead back to themselves and are left alone, sorted."""

    chain: pl.DataFrame
    circles: tuple[str, ...] = ()


def merges(aliases: pl.DataFrame) -> pl.DataFrame:
    """LINKS of claims on `account:…` ids; two that say different things of one day say nothing."""
    links = aliases.select(
        pl.col("raw_id").str.strip_prefix("account:").alias("account_id"),
        pl.col("account_id").alias("into"),
        "from_day",
        "to_day",
        pl.lit("merged").alias("how"),
    )
    return links.filter(pl.col("account_id") != pl.col("into"))


def parents(versions: pl.DataFrame) -> pl.DataFrame:
    """LINKS from each account to its parent, as long as snapshots name both.

    versions: snapshot_day, account_id, present, parent_id. The earliest snapshot also holds before its date.
    """
    if "parent_id" not in versions.columns:
        return pl.DataFrame(schema=LINKS)
    opening = versions[DAY].min()
    spans = versions.sort(ID, DAY).select(
        ID,
        PRESENT,
        "parent_id",
        begin=pl.when(pl.col(DAY) > opening).then(pl.col(DAY)).otherwise(-_EVER).cast(pl.Int32),
        end=(pl.col(DAY).shift(-1).over(ID) - 1).fill_null(_EVER).cast(pl.Int32),
    )
    here = spans.filter(PRESENT)
    named = here.filter(pl.col("parent_id").is_not_null() & (pl.col("parent_id") != pl.col(ID)))
    both = named.join(here.select(parent_id=ID, since="begin", until="end"), on="parent_id")
    both = both.with_columns(
        begin=pl.max_horizontal("begin", "since"), end=pl.min_horizontal("end", "until")
    ).filter(pl.col("begin") <= pl.col("end"))
    return both.select(
        ID,
        into="parent_id",
        from_day=pl.when(pl.col("begin") > -_EVER).then(pl.col("begin")),
        to_day=pl.when(pl.col("end") < _EVER).then(pl.col("end")),
        how=pl.lit("child"),
    ).sort(ID, "from_day", nulls_last=False)


def follow(links: pl.DataFrame) -> Chains:
    """Each linked account to the end of its chain on every day; a circle moves nobody."""
    if links.is_empty():
        return Chains(pl.DataFrame(schema=CHAIN))
    steps: dict[str, list[tuple[int, int, str, str]]] = defaultdict(list)
    for account, into, begin, end, how in links.sort(*LINKS, nulls_last=False).iter_rows():
        steps[account].append((-_EVER if begin is None else begin, _EVER if end is None else end, into, how))
    rows: list[tuple[str, int, int, str, str | None]] = []
    circles: set[str] = set()
    for account in sorted(steps):
        for begin, end in _cells(account, steps):
            found = _end(account, begin, steps)
            if found is None:
                circles.add(account)
            into, how = found or (account, None)
            rows.append((account, begin, end, into, how))
    frame = pl.DataFrame(rows, schema=CHAIN, orient="row")
    return Chains(_joined(frame), tuple(sorted(circles)))


def composed(mapping: pl.DataFrame, chain: pl.DataFrame) -> pl.DataFrame:
    """The mapping with every account replaced by the one that counts for it on the day."""
    if chain.is_empty():
        return mapping
    rows = mapping.join(chain.select("account_id").unique(), on="account_id", how="semi")
    both = rows.join(chain, on="account_id", suffix="_link").with_columns(
        from_day=pl.max_horizontal("from_day", "from_day_link"),
        to_day=pl.min_horizontal("to_day", "to_day_link"),
    )
    both = both.filter((pl.col("from_day") <= pl.col("to_day")).fill_null(True))
    words = pl.when(pl.col("how") == "merged").then(pl.lit("merged into")).otherwise(pl.lit("child of"))
    moved = both.select(
        "raw_id",
        pl.col("into").alias("account_id"),
        "from_day",
        "to_day",
        pl.when(pl.col("how").is_null())
        .then("evidence")
        .otherwise(pl.format("{}; {} {} {}", "evidence", "account_id", words, "into"))
        .alias("evidence"),
    ).cast(MAPPING)  # type: ignore[arg-type]
    rest = mapping.join(
        chain.select("account_id").unique(), on="account_id", how="anti", maintain_order="left"
    )
    return pl.concat([rest, moved]).sort("raw_id", "from_day", nulls_last=False)


def newest(chain: pl.DataFrame) -> pl.DataFrame:
    """account_id, into: where moved accounts count now."""
    return chain.filter(pl.col("to_day").is_null()).select("account_id", "into")


def _cells(account: str, steps: dict[str, list[tuple[int, int, str, str]]]) -> Iterator[tuple[int, int]]:
    """Spans between the days on which anything changes for the account, over all time."""
    seen, waiting, cuts = {account}, [account], {-_EVER, _EVER + 1}
    while waiting:
        for begin, end, into, _ in steps.get(waiting.pop(), ()):
            cuts |= {begin, end + 1}
            if into not in seen:
                seen.add(into)
                waiting.append(into)
    ordered = sorted(cuts)
    return ((one, other - 1) for one, other in pairwise(ordered))


def _end(
    account: str, day: int, steps: dict[str, list[tuple[int, int, str, str]]]
) -> tuple[str, str | None] | None:
    """The last account of the chain on a day and how it was first left; None for a circle.

    A merge comes before a parent; two different steps of one kind on one day are none.
    """
    seen, now, how = {account}, account, None
    while True:
        open_steps = [step for step in steps.get(now, ()) if step[0] <= day <= step[1]]
        into = ""
        for kind in ("merged", "child"):
            targets = {step[2] for step in open_steps if step[3] == kind}
            if len(targets) == 1:
                into, how = targets.pop(), how or kind
                break
        if not into:
            return now, how
        if into in seen:
            return None
        seen.add(into)
        now = into


def _joined(frame: pl.DataFrame) -> pl.DataFrame:
    """Neighbouring spans with one answer as one, open at both ends of time."""
    same = pl.all_horizontal(
        pl.col(name).eq_missing(pl.col(name).shift(1)) for name in ("account_id", "into", "how")
    )
    runs = frame.with_columns((~same.fill_null(False)).cum_sum().alias("run"))
    whole = runs.group_by("run", maintain_order=True).agg(
        pl.col("account_id", "from_day", "into", "how").first(), pl.col("to_day").last()
    )
    return whole.select(
        "account_id",
        pl.when(pl.col("from_day") > -_EVER).then(pl.col("from_day")).alias("from_day"),
        pl.when(pl.col("to_day") < _EVER).then(pl.col("to_day")).alias("to_day"),
        "into",
        "how",
    ).cast(CHAIN)  # type: ignore[arg-type]
