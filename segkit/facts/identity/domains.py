"""Addresses to accounts by their domain: whose a domain is when, and which domains are nobody's."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from msgspec import Struct

from segkit.facts.accounts.ledger import DAY, ID, PRESENT
from segkit.facts.identity.claims import CLAIMS, NO_CLAIMS, domain_names
from segkit.facts.identity.ids import DOMAIN, MAPPING, prefixed
from segkit.facts.identity.lists import words
from segkit.facts.identity.settle import CONFLICTS, settle

FEW = 3
"""Listed addresses of a domain below which they say nothing about whose it is."""
OWNED = {"domain": pl.String, **{name: kind for name, kind in MAPPING.items() if name != "raw_id"}}
"""Domains that are one account's, and when."""
REFUSED = {"domain": pl.String, "why": pl.String, "accounts": pl.String}
"""Domains that join nobody: shared by name, claimed by two accounts, or contradicted by the contact list."""


def listed_domains(versions: pl.DataFrame) -> pl.DataFrame:
    """Claims on `domain:acme.com` by the account that lists it, as long as its snapshots do.

    versions: snapshot_day, account_id, present, domains (several in one text). The first account that lists a
    domain has it before its snapshot too.
    """
    if "domains" not in versions.columns:
        return NO_CLAIMS
    rows = versions.sort(ID, DAY).with_columns((pl.col(DAY).shift(-1).over(ID) - 1).alias("to_day"))
    rows = rows.filter(PRESENT).with_columns(pl.col("domains").str.split("|")).explode("domains")
    rows = rows.with_columns(pl.col("domains").str.replace_all(r"[;,\s]+", "|").str.split("|")).explode(
        "domains"
    )
    rows = rows.with_columns(domain_names(pl.col("domains")).alias("domain")).filter(
        pl.col("domain").is_not_null()
    )
    first = pl.col(DAY) == pl.col(DAY).min().over("domain")
    return (
        rows.select(
            prefixed("domain").alias("raw_id"),
            pl.col(ID).alias("account_id"),
            pl.when(first).then(None).otherwise(pl.col(DAY)).alias("from_day"),
            "to_day",
            *(
                pl.lit(value).alias(name)
                for name, value in (("kind", "domain"), ("evidence", "accounts"), ("source", "accounts"))
            ),
            *(pl.lit(None).alias(name) for name in list(CLAIMS)[-2:]),
        )
        .cast(CLAIMS)  # type: ignore[arg-type]
        .unique()
        .sort("raw_id", "from_day", "account_id")
    )


class Owners(Struct, frozen=True):
    """spans: see OWNED. refused: see REFUSED. conflicts: see settle.CONFLICTS."""

    spans: pl.DataFrame
    refused: pl.DataFrame
    conflicts: pl.DataFrame


def owners(claims: pl.DataFrame, listed: pl.DataFrame, family: pl.DataFrame, shared: Sequence[str]) -> Owners:
    """Whose each claimed domain is.

    claims: on `domain:…`, of known accounts. listed: raw_id, account_id of addresses that other evidence
    settles; where most of a domain's belong to others, it joins nobody. family: account_id, family: accounts
    that are one customer today. shared: further domains that are nobody's.
    """
    if claims.is_empty():
        return Owners(*(pl.DataFrame(schema=schema) for schema in (OWNED, REFUSED, CONFLICTS)))
    common = words("mail_providers") | {domain.strip().lower().lstrip("@") for domain in shared}
    named = claims.with_columns(_domain())
    theirs = named.group_by("domain").agg(
        pl.col("account_id").unique().sort().str.join(", ").alias("accounts")
    )
    whole = pl.col("domain").str.contains(r"^[^.]+\.[^.]")
    nobody = theirs.filter(pl.col("domain").is_in(sorted(common)) | ~whole)
    rest = named.join(nobody, on="domain", how="anti", maintain_order="left").select(*CLAIMS)
    settled = settle(rest, ("crosswalk", "domain"))
    torn = settled.conflicts.filter(pl.col("account_id").is_null()).select(_domain())
    mine = settled.mapping.with_columns(_domain())
    denied = _denied(mine, listed, family)
    spans = mine.join(denied, on="domain", how="anti", maintain_order="left")
    found = ((nobody, "shared"), (torn, "claimed twice"), (denied, "contradicted"))
    refused = [
        theirs.join(which.select("domain").unique(), on="domain", how="semi").select(
            "domain", pl.lit(why).alias("why"), "accounts"
        )
        for which, why in found
    ]
    return Owners(
        spans.select(*OWNED),
        pl.concat(refused).sort("domain", "why"),
        settled.conflicts,
    )


def claims_by_domain(mails: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """Claims on the ids in `mails` (raw_id, domain) by the owner of the domain or of a parent of it.

    A user with addresses of two companies belongs to neither by domain.
    """
    if mails.is_empty() or spans.is_empty():
        return NO_CLAIMS
    rest = mails.select("domain").unique().with_columns(pl.col("domain").alias("owned"))
    found: list[pl.DataFrame] = []
    for _ in range(4):
        owned = spans.select(pl.col("domain").alias("owned")).unique()
        found.append(rest.join(owned, on="owned", how="semi"))
        rest = rest.join(owned, on="owned", how="anti").with_columns(
            pl.col("owned").str.replace(r"^[^.]+\.", "")
        )
    by_domain = pl.concat(found).join(spans, left_on="owned", right_on="domain")
    hits = mails.join(by_domain, on="domain")
    from_crosswalk = pl.col("evidence") == "crosswalk"
    return (
        hits.select(
            "raw_id",
            "account_id",
            "from_day",
            "to_day",
            pl.lit("domain").alias("kind"),
            pl.format(
                "domain {}{}",
                "owned",
                pl.when(from_crosswalk).then(pl.lit(" (crosswalk)")).otherwise(pl.lit("")),
            ).alias("evidence"),
            *(pl.lit(None).alias(name) for name in list(CLAIMS)[-3:]),
        )
        .cast(CLAIMS)  # type: ignore[arg-type]
        .unique()
        .sort("raw_id", "from_day", "account_id", "evidence", nulls_last=False)
    )


def addresses(contacts: pl.DataFrame | None, seen: pl.Series) -> pl.DataFrame:
    """raw_id, domain: addresses seen or listed, and users whose contact has an address."""
    ids = seen.drop_nulls().unique().sort()
    mails = pl.DataFrame({"raw_id": ids.filter(ids.str.starts_with("email:"))}, schema={"raw_id": pl.String})
    found = [mails.with_columns(pl.col("raw_id").str.extract(DOMAIN).alias("domain"))]
    if contacts is not None and "email" in contacts.columns:
        domain = pl.col("email").str.extract(DOMAIN).alias("domain")
        both = [name for name in ("user_id", "email") if name in contacts.columns]
        found += [contacts.select(prefixed(name).alias("raw_id"), domain) for name in both]
    return pl.concat(found).drop_nulls().unique().sort("raw_id", "domain")


def _domain() -> pl.Expr:
    return pl.col("raw_id").str.strip_prefix("domain:").alias("domain")


def _denied(spans: pl.DataFrame, listed: pl.DataFrame, family: pl.DataFrame) -> pl.DataFrame:
    """domain: those of whose listed addresses, FEW at least, most belong to another than the owner."""
    mails = listed.with_columns(pl.col("raw_id").str.extract(DOMAIN).alias("domain")).drop_nulls("domain")
    here = mails.join(family, on="account_id", how="left").join(
        spans.join(family, on="account_id", how="left")
        .select("domain", pl.col("family").alias("owner"))
        .unique(),
        on="domain",
    )
    by_mail = here.group_by("domain", "raw_id").agg(
        (pl.col("family") == pl.col("owner")).any().alias("agrees")
    )
    counts = by_mail.group_by("domain").agg(pl.len().alias("all"), pl.col("agrees").sum())
    return counts.filter((pl.col("all") >= FEW) & (pl.col("agrees") * 2 < pl.col("all"))).select("domain")
