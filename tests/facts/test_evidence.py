"""Evidence that disagrees, that many share, and that one person's other ids give."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from segkit.facts.identity.settings import IdentityConfig
from tests.facts.whose import accounts_of, owner, rows, snapshots, whose

MAY, JUNE, JULY = date(2026, 5, 31), date(2026, 6, 1), date(2026, 7, 1)


def test_the_declared_precedence_decides_and_the_conflict_is_told() -> None:
    contacts = rows("contacts", {"email": "ann@acme.com", "account_id": "A2"})
    listed = snapshots(("A1", None, "acme.com"))
    found = whose({"contacts": contacts}, listed)
    assert owner(found, "email:ann@acme.com") == "A2"
    assert found.conflicts.drop("from_day", "to_day").rows() == [
        ("email:ann@acme.com", "A2", "contacts", "A1", "domain acme.com")
    ]
    turned = IdentityConfig(precedence=["domain", "contacts"])
    assert owner(whose({"contacts": contacts}, listed, config=turned), "email:ann@acme.com") == "A1"
    only = IdentityConfig(precedence=["domain"])
    alone = whose({"contacts": rows("contacts", {"user_id": "7", "account_id": "A2"})}, listed, config=only)
    assert owner(alone, "user:7") is None


def test_a_tie_is_left_to_the_next_kind_of_evidence() -> None:
    contacts = rows("contacts", *({"email": "ann@acme.com", "account_id": each} for each in ("A1", "A2")))
    found = whose({"contacts": contacts}, snapshots(("A1", None, "acme.com")))
    assert owner(found, "email:ann@acme.com") == "A1"
    assert found.conflicts["other_account"].to_list() == ["A2"]


def test_a_move_to_an_account_that_nobody_knows_ends_the_earlier_one() -> None:
    jobs = ({"user_id": "7", "account_id": "A1", "created_at": date(2020, 1, 1)},)
    jobs += ({"user_id": "7", "account_id": "elsewhere", "created_at": JUNE},)
    found = whose({"contacts": rows("contacts", *jobs)})
    assert accounts_of(found, "user:7", date(2019, 1, 1), MAY, JUNE) == ["A1", "A1", None]


def test_what_is_known_of_one_id_of_a_person_holds_for_the_others() -> None:
    contacts = rows(
        "contacts",
        {"user_id": "7", "email": "ann@gmail.com"},
        {"user_id": "8", "email": "ann@gmail.com", "account_id": "A2"},
        {"user_id": "7", "email": "ann@acme.com"},
    )
    found = whose({"contacts": contacts})
    assert owner(found, "user:7") == owner(found, "email:ann@acme.com") == "A2"
    evidence = found.mapping.filter(raw_id="user:7")["evidence"].to_list()
    assert evidence == ["same person as email:ann@gmail.com (contacts)"]
    assert set(found.clusters.members["person"]) == {"user:7"}


@pytest.mark.parametrize("address", ["info@acme.com", "root@localhost", "x@10.0.0.1", "no-reply+7@acme.com"])
def test_an_address_of_a_role_or_a_machine_makes_nobody_one_person(address: str) -> None:
    contacts = rows("contacts", *({"user_id": str(n), "email": address} for n in range(2)))
    clusters = whose({"contacts": contacts}).clusters
    assert clusters.members.is_empty()
    assert clusters.shared.rows() == [(f"email:{address}", 2, "generic address")]


def test_an_id_seen_with_too_many_joins_nobody_and_the_others_stay_apart() -> None:
    shared = ({"user_id": str(n), "email": "demo.account@acme.com"} for n in range(11))
    own = ({"user_id": str(n), "email": f"{n}@acme.com"} for n in range(2))
    clusters = whose({"contacts": rows("contacts", *shared, *own)}).clusters
    assert sorted(clusters.members["person"].unique()) == ["user:0", "user:1"]
    assert clusters.shared.rows() == [("email:demo.account@acme.com", 11, "seen with too many")]


def test_a_cluster_that_grew_too_large_is_taken_apart_again() -> None:
    links = ({"user_id": str(n + step), "email": f"u{n}@acme.com"} for n in range(20) for step in (0, 1))
    clusters = whose({"contacts": rows("contacts", *links)}).clusters
    assert clusters.members.is_empty()
    assert clusters.shared.rows() == [("user:0", 41, "too many ids in one cluster")]


def test_domains_that_many_share_join_nobody() -> None:
    versions = snapshots(("A1", None, "gmail.com|co.uk|partner.io|acme"), ("A2", None, "b.com"))
    config = IdentityConfig(shared_domains=["Partner.io"])
    seen = [f"email:x@{domain}" for domain in ("gmail.com", "shop.co.uk", "partner.io", "acme", "b.com")]
    found = whose({}, versions, seen, config=config)
    assert [owner(found, each) for each in seen] == [None] * 4 + ["A2"]
    assert found.domains.rows() == [
        (domain, "shared", "A1") for domain in ("acme", "co.uk", "gmail.com", "partner.io")
    ]


def test_a_domain_whose_listed_addresses_are_mostly_of_others_joins_nobody() -> None:
    listed = ("A2", "A2", "A1")
    contacts = ({"email": f"{n}@agency.com", "account_id": each} for n, each in enumerate(listed))
    tables = {"contacts": rows("contacts", *contacts)}
    versions = snapshots(("A1", None, "agency.com"))
    found = whose(tables, versions, ["email:new@agency.com"])
    assert owner(found, "email:new@agency.com") is None
    assert found.domains.rows() == [("agency.com", "contradicted", "A1")]
    family = snapshots(("A2", None, "A1"), column="parent_id").with_columns(domains=pl.lit(None, pl.String))
    versions = pl.concat([versions, family], how="diagonal")
    versions = pl.concat([versions.filter(account_id="A2"), versions.filter(account_id="A1")])
    assert owner(whose(tables, versions, ["email:new@agency.com"]), "email:new@agency.com") == "A1"
