"""Who said what: the newest of each trait, and the topics of texts by the words in them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import polars as pl
from msgspec import Struct

from segkit.facts.samples import tells_who
from segkit.facts.types import Facts
from segkit.periods import epoch_day, from_epoch_day

DAYS = 91
"""How far back texts are read."""
TEXTS = (("surveys", "comment"), ("tickets", "topic"))
"""Where people write: the comment of an answer, and what a ticket is about."""
NOT_SAID = "not said"
"""Stands for accounts of which a trait is not known."""
TRAITS = {
    "trait": pl.String,
    "value": pl.String,
    "segment": pl.String,
    "accounts": pl.Int64,
    "arr": pl.Float64,
}
TOPICS = {
    "topic": pl.String,
    "segment": pl.String,
    "source": pl.String,
    "texts": pl.Int64,
    "accounts": pl.Int64,
}
_KNOWN = {"account_id": pl.String, "trait": pl.String, "value": pl.String, "day": pl.Int32}


def newest_traits(facts: Facts) -> pl.DataFrame:
    """account_id, trait, value, day (when it was observed): the newest of each, as rules see it at as_of."""
    rows = facts.tables.get("traits")
    if rows is None:
        return pl.DataFrame(schema=_KNOWN)
    name = pl.col("trait").str.strip_chars().str.to_lowercase()
    named = rows.with_columns(name, pl.col("day").cast(pl.Int32))
    named = named.drop_nulls(["account_id", "trait", "value"]).sort("account_id", "trait", "day", "value")
    return named.group_by("account_id", "trait", maintain_order=True).last().select(*_KNOWN)


def shown_traits(facts: Facts, *, hidden: bool) -> pl.DataFrame:
    """The same; where nobody is named, without traits whose name tells who somebody is."""
    traits = newest_traits(facts)
    if not hidden:
        return traits
    told = [name for name in traits["trait"].unique() if not tells_who(name)]
    return traits.filter(pl.col("trait").is_in(told))


def by_trait(assignments: pl.DataFrame, traits: pl.DataFrame) -> pl.DataFrame:
    """Columns TRAITS: how many accounts of each segment said what; those that said nothing are `not said`.

    `assignments` as published, `traits` of `shown_traits`.
    """
    here = assignments.select("account_id", "arr", segment="primary")
    every = traits.select("trait").unique().join(here, how="cross")
    found = every.join(traits, on=["account_id", "trait"], how="left")
    found = found.with_columns(pl.col("value").fill_null(NOT_SAID))
    counted = found.group_by("trait", "value", "segment").agg(
        accounts=pl.len().cast(pl.Int64), arr=pl.col("arr").sum()
    )
    last = pl.col("value") == NOT_SAID
    return counted.select(*TRAITS).sort("trait", last, "value", "segment")


def by_topic(
    assignments: pl.DataFrame, facts: Facts, topics: Mapping[str, Sequence[str]], days: int = DAYS
) -> pl.DataFrame:
    """Columns TOPICS: texts of the last days that hold a word of a topic, by the segment of their account.

    A text may be of several topics. `topics`: name -> words, a star at the end stands for any ending.
    """
    here = assignments.select("account_id", segment="primary")
    found = [pl.DataFrame(schema=TOPICS)]
    for source, texts in _texts(facts, days):
        said = texts.join(here, on="account_id")
        for topic, words in topics.items():
            own = said.filter(pl.col("text").str.contains(pattern(words)))
            counted = own.group_by("segment").agg(
                texts=pl.len().cast(pl.Int64), accounts=pl.col("account_id").n_unique().cast(pl.Int64)
            )
            told = counted.with_columns(topic=pl.lit(topic), source=pl.lit(source))
            found.append(told.select(pl.col(name).cast(kind) for name, kind in TOPICS.items()))
    return pl.concat(found).sort("topic", "segment", "source")


def pattern(words: Sequence[str]) -> str:
    """Whole words, small or large; in `_` and other signs between them words begin and end, too."""
    told = "|".join(
        r"[\s_-]+".join(map(re.escape, word.rstrip("*").split())) + r"\w*" * word.endswith("*")
        for word in words
    )
    return rf"(?i)(?:^|[\W_])(?:{told})(?:$|[\W_])"


def _texts(facts: Facts, days: int) -> list[tuple[str, pl.DataFrame]]:
    """account_id, text of each source that has any."""
    first = facts.as_of - timedelta(days=days - 1)
    found = []
    for source, column in TEXTS:
        rows = facts.tables.get(source)
        if rows is not None and column in rows.columns:
            recent = rows.filter(pl.col("day") >= epoch_day(first))
            found.append((source, recent.select("account_id", text=column).drop_nulls()))
    return found


class Said(Struct, frozen=True):
    """One thing that an account said."""

    what: str
    """A trait, or the instrument of a survey."""
    value: str
    on: date


def said_by(facts: Facts, account_id: str) -> tuple[Said, ...]:
    """Its traits, then its newest answer to each survey; comments are not repeated."""
    own = newest_traits(facts).filter(pl.col("account_id") == account_id).sort("trait")
    found = [Said(trait, value, from_epoch_day(day)) for _, trait, value, day in own.iter_rows()]
    rows = facts.tables.get("surveys")
    if rows is not None:
        answers = rows.filter(pl.col("account_id") == account_id).drop_nulls(["instrument", "score"])
        newest = answers.sort("instrument", "day", "score").group_by("instrument", maintain_order=True).last()
        found += [
            Said(instrument, f"{score:g}", from_epoch_day(day))
            for instrument, score, day in newest.select("instrument", "score", "day").iter_rows()
        ]
    return tuple(found)
