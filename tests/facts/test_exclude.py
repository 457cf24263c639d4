"""What `exclude:` leaves out: people, accounts, events, each counted under its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import segkit.facts.taking.together as together
from segkit.facts.excluding import Entry
from segkit.facts.load import Loaded
from segkit.periods import epoch_day
from tests.draws import one_in
from tests.facts.exports import Exports, fold_days, usage_days

ACCOUNTS = """\
account_id,name,is_test
A1,Acme,no
A2,ACME Test GmbH,no
a1,Small a,no
A3,Sandbox,yes
"""
CONTACTS = """\
user_id,email,account_id
7,Jenkins@ci.example,A1
8,ann@acme.example,A1
9,,A2
"""
USAGE = """\
at,account_id,user_id,email,event
2026-11-02,A1,7,,push
2026-11-02,A1,8,,login
2026-11-03,A1,,deploy[bot]@acme.example,push
2026-11-03,A2,9,,login
2026-11-04,a1,,,login
2026-11-04,A3,,,login
2026-11-05,A1,8,,synthetic_check
2026-11-08,A1,8,,login
"""
SOURCES: Mapping[str, Mapping[str, Any]] = {
    "accounts": {"files": "accounts.csv"},
    "contacts": {"files": "contacts.csv"},
    "usage": {"files": "usage*.csv"},
}


@pytest.fixture
def filled(exports: Exports) -> Exports:
    exports.write("accounts.csv", ACCOUNTS)
    exports.write("contacts.csv", CONTACTS)
    exports.write("usage.csv", USAGE)
    return exports


def left_out(loaded: Loaded) -> dict[str, dict[str, int]]:
    """source -> reason -> rows, of those with any; and every equation adds up."""
    for count in loaded.facts.counts:
        assert count.read == count.accepted + count.rejected + count.excluded
    return {count.source: dict(count.reasons) for count in loaded.facts.counts if count.reasons}


def test_a_test_account_is_left_out_of_everything(filled: Exports) -> None:
    loaded = filled.load(SOURCES)
    assert left_out(loaded) == {"accounts": {"test account": 1}, "usage": {"test account": 1}}
    assert loaded.facts.roster.accounts == ("A1", "A2", "a1")
    assert "A3" not in loaded.facts.mapping["account_id"].to_list()
    assert "account:A3" not in [row[0] for row in fold_days(loaded)]
    assert loaded.problems == ()


@pytest.mark.parametrize(
    ("pattern", "gone"),
    [("A2", ["A2"]), ("acme test*", ["A2"]), ("A?", ["A1", "A2", "A3"]), ("a1", ["a1"]), ("*TEST*", ["A2"])],
)
def test_accounts_are_named_by_their_id_as_written_or_by_their_name_in_any_case(
    filled: Exports, pattern: str, gone: list[str]
) -> None:
    loaded = filled.load(SOURCES, exclude=[Entry("internal", accounts=(pattern,))])
    assert set(loaded.facts.roster.accounts) == {"A1", "A2", "a1"} - set(gone)
    assert [problem.code for problem in loaded.problems] == []


def test_an_account_that_no_list_names_can_be_left_out_too(filled: Exports) -> None:
    filled.write("usage_2.csv", "at,account_id\n2026-11-08,T-1\n")
    sources = {**SOURCES, "usage": {"files": "usage*.csv", "delivery": "append"}}
    assert [problem.code for problem in filled.load(sources).problems] == ["D109"]
    loaded = filled.load(sources, exclude=[Entry("internal", accounts=("T-*",))])
    assert (loaded.problems, left_out(loaded)["usage"]["internal"]) == ((), 1)


def test_people_are_left_out_although_their_rows_name_an_account(filled: Exports) -> None:
    """7 is found by the address that contacts give, the other one by its own; brackets are plain signs."""
    bots = [Entry("bot", users=("jenkins@*", "*[bot]*"))]
    loaded = filled.load(SOURCES, exclude=bots)
    assert left_out(loaded) == {
        "accounts": {"test account": 1},
        "contacts": {"bot": 1},
        "usage": {"bot": 2, "test account": 1},
    }
    kept = [("account:A1", "2026-11-02", 1), ("account:A1", "2026-11-05", 1), ("account:A1", "2026-11-08", 1)]
    assert [row for row in usage_days(loaded) if row[0] == "account:A1"] == kept
    assert [row for row in fold_days(loaded) if row[0] == "account:A1"] == kept
    assert loaded.facts.people["user_key"].to_list() == ["email:ann@acme.example", "user:8", "user:9"]
    assert loaded.left_out.counts() == [("bot", 0, 2), ("test account", 1, 0)]


def test_people_whose_rows_name_only_them_are_left_out(exports: Exports) -> None:
    exports.write(
        "usage.csv", "at,user_id,email\n2026-11-02,ci,\n2026-11-02,8,ann@a.example\n2026-11-08,8,\n"
    )
    exports.write("contacts.csv", "user_id,account_id\nci,A\n8,A\n")
    sources = {"usage": {"files": "usage.csv"}, "contacts": {"files": "contacts.csv"}}
    loaded = exports.load(sources, exclude=[Entry("bot", users=("ci",))])
    assert usage_days(loaded) == [("user:8", "2026-11-02", 1), ("user:8", "2026-11-08", 1)]
    by_address = exports.load(sources, exclude=[Entry("staff", users=("*@a.example",))])
    assert usage_days(by_address) == [("user:8", "2026-11-08", 1), ("user:ci", "2026-11-02", 1)]


def test_events_are_left_out_before_they_are_looked_at(filled: Exports) -> None:
    filled.write("usage.csv", USAGE + "some day,A1,8,,synthetic_login\n")
    loaded = filled.load(SOURCES, exclude=[Entry("monitoring", events=("synthetic_*",))])
    assert left_out(loaded)["usage"] == {"monitoring": 2, "test account": 1}
    assert ("account:A1", "2026-11-05", 1) not in usage_days(loaded)


def test_the_first_entry_that_means_a_row_counts_it(filled: Exports) -> None:
    entries = [Entry("ours", accounts=("A2",)), Entry("later", accounts=("A*",))]
    assert filled.load(SOURCES, exclude=entries).left_out.counts() == [
        ("later", 1, 0),
        ("ours", 1, 0),
        ("test account", 1, 0),
    ]


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        (Entry("bot", users=("renovate*", "7")), "no user is like 'renovate*' (bot)"),
        (Entry("ours", accounts=("a2",)), "no account is like 'a2' (ours)"),
        (Entry("noise", events=("Login",)), "no event is like 'Login' (noise)"),
    ],
)
def test_a_pattern_that_means_nothing_is_told(filled: Exports, entry: Entry, what: str) -> None:
    (problem,) = filled.load(SOURCES, exclude=[entry]).problems
    assert (problem.code, problem.what, problem.severity) == ("D112", f"exclude: {what}", "warning")


def test_another_list_of_people_and_accounts_reads_no_usage_again(
    filled: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled.load(SOURCES, cache=filled.cache, exclude=[Entry("bot", users=("7",))])
    monkeypatch.setattr(together, "take_in", None)
    more = [Entry("bot", users=("*[bot]*", "8")), Entry("ours", accounts=("A2",))]
    again = filled.load(SOURCES, cache=filled.cache, exclude=more)
    assert usage_days(again) == [("account:A1", "2026-11-02", 1), ("account:a1", "2026-11-04", 1)]


def test_whoever_is_left_out_changes_the_facts_and_nobody_does_not(filled: Exports) -> None:
    plain = filled.load(SOURCES).digest
    assert filled.load(SOURCES, exclude=[Entry("bot", users=("nobody",))]).digest == plain
    assert filled.load(SOURCES, exclude=[Entry("bot", users=("7",))]).digest != plain
    assert filled.load(SOURCES, exclude=[Entry("ours", accounts=("A2",))]).digest != plain


def test_the_receipts_of_days_tell_who_is_left_out_of_them(filled: Exports) -> None:
    """What is kept of the past from run to run hangs on them."""

    def receipts(**given: Any) -> dict[int, tuple[Any, ...]]:
        usage = filled.load(SOURCES, **given).facts.usage
        assert usage is not None
        assert usage.receipts is not None
        return {row[0]: row[1:] for row in usage.receipts().rows()}

    plain, without = receipts(), receipts(exclude=[Entry("bot", users=("*[bot]*",))])
    day = epoch_day(date(2026, 11, 3))
    assert without[day] != plain[day]


def test_files_that_repeat_events_count_what_is_left_out_once(filled: Exports) -> None:
    head = "at,account_id,user_id,event_id\n"
    filled.write("usage_1.csv", head + "2026-11-02,A1,7,e1\n2026-11-03,A1,8,e2\n")
    filled.write("usage_2.csv", head + "2026-11-03,A1,8,e2\n2026-11-08,A1,7,e3\n")
    sources = {**SOURCES, "usage": {"files": "usage_*.csv", "columns": {"event_id": "event_id"}}}
    loaded = filled.load(sources, exclude=[Entry("bot", users=("7",))])
    assert left_out(loaded)["usage"] == {"bot": 2, "replaced": 1}
    assert fold_days(loaded) == [("account:A1", "2026-11-03", 1)]


def test_where_everybody_is_left_out_it_says_so(filled: Exports) -> None:
    (problem,) = filled.refused(SOURCES, exclude=[Entry("all", accounts=("*",))])
    assert (problem.code, problem.what[:29]) == ("D103", "every account is left out: th")
    (problem,) = filled.refused(SOURCES, exclude=[Entry("all", events=("*",))])
    assert (problem.code, problem.what) == ("D103", "usage: every row is left out: all")


PERSONS = {"user:7": {"7", "jenkins@ci.example"}, "user:8": {"8", "ann@acme.example"}}
OWNER = {"7": "A1", "8": "A1", "9": "A2", "jenkins@ci.example": "A1", "ann@acme.example": "A1"}
NAMES = {"A1": "Acme", "A2": "ACME Test GmbH", "a1": "Small a", "A3": "Sandbox"}


def like(text: str, patterns: list[str], *, any_case: bool) -> bool:
    """One sign after the other, without regular expressions."""

    def fits(text: str, pattern: str) -> bool:
        if not pattern:
            return not text
        if pattern[0] == "*":
            return any(fits(text[at:], pattern[1:]) for at in range(len(text) + 1))
        return bool(text) and pattern[0] in ("?", text[0]) and fits(text[1:], pattern[1:])

    low = str.lower if any_case else str
    return any(fits(low(text), low(pattern)) for pattern in patterns)


def fate(row: tuple[str, ...], patterns: list[str]) -> str:
    """accepted, refused or left out: what the page says, row by row."""
    at, account, user, email = row
    if at != "2026-11-02" or not (account or user or email):
        return "refused"
    ids = {user, email} - {""}
    ids = ids.union(*(person for person in PERSONS.values() if person & ids))
    if any(like(i, patterns, any_case="@" in i) for i in ids):
        return "left out"
    owner = account or next((OWNER[i] for i in (user, email) if i in OWNER), "")
    test = owner == "A3"
    named = like(owner, patterns[:1], any_case=False) or like(
        NAMES.get(owner, ""), patterns[:1], any_case=True
    )
    return "left out" if owner and (test or named) else "accepted"


ACCOUNT = st.sampled_from(["A1", "A2", "A9", "A3", "a1", ""])
USER = st.sampled_from(["7", "8", "9", "10", ""])
EMAIL = st.sampled_from(["ann@acme.example", "x[bot]@y.example", "who@else.example", ""])
ROW = st.tuples(st.sampled_from(["2026-11-02", "soon", ""]), ACCOUNT, USER, EMAIL)
PATTERN = st.sampled_from(["A*", "7", "*@*", "*[bot]*", "?1", "1?", "acme*", "ANN@*", "zzz"])


@one_in(10)
@given(st.lists(ROW, max_size=6), st.lists(PATTERN, min_size=1, max_size=3))
@example([("2026-11-02", "", "10", "ann@acme.example")], ["?1"])
def test_every_row_goes_where_the_page_says(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]], patterns: list[str]
) -> None:
    fixed = [("2026-11-02", "a1", "", ""), ("2026-11-02", "", "10", "")]
    exports = Exports(tmp_path_factory.mktemp("garbage"))
    exports.write("accounts.csv", ACCOUNTS + "Z9,Zebra,\n")
    exports.write("contacts.csv", CONTACTS)
    lines = [",".join(row) for row in (*fixed, *rows)]
    exports.write(
        "usage.csv", "at,account_id,user_id,email\n" + "\n".join([*lines, "2026-11-08,Z9,,"]) + "\n"
    )
    exclude = [Entry("bot", users=tuple(patterns)), Entry("own", accounts=tuple(patterns[:1]))]
    loaded = exports.load(SOURCES, exclude=exclude)
    left_out(loaded)
    (usage,) = (count for count in loaded.facts.counts if count.source == "usage")
    expected = Counter(fate(row, patterns) for row in [*fixed, *rows, ("2026-11-02", "Z9", "", "")])
    assert {"accepted": usage.accepted, "refused": usage.rejected, "left out": usage.excluded} == {
        "accepted": expected["accepted"],
        "refused": expected["refused"],
        "left out": expected["left out"],
    }
