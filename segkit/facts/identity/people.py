"""Several ids and addresses of one human -> one person."""

from __future__ import annotations

from typing import TypeGuard

import polars as pl

from segkit.facts.identity.clusters import Clusters, joined, together
from segkit.facts.identity.ids import prefixed

PEOPLE = {
    "user_key": pl.String,
    "person": pl.String,
    "from_day": pl.Int32,
    "department": pl.String,
    "is_key": pl.Boolean,
    "deactivated_day": pl.Int32,
    "account_id": pl.String,
}


def people_of(contacts: pl.DataFrame | None, members: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    """One line per user key (`user:7`, `email:x@y.z`) of the contacts, and those of people known by name.

    contacts: user_id, email, account_id (resolved), department, is_key, deactivated_at as far as given. Of
    several rows of one key the newest created_at speaks, then the first in the order of all values. members:
    clusters.Clusters.members of the contacts. named: names.persons_by_name.
    """
    listed = _listed(contacts, members)
    brought = named.join(listed, on="user_key", how="anti")
    return pl.concat([listed, brought], how="diagonal").select(*PEOPLE).sort("user_key", "from_day")


def _listed(contacts: pl.DataFrame | None, members: pl.DataFrame) -> pl.DataFrame:
    if contacts is None or contacts.is_empty():
        return pl.DataFrame(schema=PEOPLE)
    given = contacts.columns
    values = sorted(name for name in given if name not in ("created_at", "_line", "_file"))
    dated = ["created_at"] if "created_at" in given else []
    newest = contacts.sort(
        [*dated, *values], descending=[True] * len(dated) + [False] * len(values), nulls_last=True
    )
    facts = {
        "department": pl.col("department") if "department" in given else pl.lit(None, pl.String),
        "is_key": pl.col("is_key") if "is_key" in given else pl.lit(None, pl.Boolean),
        "deactivated_day": pl.col("deactivated_at").to_physical().cast(pl.Int32)
        if "deactivated_at" in given
        else pl.lit(None, pl.Int32),
        "account_id": pl.col("account_id") if "account_id" in given else pl.lit(None, pl.String),
    }
    keys = [
        newest.filter(pl.col(name).is_not_null()).select(
            prefixed(name).alias("user_key"),
            *(expression.alias(column) for column, expression in facts.items()),
        )
        for name in ("user_id", "email")
        if name in given
    ]
    whole = pl.concat(keys).unique("user_key", keep="first", maintain_order=True)
    return (
        whole.join(
            members.select(user_key="id", person="person"), on="user_key", how="left", maintain_order="left"
        )
        .with_columns(pl.coalesce("person", "user_key").alias("person"), pl.lit(None).alias("from_day"))
        .select(*PEOPLE)
        .cast(PEOPLE)  # type: ignore[arg-type]
    )


def one_person(contacts: pl.DataFrame | None, crosswalk: pl.DataFrame | None, seen: pl.Series) -> Clusters:
    """Which ids are one human: what leaves out or erases one of them means all.

    Joined by the rows of contacts and of the crosswalk that name two of them, whatever their dates. seen: ids
    that occur anywhere; a user id that is an address is that address, too.
    """
    pairs = together(contacts, crosswalk)
    listed = [
        rows.select(prefixed("user_id")).to_series() for rows in (contacts, crosswalk) if _has_users(rows)
    ]
    ids = pl.concat([each.alias("one") for each in (*listed, seen)]).drop_nulls().unique().to_frame()
    address = pl.col("one").str.strip_prefix("user:").str.to_lowercase()
    users = ids.filter(pl.col("one").str.contains("^user:.*@"))
    return joined(pl.concat([pairs, users.with_columns(other="email:" + address)]))


def _has_users(rows: pl.DataFrame | None) -> TypeGuard[pl.DataFrame]:
    return rows is not None and "user_id" in rows.columns
