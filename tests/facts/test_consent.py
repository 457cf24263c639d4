"""Who said no is left out from then on, by the last word that is known."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from segkit.facts.keyed import Hashed
from segkit.facts.load import Loaded
from segkit.facts.rows.parse import NO, YES
from tests.facts.exports import Exports, usage_days

USAGE = "at,account_id,user_id\n2026-10-26,A,1\n2026-10-27,B,2\n2026-11-02,A,3\n2026-11-08,B,2\n"
SOURCES = {
    "accounts": {"files": "accounts*.csv"},
    "contacts": {"files": "contacts*.csv"},
    "usage": {"files": "usage.csv"},
}


def consents(exports: Exports, accounts: str = "", contacts: str = "", **given: object) -> Loaded:
    exports.write("usage.csv", USAGE)
    exports.write("accounts.csv", "account_id,consent\nA,\nB,\n" + accounts)
    exports.write("contacts.csv", "user_id,email,consent\n9,,\n" + contacts)
    return exports.load(SOURCES, **given)


def people(loaded: Loaded) -> list[str]:
    return loaded.left_out.people["user_key"].to_list()


def test_words_that_mean_yes(exports: Exports) -> None:
    words = [*YES, "Opted-in", " YES ", "opt in", ""]
    loaded = consents(exports, contacts="".join(f"{word!r},,{word}\n" for word in words))
    assert (people(loaded), loaded.problems) == ([], ())


def test_words_that_mean_no(exports: Exports) -> None:
    words = [*NO, "Opted out", "WITHDRAWN", "opt-out"]
    loaded = consents(exports, contacts="".join(f"{word!r},,{word}\n" for word in words))
    assert (sorted(people(loaded)), loaded.problems) == (sorted(f"user:{word!r}" for word in words), ())


@pytest.mark.parametrize("source", ["accounts", "contacts"])
def test_any_other_word_means_no_and_is_told(exports: Exports, source: str) -> None:
    row = {"accounts": "C,perhaps\n", "contacts": "1,,perhaps\n"}[source]
    loaded = consents(exports, **{source: row})
    (problem,) = loaded.problems
    assert (problem.code, problem.severity, str(problem.where)) == (
        "D113",
        "warning",
        f"{source}.csv:{4 if source == 'accounts' else 3}",
    )
    assert problem.what == f"{source}: 1 row says neither yes nor no under consent; read as no"
    assert [why for why, _, _ in loaded.left_out.counts()] == ["no consent"]


def test_an_account_that_said_no_is_nowhere(exports: Exports) -> None:
    exports.write("usage.csv", USAGE)
    exports.write("accounts.csv", "account_id,name,consent\nA,Acme,no\nB,Borg,yes\n")
    exports.write("contacts.csv", "user_id,account_id\n1,A\n2,B\n3,A\n")
    loaded = exports.load(SOURCES)
    facts = loaded.facts
    assert facts.roster.accounts == ("B",)
    assert facts.roster.snapshots["name"].to_list() == ["Borg"]
    assert facts.people["user_key"].to_list() == ["user:2"]
    assert facts.tables["contacts"]["account_id"].to_list() == ["B"]
    assert usage_days(loaded) == [("account:B", "2026-10-27", 1), ("account:B", "2026-11-08", 1)]
    assert "A" not in loaded.ledger["account_id"].to_list()
    assert {count.source: dict(count.reasons) for count in facts.counts} == {
        "accounts": {"no consent": 1},
        "contacts": {"no consent": 2},
        "usage": {"no consent": 2},
    }


@pytest.mark.parametrize(
    ("words", "out"),
    [
        (("yes", "no"), True),
        (("no", "yes"), False),
        (("no", ""), True),
        (("", "no"), True),
        (("", ""), False),
    ],
)
def test_the_last_word_of_an_account_counts_and_nothing_is_no_word(
    exports: Exports, words: tuple[str, str], out: bool
) -> None:
    exports.write("usage.csv", USAGE)
    for day, word in zip(("2026-10-25", "2026-11-08"), words, strict=True):
        exports.write(f"accounts_{day}.csv", f"account_id,consent\nA,{word}\nB,\n")
    sources = {"usage": {"files": "usage.csv"}, "accounts": {"files": "accounts_{date}.csv"}}
    loaded = exports.load(sources)
    assert loaded.facts.roster.accounts == (("B",) if out else ("A", "B"))
    # A no that is known today holds for every date that is looked at from today on.
    assert (
        exports.load(sources, as_of=date(2026, 11, 1)).facts.roster.accounts == loaded.facts.roster.accounts
    )


def test_a_person_who_said_no_leaves_the_account_its_other_people(exports: Exports) -> None:
    loaded = consents(exports, contacts="1,ann@a.example,no\n3,,yes\n")
    assert people(loaded) == ["email:ann@a.example", "user:1"]
    assert loaded.left_out.counts() == [("no consent", 0, 1)]
    assert [row for row in usage_days(loaded) if row[0] == "account:A"] == [("account:A", "2026-11-02", 1)]


@pytest.mark.parametrize(
    ("rows", "out"),
    [
        (("1,,no\n", "1,,yes\n"), False),
        (("1,,yes\n", "1,,no\n"), True),
        (("1,,no\n", "1,,\n"), True),
        (("1,,no\n", "4,,yes\n"), True),
        (("1,,\n", "1,a@x.example,yes\n1,b@x.example,no\n"), True),
        (("1,a@x.example,no\n", "2,a@x.example,yes\n"), False),
    ],
)
def test_the_newest_list_that_says_anything_of_a_person_counts(
    exports: Exports, rows: tuple[str, str], out: bool
) -> None:
    exports.write("usage.csv", USAGE)
    for day, text in zip(("2026-10-25", "2026-11-15"), rows, strict=True):
        exports.write(f"contacts_{day}.csv", "user_id,email,consent\n" + text)
    sources = {"usage": {"files": "usage.csv"}, "contacts": {"files": "contacts_{date}.csv"}}
    assert ("user:1" in people(exports.load(sources))) == out


def test_who_said_no_before_stays_out_whatever_the_files_say_no_longer(exports: Exports) -> None:
    heard = Hashed(b"key").with_ids(["account:B", "user:1"])
    exports.write("usage.csv", USAGE)
    exports.write("accounts.csv", "account_id\nA\nB\n")
    loaded = exports.load({k: SOURCES[k] for k in ("usage", "accounts")}, heard=heard)
    assert (loaded.facts.roster.accounts, people(loaded)) == (("A",), ["user:1"])
    assert usage_days(loaded) == [("account:A", "2026-11-02", 1)]
    again = consents(exports, accounts="C,\n", contacts="1,,yes\n", heard=heard)
    assert people(again) == []


def test_hashes_are_of_the_key_and_of_the_kind_of_id() -> None:
    one, other = Hashed(b"a").with_ids(["user:7"]), Hashed(b"b").with_ids(["user:7"])
    assert one.hashes.isdisjoint(other.hashes)
    assert all(len(each) == 64 and each != "7" for each in one.hashes)
    assert one.holds(pl.Series(["user:7", "account:7", None])).to_list() == [True, False, False]
    assert one.without(["user:7"]).hashes == frozenset()


def test_what_joins_the_ids_of_one_person_is_the_crosswalk_too(exports: Exports) -> None:
    """A no to one id is a no to all of them, as it is when somebody is erased."""
    exports.write("crosswalk.csv", "account_id,user_id,email\nA,3,ann@a.example\n")
    exports.write("usage.csv", USAGE + "2026-11-08,B,Ann@A.example\n")
    exports.write("accounts.csv", "account_id\nA\nB\n")
    exports.write("contacts.csv", "user_id,email,consent\n1,ann@a.example,no\n")
    loaded = exports.load(SOURCES | {"crosswalk": {"files": "crosswalk.csv"}})
    assert people(loaded) == ["email:ann@a.example", "user:1", "user:3", "user:Ann@A.example"]
    assert loaded.left_out.counts() == [("no consent", 0, 1)]
    assert {row[0] for row in usage_days(loaded)} == {"account:B"}
    assert set(loaded.persons.members["person"]) == {"user:1"}
