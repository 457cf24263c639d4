"""What changes with time: a crosswalk moves people, domains and accounts from a date on; the past stays."""

from __future__ import annotations

from datetime import date

import pytest

from segkit.facts.identity.settings import IdentityConfig
from tests.facts.exports import Exports
from tests.facts.whose import accounts_of, owner, rows, snapshots, whose

MAY, JUNE, JULY = date(2026, 5, 31), date(2026, 6, 1), date(2026, 7, 1)


def test_a_person_who_moves_leaves_the_past_where_it_happened() -> None:
    contacts = rows("contacts", {"user_id": "7", "account_id": "A1"})
    moved = rows("crosswalk", {"user_id": "7", "account_id": "A2", "from": JUNE})
    found = whose({"contacts": contacts, "crosswalk": moved})
    assert accounts_of(found, "user:7", date(2020, 1, 1), MAY, JUNE, JULY) == ["A1", "A1", "A2", "A2"]
    assert found.notes == (
        "1 id moved from one account to another: user:[hidden]",
        "1 id is claimed by two accounts, and the stronger evidence won: user:[hidden]",
    )


def test_a_crosswalk_row_holds_from_its_date_until_its_date_and_not_before() -> None:
    told = rows("crosswalk", {"user_id": "7", "account_id": "A1", "from": MAY, "until": JUNE})
    found = whose({"crosswalk": told})
    assert accounts_of(found, "user:7", date(2026, 5, 30), MAY, JUNE, JULY) == [None, "A1", "A1", None]


def test_a_domain_that_is_sold_takes_its_people_along_from_that_day() -> None:
    sold = rows("crosswalk", {"domain": "https://www.Acme.com/", "account_id": "A2", "from": JUNE})
    listed = snapshots(("A1", None, "acme.com"))
    found = whose({"crosswalk": sold}, listed, ["email:ann@eu.acme.com"])
    assert accounts_of(found, "email:ann@eu.acme.com", MAY, JUNE) == ["A1", "A2"]
    assert found.mapping.filter(raw_id="email:ann@eu.acme.com")["evidence"].to_list() == [
        "domain acme.com",
        "domain acme.com (crosswalk)",
    ]


def test_a_domain_that_a_later_snapshot_lists_elsewhere_moves_with_the_snapshot() -> None:
    versions = snapshots(("A1", None, "acme.com"), ("A1", JUNE, None), ("A2", JUNE, "acme.com"))
    found = whose({}, versions, ["email:ann@acme.com"])
    assert accounts_of(found, "email:ann@acme.com", MAY, JUNE) == ["A1", "A2"]
    assert found.domains.is_empty()


def test_a_merger_takes_users_keys_and_the_account_itself_along_from_the_start_of_its_week() -> None:
    tables = {
        "contacts": rows("contacts", {"user_id": "7", "email": "ann@x.org", "account_id": "A1"}),
        "subscriptions": rows("subscriptions", {"subscription_id": "S1", "account_id": "A1"}),
        "crosswalk": rows("crosswalk", {"alias": "A1", "account_id": "A2", "from": date(2026, 6, 3)}),
    }
    found = whose(tables, keys=["subscription_id"])
    for raw_id in ("account:A1", "user:7", "email:ann@x.org", "subscription_id:S1"):
        assert accounts_of(found, raw_id, MAY, JUNE, JULY) == ["A1", "A2", "A2"]
    evidence = found.mapping.filter(raw_id="user:7")["evidence"].to_list()
    assert evidence == ["contacts", "contacts; A1 merged into A2"]


def test_mergers_are_followed_to_the_end_and_circles_move_nobody() -> None:
    chain = rows(
        "crosswalk",
        {"alias": "A1", "account_id": "A2", "from": JUNE},
        {"alias": "A2", "account_id": "A3", "from": JULY},
    )
    found = whose({"crosswalk": chain})
    assert accounts_of(found, "account:A1", MAY, JUNE, date(2026, 7, 6)) == ["A1", "A2", "A3"]
    circle = rows("crosswalk", {"alias": "A1", "account_id": "A2"}, {"alias": "A2", "account_id": "A1"})
    found = whose({"crosswalk": circle})
    assert (owner(found, "account:A1"), owner(found, "account:A2")) == ("A1", "A2")
    assert found.notes == (
        "2 accounts lead back to themselves through mergers and parents, and stay as they are: A1, A2",
    )


def test_an_alias_is_another_id_of_an_account_wherever_it_stands() -> None:
    tables = {
        "contacts": rows("contacts", {"user_id": "7", "account_id": "crm-1"}),
        "crosswalk": rows("crosswalk", {"alias": "crm-1", "account_id": "A1"}),
    }
    found = whose(tables, seen=["account:crm-1"])
    assert (owner(found, "account:crm-1"), owner(found, "user:7")) == ("A1", "A1")
    assert found.notes == ()


def test_a_crosswalk_row_that_names_no_id_is_refused(exports: Exports) -> None:
    exports.write("usage.csv", "at,account_id\n2026-11-02,old-1\n2026-11-08,A1\n")
    exports.write("crosswalk.csv", "Other id,account_id\nold-1,A1\n,A2\n")
    loaded = exports.load(
        {
            "usage": {"files": "usage.csv"},
            "crosswalk": {"files": "crosswalk.csv", "columns": {"alias": "Other id"}},
        }
    )
    assert loaded.rejected["crosswalk"].select("line", "code", "reason").rows() == [
        (3, "D204", "no alias in the row")
    ]
    assert loaded.facts.roster.accounts == ("A1",)
    assert loaded.matched == 1.0


def test_a_merged_account_leaves_the_roster_and_the_other_has_its_use(exports: Exports) -> None:
    exports.write("usage.csv", "at,account_id\n" + "".join(f"2026-{day},A1\n" for day in DAYS))
    exports.write("accounts.csv", "account_id,signup_date\nA1,2026-01-01\nA2,2026-01-01\n")
    exports.write("crosswalk.csv", "alias,account_id,from\nA1,A2,2026-11-04\n")
    loaded = exports.load({name: {"files": f"{name}.csv"} for name in ("usage", "accounts", "crosswalk")})
    assert loaded.facts.roster.on.tolist() == [[True, True, False], [True, True, True]]


DAYS = ("10-19", "10-26", "11-02", "11-08")


@pytest.mark.parametrize(("children", "wanted"), [("own", ["A1", "A1"]), ("rolled_up", ["A1", "A2"])])
def test_children_count_for_the_top_of_their_family_where_that_is_wanted(
    children: str, wanted: list[str]
) -> None:
    versions = snapshots(("A1", None, None), ("A1", JUNE, "A3"), ("A2", None, None), column="parent_id")
    versions = versions.vstack(snapshots(("A3", None, "A2"), column="parent_id"))
    found = whose({}, versions, config=IdentityConfig(children=children))
    assert accounts_of(found, "account:A1", MAY, JUNE) == wanted


def test_a_family_is_worth_what_its_accounts_are_and_only_its_top_is_assigned(exports: Exports) -> None:
    exports.write("usage.csv", "at,account_id\n" + "".join(f"2026-{day},C\n" for day in DAYS))
    exports.write("accounts_2026-10-25.csv", "account_id,arr,seats,parent_id\nP,10,\nC,5,3,P\nD,7,1,\n")
    exports.write("accounts_2026-11-01.csv", "account_id,arr,seats,parent_id\nP,10,\nC,6,3,P\nD,7,1,P\n")
    sources = {"usage": {"files": "usage.csv"}, "accounts": {"files": "accounts_{date}.csv"}}
    exports.write("accounts_2026-10-25.csv", "account_id,arr,seats,parent_id\nP,10,,\nC,5,3,P\nD,7,1,\n")
    exports.write("accounts_2026-11-01.csv", "account_id,arr,seats,parent_id\nP,10,,\nC,6,3,P\nD,7,1,P\n")
    roster = exports.load(sources, identity=IdentityConfig(children="rolled_up")).facts.roster
    assert roster.accounts == ("C", "D", "P")
    assert roster.on.tolist() == [[False] * 3, [True, False, False], [True] * 3]
    worth = [roster.snapshots.select("arr", "seats").row(int(row)) for row in roster.snapshot[2]]
    assert worth == [(15.0, 3.0), (23.0, 4.0), (23.0, 4.0)]
