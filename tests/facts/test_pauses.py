"""pauses.csv: what is accepted, why a row is refused, what a list changes."""

from __future__ import annotations

from datetime import date
from typing import Any

from segkit.facts.load import Loaded
from segkit.ruleset.named import RuleWords
from tests.engine.build import ruleset
from tests.facts.exports import Exports

HEAD = "account_id,group,from,to,reason,metrics\n"
ACCOUNTS = """\
account_id,name,industry,seats,signup_date
A,Acme,Retail,5,2026-01-01
B,Borg,Finance,7,2026-01-01
"""
USAGE = "at,account_id\n" + "".join(
    f"2026-{day},A\n" for day in ("10-05", "10-12", "10-20", "10-27", "11-08")
)
SOURCES: dict[str, dict[str, Any]] = {
    "accounts": {"files": "accounts.csv"},
    "usage": {"files": "usage.csv"},
    "pauses": {"files": "pauses*.csv"},
}


def load(exports: Exports, rows: str, as_of: date = date(2026, 11, 1), **sources: Any) -> Loaded:
    exports.write("accounts.csv", ACCOUNTS)
    exports.write("usage.csv", USAGE)
    exports.write("pauses.csv", HEAD + rows)
    return exports.load({**SOURCES, **sources}, as_of=as_of, words=RuleWords(ruleset(), {}, set(SOURCES)))


def test_a_row_is_for_an_account_a_group_or_all(exports: Exports) -> None:
    loaded = load(
        exports,
        'A,,2026-10-12,2026-12-31,Freeze,"events_7d, tickets"\n'
        ",industry = Retail,2026-10-05,2026-10-06,,\n"
        ",seats=7,2026-10-05,2026-10-06,,\n"
        ",ALL,2026-10-19,2026-10-19,Holiday,\n",
    )
    assert loaded.facts.pauses is not None
    rows = loaded.facts.pauses.select("account_id", "attribute", "value", "reason", "metrics").rows()
    assert rows == [
        (None, None, None, "Holiday", []),
        (None, "industry", "Retail", None, []),
        (None, "seats", "7", None, []),
        ("A", None, None, "Freeze", ["events_7d", "tickets"]),
    ]
    (count,) = (count for count in loaded.facts.counts if count.source == "pauses")
    assert (count.read, count.accepted, count.rejected, count.excluded) == (4, 4, 0, 0)


REFUSED = {
    "A,,2026-10-12,2026-10-11,,": ("to", "D220", "it ends before it begins: 2026-10-12 to 2026-10-11"),
    "Z,,2026-10-12,2026-10-18,,": ("account_id", "D221", "no account has the id 'Z'"),
    "acme,,2026-10-12,2026-10-18,,": ("account_id", "D221", "no account has the id 'acme': did you mean A?"),
    ",Retail,2026-10-12,2026-10-18,,": (
        "group",
        "D222",
        "'Retail' names no group: write industry = Retail, or all",
    ),
    ",industy = Retail,2026-10-12,2026-10-18,,": (
        "group",
        "D222",
        "accounts have no attribute 'industy': did you mean 'industry'?",
    ),
    ",industry = retail,2026-10-12,2026-10-18,,": (
        "group",
        "D222",
        "no account has industry 'retail': did you mean 'Retail'?",
    ),
    "A,all,2026-10-12,2026-10-18,,": (
        "group",
        "D222",
        "the row names an account and a group: write two rows",
    ),
    "A,,2026-10-12,2026-10-18,,evnts_7d": (
        "metrics",
        "D223",
        "no metric or event source is called 'evnts_7d': did you mean 'events'?",
    ),
    "A,,2026-10-12,2026-10-18,,events_7d.change": (
        "metrics",
        "D223",
        "'events_7d.change' is a view of events_7d: a pause names the metric itself",
    ),
    "A,,2026-10-12,2026-10-18,,tenure_days_7d": (
        "metrics",
        "D223",
        "no metric or event source is called 'tenure_days_7d': did you mean 'tenure_days'?",
    ),
    ",,2026-10-12,2026-10-18,,": ("account_id", "D204", "no account_id or group in the row"),
    "A,,2026-10-12,,,": ("to", "D201", "to is empty"),
}


def test_a_row_that_means_nothing_known_is_refused_and_the_others_act(exports: Exports) -> None:
    rows = "".join(f"{row}\n" for row in REFUSED)
    loaded = load(exports, f"B,,2026-10-12,2026-10-18,,\n{rows}")
    told = loaded.rejected["pauses"].select("file", "line", "column", "code", "reason").rows()
    assert sorted(told) == [("pauses.csv", line, *REFUSED[row]) for line, row in enumerate(REFUSED, 3)]
    assert loaded.facts.pauses is not None
    assert loaded.facts.pauses["account_id"].to_list() == ["B"]
    (count,) = (count for count in loaded.facts.counts if count.source == "pauses")
    assert (count.read, count.accepted, count.rejected) == (1 + len(REFUSED), 1, len(REFUSED))


def test_a_list_may_be_empty(exports: Exports) -> None:
    facts = load(exports, "").facts
    assert facts.pauses is not None
    assert facts.pauses.is_empty()


def test_a_pause_that_begins_later_is_not_known_yet_and_any_other_is_a_changed_fact(exports: Exports) -> None:
    empty = load(exports, "")
    later = load(exports, "A,,2026-11-02,2026-11-08,,\n")
    assert later.facts.pauses is not None
    assert later.facts.pauses.is_empty()
    assert later.digest == empty.digest
    now = load(exports, "A,,2026-11-01,2026-11-08,,\n")
    assert now.digest != empty.digest
    assert load(exports, "A,,2026-11-01,2026-11-09,,\n").digest != now.digest


def test_a_list_dates_nothing_and_covers_nothing(exports: Exports) -> None:
    loaded = load(exports, "A,,1999-01-01,2026-12-31,,\n")
    assert set(loaded.facts.coverage) == {"usage"}
    assert set(loaded.facts.tables) == set()


def test_of_dated_lists_the_one_of_the_day_speaks(exports: Exports) -> None:
    exports.write("pauses_2026-10-20.csv", HEAD + "A,,2026-10-05,2026-12-31,first,\n")
    exports.write("pauses_2026-11-03.csv", HEAD + "B,,2026-10-05,2026-12-31,second,\n")
    dated = {"pauses": {"files": "pauses_{date}.csv"}}
    for as_of, who in ((date(2026, 10, 25), "A"), (date(2026, 11, 1), "B")):
        found = load(exports, "", as_of, **dated).facts.pauses
        assert found is not None
        assert found["account_id"].to_list() == [who]


def test_a_pause_of_an_account_that_is_left_out_is_left_out_and_not_refused(exports: Exports) -> None:
    exports.write("accounts.csv", "account_id,signup_date,is_test\nA,2026-01-01,no\nB,2026-01-01,yes\n")
    exports.write("usage.csv", USAGE)
    exports.write("pauses.csv", HEAD + "A,,2026-10-12,2026-10-18,,\nB,,2026-10-12,2026-10-18,,\n")
    loaded = exports.load(SOURCES, as_of=date(2026, 11, 1))
    (count,) = (count for count in loaded.facts.counts if count.source == "pauses")
    assert (count.read, count.accepted, count.rejected, count.excluded) == (2, 1, 0, 1)
    assert loaded.facts.pauses is not None
    assert loaded.facts.pauses["account_id"].to_list() == ["A"]
