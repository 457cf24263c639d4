"""Who to call, what was held, what the data support: from rules, frames and latches made by hand."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import cast

import numpy as np
import polars as pl
import pytest
from msgspec.structs import replace

from segkit.engine.results import Decisions, State
from segkit.facts.load import Loaded
from segkit.facts.types import SourceCount
from segkit.periods import Calendar
from segkit.reports.first.calls import Call, due_days, first, pressing, to_call
from segkit.reports.first.health import equation, reasons
from segkit.reports.first.held import held
from segkit.reports.first.supports import history, most_helpful, mostly_unknown
from segkit.ruleset.expr import Compare, Metric, Number
from segkit.ruleset.model import Dimension, Playbook, RuleSet, Segment, Times

NPS = Compare(Metric("nps_latest"), "<=", Number(6))
SEGMENTS = (
    Segment("churning", NPS, playbook="save", exit_after=Times(4, 4), min_stay=4),
    Segment("at_risk", NPS, playbook="re_engage", enter_after=Times(2, 3), cooldown=3),
    Segment("power", NPS, playbook="advocate", enter_after=Times(3, 3)),
    Segment("steady", NPS),
)
RULES = RuleSet(
    "saas",
    1,
    (Dimension("segments", SEGMENTS, "needs_review"),),
    playbooks={
        "save": Playbook("save", due="1 day", steps=("Read", "Call")),
        "re_engage": Playbook("re_engage", due="2 days", steps=("Look",)),
        "advocate": Playbook("advocate", due="2 weeks"),
    },
)
ACCOUNTS = pl.DataFrame(
    {
        "account_id": ["A", "B", "C", "D"],
        "name": ["Acme", "Borg", "Cosmo", "Dyna"],
        "primary": ["churning", "at_risk", "at_risk", "power"],
        "weeks_in": [9, 1, 3, 5],
        "arr": [10.0, 20.0, None, 900.0],
        "csm": ["Ann", None, None, None],
        "because": ["x", "y", "z", ""],
        "playbook": ["save", "re_engage", "re_engage", "advocate"],
    }
)
MOVES = pl.DataFrame(
    {
        "account_id": ["B", "A"],
        "from": ["steady", "power"],
        "to": ["at_risk", "churning"],
        "cause": ["behaviour", "rule_change"],
    }
)


AS_OF = date(2026, 11, 15)


def tasks(*rows: tuple[str, str, str, date, int]) -> pl.DataFrame:
    """(account, segments, playbook, opened, days given), open and in the order of the list."""
    return pl.DataFrame(
        [
            {
                "account_id": account,
                "name": f"name of {account}",
                "segments": segments,
                "playbook": playbook,
                "opened": opened,
                "due": opened + timedelta(days=days),
                "owner": "csm" if account == "C" else "Ann",
                "csm": None,
                "arr": 10.0,
                "because": f"why {account} came",
                "say": "Be kind." if account == "B" else None,
            }
            for account, segments, playbook, opened, days in rows
        ],
        schema_overrides={"csm": pl.String, "say": pl.String},
    ).with_columns(pl.lit(None, pl.Date).alias(name) for name in ("closed", "planned", "standing"))


LISTED = tasks(
    ("D", "expansion_ready; power", "advocate", AS_OF, 14),
    ("B", "at_risk", "re_engage", AS_OF, 2),
    ("A", "churning", "save", AS_OF - timedelta(days=56), 1),
    ("D", "renewal_due", "advocate", AS_OF - timedelta(days=14), 7),
    ("A", "at_plan_limit", "re_engage", AS_OF, 1),
    ("C", "at_risk", "re_engage", AS_OF, 2),
)


def test_segments_to_act_on_this_week_come_by_their_due_date() -> None:
    assert pressing(RULES) == ["churning", "at_risk"]


def test_the_calls_are_the_first_accounts_of_the_work_list() -> None:
    """D's task of two weeks presses nobody, its other one does; A has two and is called once."""
    soon = to_call(LISTED, AS_OF)
    assert soon["account_id"].to_list() == ["B", "A", "D", "A", "C"]
    calls = first(RULES, AS_OF, ACCOUNTS, MOVES, soon)
    assert [(call.account_id, call.state("week"), call.because) for call in calls] == [
        ("B", "at_risk this week, was steady", "y"),
        ("A", "churning for 9 weeks", "x"),
        ("D", "renewal_due for 3 weeks", "why D came"),
        ("C", "at_risk for 3 weeks", "z"),
    ]
    assert [(call.step, call.csm, call.say) for call in calls[:2]] == [
        ("Look", "Ann", "Be kind."),
        ("Read", "Ann", ""),
    ]
    assert calls[3].csm is None, "the CSM's, and nobody knows who that is"


def test_where_nothing_is_due_within_a_week_all_that_is_open_is_to_be_done() -> None:
    long = LISTED.filter(pl.col("due") - pl.col("opened") > timedelta(days=7))
    assert to_call(long, AS_OF)["account_id"].to_list() == ["D"]


def test_what_there_is_no_time_for_this_week_is_not_called_for() -> None:
    weeks = [None, 7, 14, 7, 14, None]
    planned = pl.Series([None if w is None else AS_OF + timedelta(days=w) for w in weeks], dtype=pl.Date)
    assert to_call(LISTED.with_columns(planned=planned), AS_OF)["account_id"].to_list() == ["B", "D", "C"]


CALL = Call("B", "Borg", "at_risk", "steady", 1, None, None, "", "", moved=True)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (CALL, "at_risk this week, was steady"),
        (replace(CALL, weeks_in=3), "at_risk for 3 weeks, was steady"),
        (replace(CALL, moved_from=None), "at_risk, first seen this week"),
        (replace(CALL, moved_from="unknown"), "at_risk, first seen this week"),
        (replace(CALL, moved_from="left"), "at_risk, back this week"),
        (replace(CALL, moved_from=None, moved=False), "at_risk this week"),
        (replace(CALL, moved=False, weeks_in=9), "at_risk for 9 weeks"),
    ],
)
def test_a_call_says_where_the_account_is_and_where_it_was(call: Call, said: str) -> None:
    assert call.state("week") == said


@pytest.mark.parametrize(
    ("text", "days"), [("1 day", 1), ("2 weeks", 14), ("4 hours", 0), ("", 10_000), ("soon", 10_000)]
)
def test_due_is_read_as_days(text: str, days: int) -> None:
    assert due_days(text) == days


def latches(*rows: tuple[str, str, bool, int, bool]) -> Decisions:
    frame = pl.DataFrame(rows, schema=["account_id", "segment", "inside", "streak", "held"], orient="row")
    state = State(date(2026, 11, 15), "", frame, pl.DataFrame())
    return cast(Decisions, SimpleNamespace(state=state, paused=None, overridden=None))


def test_waiting_and_lingering_accounts_are_told_with_their_timer() -> None:
    found = held(
        RULES,
        latches(
            ("D", "at_risk", False, 1, False),
            ("A", "churning", True, 2, False),
            ("B", "at_risk", True, 0, False),
        ),
        ACCOUNTS,
    )
    assert [(h.segment, h.waiting, h.names, h.why) for h in found] == [
        ("churning", False, ("Acme",), "not yet for 4 weeks in a row"),
        ("at_risk", True, ("Dyna",), "not yet for 2 of 3 weeks"),
    ]


def test_a_cooldown_and_a_minimum_stay_are_named() -> None:
    found = held(RULES, latches(("D", "at_risk", False, 2, True), ("A", "churning", True, 5, True)), ACCOUNTS)
    assert [h.why for h in found] == ["which keeps them 4 weeks at least", "left it less than 3 weeks ago"]


def test_waiting_for_a_segment_below_the_present_one_is_no_news() -> None:
    assert held(RULES, latches(("A", "at_risk", False, 1, False)), ACCOUNTS) == ()


def loaded(weeks: int, sources: tuple[str, ...] = ("usage",), matched: float | None = 1.0) -> Loaded:
    facts = SimpleNamespace(
        calendar=Calendar(),
        periods=np.arange(2900, 2900 + weeks, dtype=np.int32),
        counts=tuple(SourceCount(name, 1, 1, 1, 0) for name in sources),
    )
    return cast(Loaded, SimpleNamespace(facts=facts, matched=matched, unmatched=()))


def replace_unmatched(loaded: Loaded, *unmatched: tuple[str, int]) -> Loaded:
    return cast(Loaded, SimpleNamespace(facts=loaded.facts, matched=loaded.matched, unmatched=unmatched))


@pytest.mark.parametrize(
    ("weeks", "said"), [(4, "only levels"), (20, "recent change"), (60, "usual"), (120, "last year")]
)
def test_history_says_which_comparisons_it_carries(weeks: int, said: str) -> None:
    assert said in history(loaded(weeks))


def test_the_most_helpful_file_is_what_most_segments_miss() -> None:
    assert most_helpful(RULES, loaded(10)) == "surveys"
    assert most_helpful(RULES, loaded(10, ("usage", "surveys"))) is None


def test_badly_matched_usage_asks_for_contacts_first() -> None:
    people = replace_unmatched(loaded(10, matched=0.5), ("user", 7), ("account", 2))
    assert most_helpful(RULES, people) == "contacts"


def test_contacts_do_not_help_where_usage_names_accounts() -> None:
    ids = replace_unmatched(loaded(10, matched=0.5), ("account", 9))
    assert most_helpful(RULES, ids) == "surveys"


def test_metrics_without_values_are_named_the_emptiest_first() -> None:
    shares = {"a": 0.6, "b": 1.0, "c": 0.1}
    decisions = cast(Decisions, SimpleNamespace(metrics_unknown=shares))
    assert mostly_unknown(decisions) == ["b", "a"]


def test_the_row_equation_adds_up_in_words() -> None:
    count = SourceCount("tickets", 1, 10, 7, 2, 1, {"D203": 1, "D202": 1, "replaced": 1})
    assert equation(count) == "tickets: 10 rows = 7 accepted + 2 refused + 1 left out"
    assert reasons(count) == " (not in the declared format 1, same key twice 1, replaced 1)"
