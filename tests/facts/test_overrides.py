"""overrides.csv: what is accepted, and why a row is refused."""

from __future__ import annotations

from datetime import date
from typing import Any

from segkit.facts.load import Loaded
from segkit.periods import Calendar
from segkit.ruleset import check_rules_text
from segkit.ruleset.model import Definitions
from segkit.ruleset.named import RuleWords
from tests.facts.exports import Exports

HEAD = "account_id,segment,in_or_out,from,until,by,reason\n"
ACCOUNTS = "account_id,name,signup_date,tier\nA,Acme,2026-01-01,gold\nB,Borg,2026-01-01,tin\n"
USAGE = "at,account_id\n" + "".join(
    f"2026-{day},A\n" for day in ("10-05", "10-12", "10-20", "10-27", "11-08")
)
SOURCES: dict[str, dict[str, Any]] = {
    "accounts": {"files": "accounts.csv", "attributes": {"tier": "text"}},
    "usage": {"files": "usage.csv"},
    "overrides": {"files": "overrides.csv"},
}
RULES = """\
version: 1
name: m
thresholds: {few: 3}
conditions:
  quiet: events_7d under $few
segments:
  - {name: at_risk, enter: quiet}
  - {name: active, enter: events_7d at least 1}
flags:
  - {name: busy, enter: events_7d at least 9}
"""


def words() -> RuleWords:
    rules, problems = check_rules_text(RULES, calendar=Calendar(), definitions=Definitions())
    assert rules is not None, problems
    return RuleWords(rules, {"tier": "text"}, {"accounts", "usage"})


def load(exports: Exports, rows: str, as_of: date = date(2026, 11, 1), **more: Any) -> Loaded:
    exports.write("accounts.csv", ACCOUNTS)
    exports.write("usage.csv", USAGE)
    exports.write("overrides.csv", HEAD + rows)
    overrides = {**SOURCES["overrides"], **more}
    return exports.load({**SOURCES, "overrides": overrides}, as_of=as_of, words=words())


def test_a_row_ends_with_a_date_a_condition_or_not_at_all(exports: Exports) -> None:
    loaded = load(
        exports,
        "A,at_risk,out,2026-10-05,2026-12-31,Ann,freeze\n"
        'A,busy,in,2026-10-12,"not quiet and tier is ""gold""",Bob,champion\n'
        "B,active,in,2026-10-01,,Cem,pilot\n",
    )
    assert loaded.facts.overrides is not None
    assert loaded.facts.overrides.rows() == [
        ("A", "at_risk", False, 20731, 20818, None, "Ann", "freeze"),
        ("A", "busy", True, 20738, None, 'not quiet and tier is "gold"', "Bob", "champion"),
        ("B", "active", True, 20727, None, None, "Cem", "pilot"),
    ]


def test_dates_are_read_as_declared(exports: Exports) -> None:
    loaded = load(exports, "A,at_risk,out,05.10.2026,31.12.2026,Ann,freeze\n", dates="%d.%m.%Y")
    assert loaded.facts.overrides is not None
    assert loaded.facts.overrides.select("first", "last").row(0) == (20731, 20818)


REFUSED = {
    "Acme,at_risk,out,2026-10-05,,Ann,why": (
        "account_id",
        "D221",
        "no account has the id 'Acme': did you mean A?",
    ),
    "A,atrisk,out,2026-10-05,,Ann,why": (
        "segment",
        "D224",
        "no segment or flag is called 'atrisk': did you mean 'at_risk'?",
    ),
    "A,at_risk,away,2026-10-05,,Ann,why": ("in_or_out", "D205", "in_or_out is not in or out"),
    "A,at_risk,out,2026-10-05,2026-10-04,Ann,why": (
        "until",
        "D220",
        "it ends before it begins: 2026-10-05 to 2026-10-04",
    ),
    "A,at_risk,out,2026-10-05,2026-10-10,Ann,why": (
        "until",
        "D226",
        "no week ends from 2026-10-05 to 2026-10-10, so that it would decide nothing: "
        "write 2026-10-11 or later",
    ),
    "A,at_risk,out,2026-10-05,next spring,Ann,why": (
        "until",
        "D225",
        "'next spring' is no date and no condition: character 6: unexpected 'spring'; "
        "'and', 'or' or a comparison (under, at most, over, at least, is, between, in) stands here",
    ),
    "A,at_risk,out,2026-10-05,events_7d over $fw,Ann,why": (
        "until",
        "D225",
        "'events_7d over $fw' is no date and no condition: character 16: unknown threshold '$fw'; "
        "did you mean 'few'?",
    ),
    "A,at_risk,out,2026-10-05,member(active),Ann,why": (
        "until",
        "D225",
        "'member(active)' is no date and no condition: character 1: it waits for a segment (active), "
        "and an override changes those",
    ),
    "A,at_risk,out,2026-10-05,busy,Ann,why": (
        "until",
        "D225",
        "'busy' is no date and no condition: character 1: it waits for a segment (busy), "
        "and an override changes those",
    ),
    "A,at_risk,out,2026-10-05,,,why": ("by", "D201", "by is empty"),
    "A,at_risk,out,2026-10-05,,Ann,": ("reason", "D201", "reason is empty"),
}


def test_a_row_that_means_nothing_known_is_refused_and_the_others_act(exports: Exports) -> None:
    rows = "".join(f"{row}\n" for row in REFUSED)
    loaded = load(exports, f"B,active,in,2026-10-01,,Cem,pilot\n{rows}")
    told = loaded.rejected["overrides"].select("file", "line", "column", "code", "reason").rows()
    assert sorted(told) == [("overrides.csv", line, *REFUSED[row]) for line, row in enumerate(REFUSED, 3)]
    assert loaded.facts.overrides is not None
    assert loaded.facts.overrides["account_id"].to_list() == ["B"]


def test_what_begins_later_is_not_known_yet_and_any_other_row_is_a_changed_fact(exports: Exports) -> None:
    empty = load(exports, "")
    assert empty.facts.overrides is not None
    later = load(exports, "A,at_risk,out,2026-11-02,,Ann,why\n")
    assert later.facts.overrides is not None
    assert later.facts.overrides.is_empty()
    assert later.digest == empty.digest
    assert load(exports, "A,at_risk,out,2026-11-01,,Ann,why\n").digest != empty.digest
