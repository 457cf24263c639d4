"""Who said no: what counts is the last word that accounts and contacts hold, and what was heard before."""

from __future__ import annotations

import polars as pl
from msgspec import Struct

from segkit.errors import Problem
from segkit.facts.accounts.ledger import DAY, ID
from segkit.facts.files.lines import LINE
from segkit.facts.identity.ids import prefixed
from segkit.facts.keyed import Hashed
from segkit.facts.rawids import PEOPLE
from segkit.facts.rows.accept import UNCLEAR
from segkit.facts.taking.gather import Gathered
from segkit.facts.taking.store import FILE

LIST = "_list"
"""Which list of contacts a row is of, as a number that grows with its date."""


class Consent(Struct, frozen=True):
    """out, agreed: ids with their kind before them, as the files say today. heard: who said no before."""

    out: frozenset[str] = frozenset()
    agreed: frozenset[str] = frozenset()
    heard: Hashed | None = None

    def refused(self, ids: pl.Series) -> pl.Series:
        """Whether each id is of somebody who said no, and has not agreed since."""
        before = self.heard.holds(ids) if self.heard is not None and self.heard.hashes else None
        now = ids.is_in(sorted(self.out))
        return now if before is None else now | (before & ~ids.is_in(sorted(self.agreed)))


def consent_of(
    versions: pl.DataFrame, contacts: pl.DataFrame | None, persons: pl.DataFrame, heard: Hashed | None
) -> Consent:
    """versions: every account version, whatever its date. contacts: rows of every list, with LIST.

    persons: user_key, person of ids that are joined.
    """
    says = pl.concat([_accounts(versions), _people(contacts, persons)])
    return Consent(
        frozenset(says.filter(~pl.col("consent"))["id"]), frozenset(says.filter("consent")["id"]), heard
    )


def _accounts(versions: pl.DataFrame) -> pl.DataFrame:
    if "consent" not in versions.columns:
        return pl.DataFrame(schema={"id": pl.String, "consent": pl.Boolean})
    told = versions.filter(pl.col("consent").is_not_null()).sort(ID, DAY)
    last = told.unique(ID, keep="last", maintain_order=True)
    return last.select(prefixed("account_id").alias("id"), "consent")


def _people(contacts: pl.DataFrame | None, persons: pl.DataFrame) -> pl.DataFrame:
    """What the newest list that says anything about a person says; one "no" in it is enough."""
    none = pl.DataFrame(schema={"id": pl.String, "consent": pl.Boolean})
    if contacts is None or "consent" not in contacts.columns:
        return none
    keys = [
        contacts.select(prefixed(name).alias("user_key"), "consent", LIST)
        for name in PEOPLE
        if name in contacts.columns
    ]
    told = pl.concat(keys).drop_nulls()
    told = told.join(persons, on="user_key", how="left", maintain_order="left")
    told = told.with_columns(pl.coalesce("person", "user_key").alias("person"))
    newest = told.filter(pl.col(LIST) == pl.col(LIST).max().over("person"))
    said = newest.group_by("person").agg(pl.col("consent").all())
    ids = pl.concat([told.select("user_key", "person"), persons]).unique().sort("user_key")
    return ids.join(said, on="person", maintain_order="left").select(
        pl.col("user_key").alias("id"), "consent"
    )


def unclear(gathered: Gathered, rows: pl.DataFrame) -> list[Problem]:
    """D113, a warning with the first such row."""
    if UNCLEAR not in rows.columns:
        return []
    odd = rows.filter(pl.col(UNCLEAR)).sort(FILE, LINE)
    if odd.is_empty():
        return []
    said = "row says" if odd.height == 1 else "rows say"
    header = (*gathered.config.cell("consent").headers, "consent")[0]
    what = f"{gathered.source}: {odd.height:,} {said} neither yes nor no under {header}; read as no"
    place = gathered.files[odd[FILE][0]].place(odd[LINE][0])
    hint = "write yes or no, or leave it empty where nothing was said"
    return [Problem("D113", what, place, hint, "warning")]
