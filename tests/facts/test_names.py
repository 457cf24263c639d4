"""People known by name and address alone: what is one name, who is one person, whose account that tells."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from segkit.facts.identity.names import MOST_ADDRESSES, name_table, persons_by_name, plain_name, usable
from segkit.facts.identity.settings import IdentityConfig
from segkit.periods import epoch_day
from tests.facts.exports import Exports
from tests.facts.whose import accounts_of, rows, snapshots, whose

Sighting = tuple[str, str, date]
JUNE, JULY, AUGUST = date(2026, 6, 1), date(2026, 7, 1), date(2026, 8, 1)


def seen(*sightings: Sighting) -> pl.DataFrame:
    """NAMES of (user key, name, day)."""
    made = pl.DataFrame(
        [(key, key, name, epoch_day(day)) for key, name, day in sightings],
        schema={"raw_id": pl.String, "user_key": pl.String, "user_name": pl.String, "day": pl.Int32},
        orient="row",
    )
    return name_table(made)


def people(sightings: pl.DataFrame, **listed: str) -> list[tuple[str, date, str]]:
    """(user key, day, person); listed: name of a contact, its person."""
    contacts = pl.DataFrame(
        {"user_key": [f"email:{name}@list.com" for name in listed], "person": list(listed.values())},
        schema={"user_key": pl.String, "person": pl.String},
    )
    lines = persons_by_name(sightings, contacts)
    return lines.with_columns(pl.col("from_day").cast(pl.Date)).rows()


@pytest.mark.parametrize(
    "text",
    ["Ann Li", "ann  LI", "Li, Ann", "Ánn Lí", "Dr. Ann Li (Acme)", "Ann M. Li", "Li Ann"],
)
def test_spellings_of_one_name_are_one(text: str) -> None:
    assert plain_name(text) == "ann li"


@pytest.mark.parametrize(
    "text", ["Ann", "root", "Test User", "unknown unknown", "ann@acme.com", "", "A. B", "—"]
)
def test_what_is_no_full_name_of_a_human_is_none(text: str) -> None:
    assert plain_name(text) is None


@pytest.mark.parametrize(
    ("text", "plain"), [("王伟", "王伟"), ("Person c7f5bcb6", "c7f5bcb6 person"), ("O'Neil Bo", "bo neil")]
)
def test_other_names_are_kept(text: str, plain: str) -> None:
    assert plain_name(text) == plain


def test_a_name_that_is_none_is_read_from_the_address_where_that_spells_one() -> None:
    table = seen(
        ("email:ann.li@acme.com", "annli", JUNE),
        ("email:x@home.org", "Ann Li", JUNE),
        ("email:y@b.c", "y", JUNE),
    )
    assert table["user_key"].to_list() == ["email:ann.li@acme.com", "email:x@home.org"]
    assert table["name"].n_unique() == 1


def test_addresses_of_one_name_are_one_person_from_the_day_on_which_both_were_seen() -> None:
    a, b, c = (f"email:{name}@x.org" for name in "abc")
    found = people(
        seen((a, "Ann Li", JUNE), (b, "Ann Li", JULY), (b, "Ann Li-Moe", JULY), (c, "Ann Li-Moe", AUGUST))
    )
    assert found == [(b, JULY, a), (c, AUGUST, a)]


def test_a_listed_person_keeps_its_name_and_two_of_them_are_never_joined() -> None:
    a, b = "email:ann@list.com", "email:bob@list.com"
    private = "email:0@home.org"
    found = people(seen((a, "Ann Li", JUNE), (private, "Ann Li", JULY)), ann="user:7")
    assert found == [(private, JULY, "user:7")]
    both = seen((a, "Ann Li", JUNE), (b, "Ann Li", JUNE), (private, "Ann Li", JULY))
    assert people(both, ann="user:7", bob="user:8") == []


def test_what_a_name_told_before_it_became_common_stays_told() -> None:
    """Two in June are one person; seven more in July make the name too common for anybody from then on."""
    two = [(f"email:{n}@x.org", "Wei Wang", JUNE) for n in range(2)]
    more = [(f"email:{n}@x.org", "Wei Wang", JULY) for n in range(2, MOST_ADDRESSES + 1)]
    before, after = usable(seen(*two)), usable(seen(*two, *more))
    assert after.sightings.rows() == before.sightings.rows()
    assert after.shared.rows() == [("email:0@x.org", MOST_ADDRESSES + 1, "a name that too many have")]
    assert people(before.sightings) == people(after.sightings) == [("email:1@x.org", JUNE, "email:0@x.org")]


def test_names_of_many_and_addresses_of_many_names_say_nothing() -> None:
    many = seen(*((f"email:{n}@x.org", "Wei Wang", JUNE) for n in range(MOST_ADDRESSES + 1)))
    names = seen(
        *(("email:team.box@x.org", f"Ann {last}", JUNE) for last in ("Li", "Moe", "Poe", "Roe", "Zoe"))
    )
    machine = seen(("email:ann@localhost", "Ann Li", JUNE))
    found = usable(pl.concat([many, names, machine]))
    assert found.sightings.is_empty()
    assert found.shared.rows() == [
        ("email:0@x.org", MOST_ADDRESSES + 1, "a name that too many have"),
        ("email:team.box@x.org", 5, "seen under too many names"),
    ]


def test_a_private_address_belongs_where_its_name_was_last_seen_to_belong() -> None:
    work, later, private = "email:al@acme.com", "email:al@beta.com", "email:al@gmail.com"
    sightings = seen((work, "Ann Li", JUNE), (private, "Ann Li", JULY), (later, "Ann Li", AUGUST))
    versions = snapshots(("A1", None, "acme.com"), ("A2", None, "beta.com"))
    found = whose({}, versions, [work, later, private], sightings=sightings)
    days = (date(2026, 5, 1), JUNE, date(2026, 7, 31), AUGUST, date(2028, 7, 31), date(2028, 8, 1))
    assert accounts_of(found, private, *days) == [None, "A1", "A1", "A2", "A2", None]
    assert found.mapping.filter(raw_id=private)["evidence"].to_list() == [
        "same name as email:al@acme.com",
        "same name as email:al@beta.com",
    ]
    unused = IdentityConfig(precedence=["domain"])
    assert accounts_of(whose({}, versions, [private], sightings=sightings, config=unused), private, JULY) == [
        None
    ]


def test_the_contact_list_outweighs_the_name() -> None:
    sightings = seen(("email:al@acme.com", "Ann Li", JUNE), ("email:al@gmail.com", "Ann Li", JULY))
    contacts = rows("contacts", {"email": "al@gmail.com", "account_id": "A3"})
    found = whose(
        {"contacts": contacts},
        snapshots(("A1", None, "acme.com")),
        ["email:al@acme.com"],
        sightings=sightings,
    )
    assert accounts_of(found, "email:al@gmail.com", JULY) == ["A3"]


@pytest.mark.parametrize("ending", ["csv", "window", "events"])
def test_names_of_usage_rows_are_read_whatever_way_the_files_come(exports: Exports, ending: str) -> None:
    lines = ["2026-11-02,al@acme.com,Ann Li,1", '2026-11-08,al@gmail.com,"Li, Ann",2']
    more = {"csv": {}, "window": {"delivery": "window"}, "events": {"columns": {"event_id": "event_id"}}}[
        ending
    ]
    header = "at,email,user_name,event_id\n"
    exports.write("usage_1.csv", header + "\n".join(lines) + "\n")
    if ending != "csv":
        exports.write("usage_2.csv", header + "\n".join(lines[1:]) + "\n2026-11-08,al@acme.com,Ann Li,3\n")
    exports.write("accounts.csv", "account_id,domains\nA1,acme.com\n")
    loaded = exports.load({"usage": {"files": "usage_*.csv", **more}, "accounts": {"files": "accounts.csv"}})
    assert loaded.matched == 1.0
    assert loaded.facts.people.select("user_key", "person").rows() == [
        ("email:al@gmail.com", "email:al@acme.com")
    ]
