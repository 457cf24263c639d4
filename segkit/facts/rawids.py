"""The id under which a usage row is kept, when it must tell more than whose the row is.

`account:A1` as a rule. Where people are left out one by one it is `account:A1` and, each behind PERSON, the
further ids of people in the row, so that a person can be left out of tables that are folded already. Where
accounts have time zones of their own, the mark of the row (see marks) stands behind ZONE.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from segkit.facts.identity.ids import prefixed

PERSON, ZONE = "\x1e", "\x1f"
"""Before each further id, and before the mark; ids lose such characters when they are joined."""
_SIGNS = f"[{PERSON}{ZONE}]"
PEOPLE = ("user_id", "email")


def first_of(columns: Sequence[str]) -> pl.Expr:
    """Whose a row is: the first of these ids that it fills in."""
    return pl.coalesce([prefixed(name) for name in columns]) if columns else pl.lit(None, pl.String)


def kept_under(who: pl.Expr, people: Sequence[str], mark: str | None) -> pl.Expr:
    """`who`, the further ids in the columns `people`, and the mark in a column of that name."""
    bare = who.str.replace_all(_SIGNS, "")
    clean = [prefixed(name).str.replace_all(_SIGNS, "") for name in people]
    further = [pl.when(each != bare).then(pl.lit(PERSON) + each).otherwise(pl.lit("")) for each in clean]
    signs = [] if mark is None else [pl.lit(ZONE) + pl.col(mark)]
    return pl.concat_str(bare, *(each.fill_null("") for each in (*further, *signs)))


def parts_of(kept: pl.Series) -> pl.DataFrame:
    """raw_id as kept, who, people (list of text), mark (null for none), one line per different id, sorted."""
    different = kept.unique().drop_nulls().sort().rename("raw_id")
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
