"""Whose row it is: account ids, foreign keys, contacts, domains; dated, and never guessed."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from segkit.facts.excluding import Entry
from segkit.facts.identity.names import NO_NAMES, persons_by_name
from segkit.facts.identity.people import people_of
from segkit.facts.identity.resolve import resolve
from segkit.facts.load import Loaded
from segkit.periods import epoch_day
from tests.facts.exports import Exports, fold_days, usage_days
from tests.facts.whose import snapshots, whose

NOBODY_NAMED = persons_by_name(NO_NAMES, pl.DataFrame(schema={"user_key": pl.String, "person": pl.String}))
ACCOUNTS = "account_id,domains\nA1,acme.com; acme.io\nA2,beta.com|gmail.com\nA3,\n"


def test_a_foreign_key_is_looked_up_in_the_source_that_holds_it(exports: Exports) -> None:
    exports.write("usage.csv", "at,subscription_id\n2026-11-02,S1\n2026-11-08,S2\n2026-11-08,S9\n")
    exports.write("accounts.csv", ACCOUNTS)
    exports.write(
        "subscriptions.csv", "subscription_id,account_id,starts_on\nS1,A1,2026-11-05\nS2,A2,2026-01-01\n"
    )
    loaded = exports.load(
        {
            "usage": {"files": "usage.csv", "keys": ["subscription_id"]},
            "accounts": {"files": "accounts.csv"},
            "subscriptions": {"files": "subscriptions.csv"},
        }
    )
    assert _accounts(loaded) == {
        "subscription_id:S1": "A1",
        "subscription_id:S2": "A2",
        "subscription_id:S9": None,
    }
    assert loaded.unmatched == (("subscription_id", 1),)
    (problem, early) = loaded.problems
    assert early.code == "D312"
    assert problem.hint == "give a source that holds both subscription_id and account_id, e.g. subscriptions"


def test_contacts_give_users_and_addresses_to_accounts_and_domains_the_rest(exports: Exports) -> None:
    exports.write(
        "usage.csv",
        "at,user_id,email\n2026-11-02,7,\n2026-11-03,8,\n2026-11-08,,Ann@Acme.com\n2026-11-08,,x@eu.acme.io\n"
        "2026-11-08,,someone@gmail.com\n2026-11-08,,y@nobody.org\n",
    )
    exports.write("accounts.csv", ACCOUNTS)
    exports.write("contacts.csv", "user_id,email,account_id\n7,ann@other.org,A3\n8,bob@beta.com,\n")
    loaded = exports.load(
        {
            "usage": {"files": "usage.csv"},
            "accounts": {"files": "accounts.csv"},
            "contacts": {"files": "contacts.csv"},
        }
    )
    assert _accounts(loaded) == {
        "user:7": "A3",
        "user:8": "A2",
        "email:ann@acme.com": "A1",
        "email:x@eu.acme.io": "A1",
        "email:someone@gmail.com": None,
        "email:y@nobody.org": None,
    }
    assert loaded.unmatched == (("gmail.com", 1), ("nobody.org", 1))
    evidence = dict(loaded.facts.mapping.select("raw_id", "evidence").iter_rows())
    assert evidence["user:7"] == "contacts"
    assert evidence["email:x@eu.acme.io"] == "domain acme.io"


BESIDE = """\
at,user_id,email
2026-11-02,9,ann@acme.com
2026-11-02,9,
2026-11-03,7,bob@beta.com
2026-11-08,9,ann@acme.com
2026-11-08,8,y@nobody.org
"""


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_user_whom_nobody_knows_goes_by_the_address_beside_it(exports: Exports, ending: str) -> None:
    """7 is a contact of A3, whatever its address says; a row of 9 without an address is nobody's."""
    path = exports.write("usage.csv", BESIDE)
    pl.read_csv(path, schema_overrides={"at": pl.Date, "user_id": pl.String}).write_parquet(
        path.with_suffix(".parquet")
    )
    exports.write("accounts.csv", ACCOUNTS)
    exports.write("contacts.csv", "user_id,account_id\n7,A3\n")
    exports.write("tickets.csv", "ticket_id,opened_at,user_id,email\nT1,2026-11-02,9,ann@acme.com\n")
    sources = {
        "usage": {"files": f"usage.{ending}"},
        "accounts": {"files": "accounts.csv"},
        "contacts": {"files": "contacts.csv"},
        "tickets": {"files": "tickets.csv"},
    }
    loaded = exports.load(sources)
    kept = [
        ("email:ann@acme.com", "2026-11-02", 1),
        ("email:ann@acme.com", "2026-11-08", 1),
        ("user:7", "2026-11-03", 1),
        ("user:8", "2026-11-08", 1),
        ("user:9", "2026-11-02", 1),
    ]
    assert usage_days(loaded) == kept
    assert fold_days(loaded) == kept
    assert _accounts(loaded) == {"email:ann@acme.com": "A1", "user:7": "A3", "user:8": None, "user:9": None}
    assert loaded.facts.tables["tickets"]["account_id"].to_list() == ["A1"]
    without = exports.load(sources, exclude=[Entry("ours", accounts=("A1",))])
    assert usage_days(without) == kept[2:]
    by_person = exports.load(sources, exclude=[Entry("bot", users=("8",))])
    assert usage_days(by_person) == [row for row in kept if row[0] != "user:8"]


def test_another_address_beside_a_user_is_another_fact(exports: Exports) -> None:
    exports.write("accounts.csv", ACCOUNTS)
    sources = {"usage": {"files": "usage.csv"}, "accounts": {"files": "accounts.csv"}}
    exports.write("usage.csv", BESIDE)
    before = exports.load(sources).digest
    exports.write("usage.csv", BESIDE.replace("y@nobody.org", "y@beta.com"))
    assert exports.load(sources).digest != before


def test_a_user_who_moves_belongs_to_each_account_in_its_time() -> None:
    contacts = pl.DataFrame(
        {
            "user_id": ["7", "7"],
            "account_id": ["A1", "A2"],
            "created_at": [date(2026, 1, 1), date(2026, 6, 1)],
        }
    )
    identity = whose({"contacts": contacts})
    rows = pl.DataFrame(
        {"raw_id": ["user:7"] * 3, "day": [_day(2025, 5, 1), _day(2026, 5, 31), _day(2026, 6, 1)]}
    )
    assert resolve(rows, identity.mapping, "day")["account_id"].to_list() == ["A1", "A1", "A2"]
    assert identity.notes == ("1 id moved from one account to another: user:[hidden]",)


def test_an_id_that_two_accounts_claim_at_once_is_left_to_neither() -> None:
    contacts = pl.DataFrame({"user_id": ["7", "7"], "account_id": ["A1", "A2"]})
    identity = whose({"contacts": contacts})
    assert identity.mapping["raw_id"].to_list() == ["account:A1", "account:A2", "account:A3"]
    assert identity.notes == ("1 id is claimed by two accounts at once and left to neither: user:[hidden]",)


def test_a_domain_of_two_accounts_joins_to_neither() -> None:
    versions = snapshots(("A1", None, "acme.com"), ("A2", None, "acme.com, b.com"))
    identity = whose({}, versions, ["email:x@acme.com", "email:y@b.com"])
    joined = identity.mapping.filter(pl.col("raw_id").str.starts_with("email:"))
    assert joined.select("raw_id", "account_id").rows() == [("email:y@b.com", "A2")]
    assert identity.notes == ("1 domain belongs to two accounts and joins neither: acme.com",)


def test_several_addresses_and_ids_of_one_human_are_one_person() -> None:
    contacts = pl.DataFrame(
        {
            "user_id": ["7", "7", "9", "12"],
            "email": ["a@x.com", "b@x.com", "b@x.com", None],
            "account_id": ["A1", "A1", "A1", "A2"],
            "department": ["Ops", "Ops", "IT", None],
        }
    )
    clusters = whose({"contacts": contacts}).clusters
    people = people_of(contacts, clusters.members, NOBODY_NAMED)
    assert people.select("user_key", "person", "department", "account_id").rows() == [
        ("email:a@x.com", "user:7", "Ops", "A1"),
        ("email:b@x.com", "user:7", "IT", "A1"),
        ("user:12", "user:12", None, "A2"),
        ("user:7", "user:7", "Ops", "A1"),
        ("user:9", "user:7", "IT", "A1"),
    ]


def test_resolving_keeps_the_order_of_rows_and_orphans_without_account() -> None:
    identity = whose({}, seen=["account:A1"])
    rows = pl.DataFrame({"raw_id": ["account:Z", "account:A1", None], "day": [1, 2, 3]})
    assert resolve(rows, identity.mapping, "day")["account_id"].to_list() == [None, "A1", None]


def _accounts(loaded: Loaded) -> dict[str, str | None]:
    assert loaded.facts.usage is not None
    found = resolve(loaded.facts.usage.days(), loaded.facts.mapping, "day")
    return dict(found.select("raw_id", "account_id").iter_rows())


def _day(*parts: int) -> int:
    return epoch_day(date(*parts))
