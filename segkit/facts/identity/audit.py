"""The audit of whose the ids are: what found its account by which evidence, what did not, what is odd."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from msgspec import Struct

from segkit.facts.identity import bots
from segkit.facts.identity.chains import CHAIN
from segkit.facts.identity.clusters import SHARED
from segkit.facts.identity.domains import REFUSED
from segkit.facts.identity.identify import Identity
from segkit.facts.identity.ids import DOMAIN, MAPPING
from segkit.facts.identity.resolve import resolve

ORPHANS = {"source": pl.String, "raw_id": pl.String, "label": pl.String, "rows": pl.Int64}
FINDINGS = {
    "finding": pl.String,
    "id": pl.String,
    "account_id": pl.String,
    "other_account": pl.String,
    "from": pl.Date,
    "to": pl.Date,
    "rows": pl.Int64,
    "evidence": pl.String,
}


class Audit(Struct, frozen=True):
    """Frames, what has most rows or ids first; counts are of usage rows that count."""

    evidence: pl.DataFrame
    """kind (null: nobody's), ids, rows."""
    orphans: pl.DataFrame
    """See ORPHANS; label is the domain of an address, else the kind of id."""
    conflicts: pl.DataFrame
    """See settle.CONFLICTS, and rows of the id."""
    moves: pl.DataFrame
    """See ids.MAPPING, of ids that changed hands, and rows of the id."""
    people: pl.DataFrame
    """person, ids: of those with several."""
    shared: pl.DataFrame
    """See clusters.SHARED."""
    domains: pl.DataFrame
    """See domains.REFUSED."""
    chain: pl.DataFrame
    """See chains.CHAIN, only days on which an account counts for another."""
    bots: pl.DataFrame
    """See bots.PROPOSED."""

    def findings(self) -> pl.DataFrame:
        """All of it as one table, FINDINGS."""
        dates = [pl.col(name + "_day").cast(pl.Date).alias(name) for name in ("from", "to")]
        listed = {
            "orphan": self.orphans.select(id="raw_id", rows="rows", evidence="source"),
            "conflict": self.conflicts.select(
                "account_id",
                "other_account",
                *dates,
                "rows",
                id="raw_id",
                evidence=pl.format("{}, not {}", pl.col("evidence").fill_null("nobody"), "other_evidence"),
            ),
            "moved": self.moves.select("account_id", *dates, "rows", "evidence", id="raw_id"),
            "merged or child": self.chain.select(*dates, id="account_id", account_id="into", evidence="how"),
            "shared id": self.shared.select(id="id", evidence=pl.format("{}: {} ids", "why", "ids")),
            "refused domain": self.domains.select(id="domain", account_id="accounts", evidence="why"),
            "machine": self.bots.select("rows", id="user_key", evidence="why"),
        }
        frames = [rows.with_columns(finding=pl.lit(name)) for name, rows in listed.items()]
        whole = pl.concat([pl.DataFrame(schema=FINDINGS), *frames], how="diagonal_relaxed")
        return whole.select(*FINDINGS).cast(FINDINGS)  # type: ignore[arg-type]


def audit(
    identity: Identity,
    days: pl.DataFrame | None,
    orphans: Mapping[str, pl.DataFrame],
    habits: pl.DataFrame | None,
) -> Audit:
    """days: raw_id, day, rows of usage that counts. orphans: other source -> raw_id, rows of rows of nobody.
    habits: behaviour.HABITS of whoever is not left out."""
    seen = (
        pl.DataFrame(schema={"raw_id": pl.String, "day": pl.Int32, "rows": pl.Int64})
        if days is None
        else days
    )
    mapping = identity.mapping
    by_id = seen.group_by("raw_id").agg(pl.col("rows").sum())
    lost = resolve(seen, mapping, "day").filter(pl.col("account_id").is_null())
    nobody = {"usage": lost.group_by("raw_id").agg(pl.col("rows").sum()), **orphans}
    conflicts = identity.conflicts.join(by_id, on="raw_id", how="left", maintain_order="left")
    moved = mapping.filter(pl.col("account_id").n_unique().over("raw_id") > 1)
    moved = moved.join(by_id, on="raw_id", how="left", maintain_order="left")
    most = pl.col("rows").fill_null(0).max().over("raw_id")
    return Audit(
        evidence=_evidence(seen, mapping),
        orphans=_orphans(nobody),
        conflicts=conflicts.with_columns(pl.col("rows").fill_null(0)).sort(
            "rows", "raw_id", "from_day", "other_account", descending=[True, False, False, False]
        ),
        moves=moved.sort(
            most, "raw_id", "from_day", descending=[True, False, False], nulls_last=False
        ).select(*MAPPING, pl.col("rows").fill_null(0)),
        people=_people(identity),
        shared=identity.shared.select(*SHARED).sort(["ids", "id"], descending=[True, False]),
        domains=identity.domains.select(*REFUSED),
        chain=identity.chain.filter(pl.col("how").is_not_null()).select(*CHAIN),
        bots=pl.DataFrame(schema=bots.PROPOSED) if habits is None else bots.proposed(habits),
    )


def kind_of(evidence: pl.Expr) -> pl.Expr:
    """The kind of evidence that a text of the mapping tells of."""
    said = evidence.str.replace(r";.*$", "")
    return (
        pl.when(said.str.starts_with("domain "))
        .then(pl.lit("domain"))
        .when(said.str.starts_with("same person"))
        .then(pl.lit("another id of the person"))
        .when(said.str.starts_with("same name"))
        .then(pl.lit("an address of the same name"))
        .otherwise(said)
    )


def _evidence(days: pl.DataFrame, mapping: pl.DataFrame) -> pl.DataFrame:
    by_kind = mapping.with_columns(kind_of(pl.col("evidence")).alias("account_id"))
    rows = resolve(days.select("raw_id", "day", "rows"), by_kind, "day")
    found = rows.group_by(kind="account_id").agg(ids=pl.col("raw_id").n_unique(), rows=pl.col("rows").sum())
    return found.sort("rows", "kind", descending=[True, False])


def _orphans(nobody: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    kind = pl.col("raw_id").str.extract(r"^([^:]+):")
    domain = pl.when(kind == "email").then(pl.col("raw_id").str.extract(DOMAIN))
    frames = [
        rows.select(
            pl.lit(source).alias("source"), "raw_id", pl.coalesce(domain, kind).alias("label"), "rows"
        )
        for source, rows in nobody.items()
    ]
    whole = pl.concat([pl.DataFrame(schema=ORPHANS), *(each.cast(ORPHANS) for each in frames)])  # type: ignore[arg-type]
    return whole.sort("rows", "source", "raw_id", descending=[True, False, False])


def _people(identity: Identity) -> pl.DataFrame:
    named = identity.named.sort("user_key", "from_day").unique("user_key", keep="last", maintain_order=True)
    both = pl.concat(
        [identity.clusters.members.select("id", "person"), named.select(id="user_key", person="person")]
    ).unique("id", keep="first", maintain_order=True)
    # By name the user that gives the person its name has no line of its own.
    heads = both.select(id="person", person="person").unique()
    whole = pl.concat([both, heads]).unique("id", keep="first", maintain_order=True)
    counts = whole.group_by("person").agg(pl.len().alias("ids"))
    return counts.filter(pl.col("ids") > 1).sort("ids", "person", descending=[True, False])
