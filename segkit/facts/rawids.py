"""The id under which a usage row is kept, when it must tell more than whose the row is.

`account:A1` as a rule. Behind a user's id stands, after PERSON, the address beside it, in case nobody knows
the user: exports of a product name both, and of many accounts only the domain is known. Where people are left
out one by one it is `account:A1` and, each behind PERSON, the further ids of people in the row, so that a
person can be left out of tables that are folded already. Where accounts have time zones of their own, the
mark of the row (see marks) stands behind ZONE.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import polars as pl

from segkit.facts.identity.ids import prefixed

PERSON, ZONE = "\x1e", "\x1f"
"""Before each further id, and before the mark; ids lose such characters when they are joined."""
_SIGNS = f"[{PERSON}{ZONE}]"
USER = "user:"
PEOPLE = ("user_id", "email")


def first_of(columns: Sequence[str]) -> pl.Expr:
    """Whose a row is: the first of these ids that it fills in."""
    return pl.coalesce([prefixed(name) for name in columns]) if columns else pl.lit(None, pl.String)


def both_in(columns: Collection[str]) -> bool:
    """Whether a user and an address may stand in one row."""
    return set(PEOPLE) <= set(columns)


def kept_under(who: pl.Expr, columns: Collection[str], mark: str | None, *, by_person: bool) -> pl.Expr:
    """`who`, further ids of people in `columns`, and the mark in a column of that name.

    The further ids are all of them with `by_person`, else the address beside a user.
    """
    bare = who.str.replace_all(_SIGNS, "")
    people = [name for name in PEOPLE if name in columns] if by_person or both_in(columns) else []
    clean = [prefixed(name).str.replace_all(_SIGNS, "") for name in people]
    told = pl.lit(True) if by_person else bare.str.starts_with(USER)
    further = [
        pl.when(told & (each != bare)).then(pl.lit(PERSON) + each).otherwise(pl.lit("")) for each in clean
    ]
    signs = [] if mark is None else [pl.lit(ZONE) + pl.col(mark)]
    return pl.concat_str(bare, *(each.fill_null("") for each in (*further, *signs)))


def parts_of(kept: pl.Series) -> pl.DataFrame:
    """raw_id as kept, who, people (list of text), mark (null for none), one line per different id, sorted."""
    different = kept.unique().cast(pl.String).drop_nulls().sort().rename("raw_id")
    halves = different.str.split(ZONE)
    split = halves.list.first().str.split(PERSON)
    is_person = r"^(user|email):"
    people = pl.element().filter(pl.element().str.contains(is_person))
    return pl.DataFrame(
        {
            "raw_id": different,
            "who": split.list.first(),
            "people": split.list.eval(people),
            "mark": halves.list.get(1, null_on_oob=True),
        }
    )


def settled(parts: pl.DataFrame, known: pl.Series) -> pl.DataFrame:
    """`parts_of` where a user that is not in `known` goes under its address, if that one is.

    known: raw ids that belong to an account on some day.
    """
    theirs = pl.element().filter(pl.element().is_in(known.unique().implode()))
    first = pl.col("people").list.eval(theirs).list.first()
    user = pl.col("who").str.starts_with(USER)
    return parts.with_columns(pl.when(user).then(pl.coalesce(first, "who")).otherwise("who").alias("who"))


def settled_rows(rows: pl.DataFrame, known: pl.Series) -> pl.DataFrame:
    """The same for rows with raw_id and perhaps the columns user_id and email."""
    if not both_in(rows.columns):
        return rows
    ids, address = known.unique().implode(), prefixed("email")
    lost = pl.col("raw_id").str.starts_with(USER) & ~pl.col("raw_id").is_in(ids) & address.is_in(ids)
    return rows.with_columns(pl.when(lost).then(address).otherwise("raw_id").alias("raw_id"))


def addresses_beside(rows: pl.DataFrame) -> pl.Series:
    """raw_id of the addresses in rows of users."""
    if not both_in(rows.columns):
        return pl.Series("raw_id", [], dtype=pl.String)
    users = rows.filter(pl.col("raw_id").str.starts_with(USER))
    return users.select(prefixed("email").alias("raw_id"))["raw_id"].unique()
