"""Several ids and addresses of one human -> one person."""

from __future__ import annotations

import polars as pl

PEOPLE = {
    "user_key": pl.String,
    "person": pl.String,
    "department": pl.String,
    "is_key": pl.Boolean,
    "deactivated_day": pl.Int32,
    "account_id": pl.String,
}


def people_of(contacts: pl.DataFrame | None) -> pl.DataFrame:
    """One line per user key (`user:7`, `email:x@y.z`) of the contacts, sorted.

    A person is named by the smallest user id that is joined to the key.

    Contacts: user_id, email, account_id (resolved), department, is_key, deactivated_at as far as given. Of
    several rows of one key the newest created_at speaks, then the first in the order of all values.
    """
    if contacts is None or contacts.is_empty():
        return pl.DataFrame(schema=PEOPLE)
    given = contacts.columns
    newest = contacts.sort(
        ["created_at", *(n for n in sorted(given) if n not in ("created_at", "_line", "_file"))]
        if "created_at" in given
        else sorted(n for n in given if n not in ("_line", "_file")),
        descending=[True, *[False] * (len([n for n in given if n not in ("_line", "_file")]) - 1)]
        if "created_at" in given
        else False,
        nulls_last=True,
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
            pl.concat_str(pl.lit(f"{prefix}:"), name).alias("user_key"),
            *(expression.alias(column) for column, expression in facts.items()),
        )
        for name, prefix in (("user_id", "user"), ("email", "email"))
        if name in given
    ]
    whole = pl.concat(keys).unique("user_key", keep="first", maintain_order=True)
    persons = joined_ids(contacts)
    return (
        whole.join(persons, on="user_key", how="left", maintain_order="left")
        .with_columns(pl.coalesce("person", "user_key").alias("person"))
        .select(*PEOPLE)
        .cast(PEOPLE)  # type: ignore[arg-type]
        .sort("user_key")
    )


def joined_ids(contacts: pl.DataFrame) -> pl.DataFrame:
    """user_key, person for ids that occur together with an address."""
    schema = {"user_key": pl.String, "person": pl.String}
    if not {"user_id", "email"} <= set(contacts.columns):
        return pl.DataFrame(schema=schema)
    pairs = (
        contacts.filter(pl.col("user_id").is_not_null() & pl.col("email").is_not_null())
        .select(
            pl.concat_str(pl.lit("user:"), "user_id"), pl.concat_str(pl.lit("email:"), "email").alias("mail")
        )
        .unique()
        .sort("literal", "mail")
    )
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        while (up := parent.setdefault(key, key)) != key:
            parent[key] = parent[up]
            key = parent[key]
        return key

    for user, mail in pairs.iter_rows():
        one, other = sorted((root(user), root(mail)), reverse=True)
        parent[other] = one
    members = [(key, root(key)) for key in parent]
    # The name of a person is the smallest user id among the ids joined, so that it does not depend on order.
    names: dict[str, str] = {}
    for key, top in members:
        if key.startswith("user:"):
            names[top] = min(names.get(top, key), key)
    return pl.DataFrame([(key, names[top]) for key, top in members], schema=schema, orient="row")
