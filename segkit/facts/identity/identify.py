"""Raw ids -> accounts: all evidence, settled into a dated mapping that is joined when tables are read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import polars as pl
from msgspec import Struct

from segkit.facts.identity import chains, domains, names
from segkit.facts.identity.claims import CLAIMS, NO_CLAIMS, OWN, aliases, claims_of_rows
from segkit.facts.identity.clusters import Clusters, joined, together
from segkit.facts.identity.families import aligned
from segkit.facts.identity.ids import MAPPING, prefixed
from segkit.facts.identity.settings import AS_USUAL, IdentityConfig
from segkit.facts.identity.settle import CONFLICTS, settle
from segkit.facts.identity.told import notes
from segkit.facts.samples import AS_USUAL as HIDING
from segkit.facts.samples import Samples
from segkit.periods import Calendar


class Identity(Struct, frozen=True):
    """The mapping and everything that is to be said about how it came about."""

    mapping: pl.DataFrame
    """See ids.MAPPING, sorted by id and day."""
    claims: pl.DataFrame
    """See claims.CLAIMS: every claim of a known account, before accounts were followed along the chain."""
    conflicts: pl.DataFrame
    """See settle.CONFLICTS."""
    chain: pl.DataFrame
    """See chains.CHAIN."""
    clusters: Clusters
    """Ids of one person by the contact list."""
    named: pl.DataFrame
    """user_key, from_day, person: see names.persons_by_name."""
    shared: pl.DataFrame
    """See clusters.SHARED: ids and names that join nobody."""
    owners: pl.DataFrame
    """See ids.MAPPING, of `domain:…` ids that join addresses to their account."""
    domains: pl.DataFrame
    """See domains.REFUSED."""
    notes: tuple[str, ...] = ()


def identify(
    accounts: Sequence[str],
    versions: pl.DataFrame,
    tables: Mapping[str, pl.DataFrame],
    keys: Iterable[str],
    seen: pl.Series,
    config: IdentityConfig = AS_USUAL,
    sightings: pl.DataFrame | None = None,
    calendar: Calendar = Calendar(),
    grace: int = 0,
    samples: Samples = HIDING,
) -> Identity:
    """The mapping of every raw id that can be settled.

    accounts: every known id. versions: rows of account snapshots (ledger.Snapshots.versions), perhaps with
    domains and parent_id. tables: accepted rows by source. keys: declared foreign keys. seen: raw ids that
    occur anywhere. sightings: names.NAMES. Mergers and parents act from the start of a period; `grace`: see
    families.aligned.
    """
    known = _axis(accounts)
    contacts, crosswalk = tables.get("contacts"), tables.get("crosswalk")
    merged = aligned(chains.merges(aliases(crosswalk)), calendar)
    below = aligned(chains.parents(versions), calendar, grace)
    families = chains.follow(pl.concat([merged, below]))
    moved = families if config.children == "rolled_up" else chains.follow(merged)
    # An id that is known as an alias only stands for an account until its chain is followed.
    spoken_of = _axis([*accounts, *moved.chain["account_id"]])
    rows = claims_of_rows(tables, keys).join(spoken_of, on="account_id", how="semi", maintain_order="left")
    on_domains = pl.col("raw_id").str.starts_with("domain:")
    clusters = joined(together(contacts, crosswalk))
    of_domains = pl.concat([rows.filter(on_domains), domains.listed_domains(versions)])
    of_domains = of_domains.join(spoken_of, on="account_id", how="semi", maintain_order="left")
    owned = domains.owners(
        of_domains,
        rows.filter(pl.col("raw_id").str.starts_with("email:")).select("raw_id", "account_id"),
        _families(spoken_of, families),
        config.shared_domains,
    )
    claims = pl.concat(
        [
            _own(spoken_of),
            rows.filter(~on_domains),
            _of_the_same_person(rows, clusters.members),
            domains.claims_by_domain(domains.addresses(contacts, seen), owned.spans),
        ]
    )
    order = (OWN, *config.precedence)
    settled = settle(claims, order)
    use = names.usable(sightings if sightings is not None and "name" in order else names.NO_NAMES)
    by_name = names.claims_by_name(use.sightings, settled.mapping)
    further = settle(by_name, order)
    mapping = chains.composed(pl.concat([settled.mapping, further.mapping]), moved.chain)
    mapping = mapping.join(known, on="account_id", how="semi")
    found = pl.concat([settled.conflicts, further.conflicts, owned.conflicts])
    conflicts = _between(found, _families(spoken_of, families))
    return Identity(
        mapping=mapping.sort("raw_id", "from_day", nulls_last=False),
        claims=pl.concat([claims, by_name, of_domains]).sort(
            "raw_id", "kind", "from_day", "account_id", nulls_last=False
        ),
        conflicts=conflicts,
        chain=moved.chain,
        clusters=clusters,
        named=names.persons_by_name(use.sightings, clusters.persons(_listed(contacts))),
        shared=pl.concat([clusters.shared, use.shared]),
        owners=owned.spans.select(("domain:" + pl.col("domain")).alias("raw_id"), *list(MAPPING)[1:]),
        domains=owned.refused,
        notes=notes(mapping, conflicts, owned.refused, moved.circles, samples),
    )


def _axis(accounts: Iterable[str]) -> pl.DataFrame:
    ids = pl.Series("account_id", list(accounts), dtype=pl.String)
    return ids.unique().sort().to_frame()


def _own(accounts: pl.DataFrame) -> pl.DataFrame:
    """An account's own id is its own."""
    own = accounts.select(
        prefixed("account_id").alias("raw_id"), "account_id", kind=pl.lit(OWN), evidence=pl.lit(OWN)
    )
    return pl.concat([NO_CLAIMS, own], how="diagonal")


def _listed(contacts: pl.DataFrame | None) -> pl.Series:
    """Users and addresses of the contact list."""
    if contacts is None:
        return pl.Series("id", [], dtype=pl.String)
    found = [contacts.select(id=prefixed(name)) for name in ("user_id", "email") if name in contacts.columns]
    return pl.concat(found)["id"].drop_nulls().unique().sort()


def _of_the_same_person(rows: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """Claims on ids about which no row says anything, by what rows say about other ids of the person."""
    if rows.is_empty() or members.is_empty():
        return NO_CLAIMS
    told = rows.join(members, left_on="raw_id", right_on="id", how="inner")
    silent = members.join(rows, left_on="id", right_on="raw_id", how="anti")
    return (
        silent.join(told, on="person")
        .with_columns(
            pl.lit("person").alias("kind"),
            pl.format("same person as {} ({})", "raw_id", "evidence").alias("evidence"),
        )
        .with_columns(pl.col("id").alias("raw_id"))
        .select(*CLAIMS)
        .sort("raw_id", "from_day", "account_id", "evidence", nulls_last=False)
    )


def _families(accounts: pl.DataFrame, families: chains.Chains) -> pl.DataFrame:
    """account_id, family: which accounts are one customer today, by merges and parents."""
    if families.chain.is_empty():
        return accounts.select("account_id", family="account_id")
    return accounts.join(chains.newest(families.chain), on="account_id", how="left").select(
        "account_id", pl.coalesce("into", "account_id").alias("family")
    )


def _between(conflicts: pl.DataFrame, families: pl.DataFrame) -> pl.DataFrame:
    """Conflicts between different customers; two ids of one are none."""
    if conflicts.is_empty():
        return conflicts
    theirs = families.select(other_account="account_id", other_family="family")
    both = conflicts.join(families, on="account_id", how="left").join(theirs, on="other_account", how="left")
    return (
        both.filter(pl.col("family").ne_missing(pl.col("other_family")))
        .select(*CONFLICTS)
        .sort("raw_id", "from_day", "other_account", "other_evidence", nulls_last=False)
    )
