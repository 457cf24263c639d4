"""One id down to its evidence: what claims it, what holds, who else it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl
from msgspec import Struct

from segkit.facts.files.lines import LINE
from segkit.facts.identity.audit import kind_of
from segkit.facts.identity.identify import Identity
from segkit.facts.identity.ids import DOMAIN
from segkit.facts.identity.resolve import resolve
from segkit.facts.taking.store import FILE

EVIDENCE = {
    "id": pl.String,
    "account_id": pl.String,
    "from": pl.Date,
    "to": pl.Date,
    "kind": pl.String,
    "evidence": pl.String,
    "place": pl.String,
}
"""Every claim on an id; `place` is the file and line that says so, as far as one does."""


class Drilled(Struct, frozen=True):
    """One raw id. spans: see ids.MAPPING. evidence: see EVIDENCE. conflicts: see settle.CONFLICTS.

    people: raw ids of the same person, itself left out. rows, first_day, last_day: its usage. refused: why
    its domain joins nobody. ids: raw_id, kind, rows of what belongs to an account, or has the domain, now.
    """

    raw_id: str
    spans: pl.DataFrame
    evidence: pl.DataFrame
    conflicts: pl.DataFrame
    people: tuple[str, ...]
    rows: int
    first_day: int | None
    last_day: int | None
    refused: str | None
    ids: pl.DataFrame


class Known(Struct, frozen=True):
    """All ids there are, and what is asked of them."""

    identity: Identity
    days: pl.DataFrame
    """raw_id, day, rows of usage that counts."""
    others: pl.Series
    """Raw ids of rows of other sources."""
    files: Mapping[str, Sequence[str]]
    """Source -> names of its files."""

    def ids(self) -> pl.Series:
        """Every raw id that is used, claimed or settled, sorted."""
        found = [
            self.identity.mapping["raw_id"],
            self.identity.claims["raw_id"],
            self.identity.clusters.members["id"],
            self.days["raw_id"],
            self.others,
        ]
        domains = (
            found[0].str.extract(r"^email:.*" + DOMAIN),
            self.days["raw_id"].str.extract(r"^email:.*" + DOMAIN),
        )
        found += ["domain:" + each.drop_nulls() for each in domains]
        return pl.concat([each.alias("raw_id") for each in found]).drop_nulls().unique().sort()

    def like(self, asked: str) -> tuple[str, ...]:
        """Raw ids that the text means: `user:7` itself, else every kind of id with that value."""
        ids = self.ids()
        if (ids == asked).any():
            return (asked,)
        value = ids.str.replace(r"^[^:]*:", "")
        mail = value.str.contains("@", literal=True) | ids.str.starts_with("domain:")
        return tuple(ids.filter((value == asked) | (mail & (value == asked.strip().lower()))))

    def drill(self, raw_id: str) -> Drilled:
        identity = self.identity
        kind, _, value = raw_id.partition(":")
        use = self.days.filter(raw_id=raw_id)
        domain = value if kind == "domain" else value.rpartition("@")[2]
        refused = identity.domains.filter(domain=domain)["why"]
        return Drilled(
            raw_id,
            pl.concat([identity.mapping, identity.owners]).filter(raw_id=raw_id),
            self._evidence(raw_id),
            identity.conflicts.filter(raw_id=raw_id),
            self._person(raw_id),
            int(use["rows"].sum()),
            use["day"].min(),  # type: ignore[arg-type]
            use["day"].max(),  # type: ignore[arg-type]
            str(refused[0]) if len(refused) and kind in ("domain", "email") else None,
            self._ids(kind, value),
        )

    def _evidence(self, raw_id: str) -> pl.DataFrame:
        claims = self.identity.claims.filter(raw_id=raw_id)
        names = pl.DataFrame(
            [(source, at, name) for source, each in self.files.items() for at, name in enumerate(each)],
            schema={"source": pl.String, FILE: pl.UInt32, "name": pl.String},
            orient="row",
        )
        placed = claims.join(names, on=["source", FILE], how="left", maintain_order="left")
        return placed.select(
            pl.col("raw_id").alias("id"),
            "account_id",
            pl.col("from_day").cast(pl.Date).alias("from"),
            pl.col("to_day").cast(pl.Date).alias("to"),
            "kind",
            "evidence",
            pl.when(pl.col("name").is_not_null()).then(pl.format("{}:{}", "name", LINE)).alias("place"),
        )

    def _person(self, raw_id: str) -> tuple[str, ...]:
        members = self.identity.clusters.members.select("id", "person")
        named = self.identity.named.sort("user_key", "from_day").unique("user_key", keep="last")
        whole = pl.concat([members, named.select(id="user_key", person="person")])
        mine = whole.filter(id=raw_id)["person"]
        person = str(mine[0]) if len(mine) else raw_id
        others = whole.filter(person=person)["id"]
        return tuple(sorted({*others, person} - {raw_id})) if len(others) else ()

    def _ids(self, kind: str, value: str) -> pl.DataFrame:
        """raw_id, kind, rows, those with most rows first."""
        by_id = self.days.group_by("raw_id").agg(pl.col("rows").sum())
        if kind == "account":
            mine = self.identity.mapping.filter(account_id=value)
            mine = mine.select("raw_id", kind_of(pl.col("evidence")).alias("kind")).unique(
                "raw_id", keep="first"
            )
        elif kind == "domain":
            everybody = self.ids().to_frame("raw_id")
            mine = everybody.filter(pl.col("raw_id").str.extract(r"^email:.*" + DOMAIN) == value)
            mine = resolve(mine, self.identity.mapping, None).select(
                "raw_id", pl.col("account_id").alias("kind")
            )
        else:
            return pl.DataFrame(schema={"raw_id": pl.String, "kind": pl.String, "rows": pl.Int64})
        rows = mine.join(by_id, on="raw_id", how="left").with_columns(pl.col("rows").fill_null(0))
        return rows.sort(["rows", "raw_id"], descending=[True, False])
