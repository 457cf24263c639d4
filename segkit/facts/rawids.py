"""The id under which a usage row is kept, when it must also tell the people in the row apart.

`account:A1` as a rule. Where people are left out one by one it is `account:A1` and, each behind PERSON, the
further ids of people in the row, so that a person can be left out of tables that are folded already.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from segkit.facts.identity.ids import prefixed

PERSON = "\x1e"
"""Before each further id; ids lose such a character when they are joined."""
PEOPLE = ("user_id", "email")


def first_of(columns: Sequence[str]) -> pl.Expr:
    """Whose a row is: the first of these ids that it fills in."""
    return pl.coalesce([prefixed(name) for name in columns]) if columns else pl.lit(None, pl.String)


def with_people(who: pl.Expr, columns: Sequence[str]) -> pl.Expr:
    """`who` and the further ids of people in the row."""
    present = [prefixed(name) for name in PEOPLE if name in columns]
    clean = [each.str.replace_all(PERSON, "", literal=True) for each in present]
    bare = who.str.replace_all(PERSON, "", literal=True)
    further = [pl.when(each != bare).then(pl.lit(PERSON) + each).otherwise(pl.lit("")) for each in clean]
    return pl.concat_str(bare, *(each.fill_null("") for each in further))


def parts_of(kept: pl.Series) -> pl.DataFrame:
    """raw_id as kept, who, people (list of text), one line per different id, sorted."""
    different = kept.unique().drop_nulls().sort().rename("raw_id")
    split = different.str.split(PERSON)
    is_person = r"^(user|email):"
    return pl.DataFrame({"raw_id": different, "who": split.list.first(), "people": split}).with_columns(
        pl.col("people").list.eval(pl.element().filter(pl.element().str.contains(is_person)))
    )
