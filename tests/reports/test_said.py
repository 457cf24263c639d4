"""What accounts said, as far as a page has room for it."""

from __future__ import annotations

import polars as pl

from segkit.reports.html.said import Row, traits
from segkit.reports.voices import TRAITS


def rows(*of: tuple[str, str, str, int]) -> pl.DataFrame:
    return pl.DataFrame([(*each, 0.0) for each in of], schema=TRAITS, orient="row")


def test_the_commonest_values_have_a_row_the_others_share_one() -> None:
    many = [("priority", f"v{n}", "active", 9 - n) for n in range(9)]
    more = [("priority", "v8", "steady", 4), ("priority", "not said", "new", 5)]
    found = traits(rows(*many, *more), ["steady"])
    assert [trait.name for trait in found] == ["priority"]
    (trait,) = found
    assert trait.to == ("steady", "active", "new")
    assert (trait.answered, trait.accounts) == (49, 54)
    assert trait.rows[0] == Row("v0", (0, 9, 0), True)
    assert trait.rows[-3:] == (
        Row("v6", (0, 3, 0), True),
        Row("1 other value", (0, 2, 0), False),
        Row("not said", (0, 0, 5), False),
    )


def test_values_that_nobody_shares_are_counted_and_not_listed() -> None:
    (trait,) = traits(rows(*(("risk", f"0.{n}", "active", 1) for n in range(40))), ["active"])
    assert (trait.rows, trait.values, trait.answered) == ((), 40, 40)


def test_what_most_accounts_answered_comes_first() -> None:
    found = traits(rows(("a", "x", "active", 1), ("b", "x", "active", 2)), ["active"])
    assert [trait.name for trait in found] == ["b", "a"]
