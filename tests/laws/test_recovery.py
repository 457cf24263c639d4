"""Who recovers fully leaves at_risk and churning, whatever its age, its volume and how often it comes.

On the shipped rules: accounts of 14 weeks to three years, with 1 to 500 events a week, fall by 50 to 100 %
for 3 to 40 weeks and are then what they were. One that comes every week is out within REGULAR weeks of its
recovery, one that does not within RARE. The recovery shows in full once the four weeks of the window are
over, and three or four weeks of waiting follow; chance may add some: over 2,000 falls 9 and 15 weeks at most,
the median 3. The cases are the same ones every time, because chance knows no most.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from segkit.engine import decide
from segkit.engine.conditions.reads import asked_missing, wanted
from segkit.engine.conditions.rows import block
from segkit.engine.conditions.sheet import Sheet
from segkit.engine.counting.partials import specs_of
from segkit.engine.counting.values import Ints
from segkit.engine.panel import build_panel
from segkit.engine.plan import plan_of
from segkit.facts.types import Facts
from segkit.periods import Calendar
from segkit.resources import shipped_rules
from segkit.ruleset import check_rules_text
from segkit.ruleset.expr import Metric
from segkit.ruleset.model import Definitions, RuleSet
from tests.engine.build import USAGE_SCHEMA, facts, usage_facts

FIRST = 20458
"""2026-01-05, a Monday."""
REGULAR, RARE = 12, 18
TENURES = (14, 17, 20, 26, 33, 40, 52, 60, 70, 85, 110, 156)
VOLUMES = (1, 2, 4, 5, 6, 8, 12, 30, 100, 500)


@dataclass(frozen=True)
class Fall:
    """One account: weeks of the panel in which it starts, falls and is back."""

    start: int
    fell: int
    back: int
    regular: bool
    told: str


Stays = dict[str, list[tuple[Fall, int]]]


def rules() -> RuleSet:
    """The shipped segments; the other dimensions and the flags say nothing of risk."""
    found, problems = check_rules_text(
        shipped_rules().read_text(),
        path="saas.yaml",
        calendar=Calendar(),
        definitions=Definitions(login="active_day", core_features=("a", "b"), advanced_features=("c",)),
        attributes={},
        columns={},
    )
    assert found is not None, problems
    few = replace(found, dimensions=found.dimensions[:1], flags=(), playbooks={})
    names = {segment.name for segment in few.segments}
    return replace(few, scan_order=tuple(name for name in found.scan_order if name in names))


RULES = rules()


def fall(rng: np.random.Generator, weeks: int) -> tuple[Fall, Ints]:
    """An account and its events a week; it is back at least RARE weeks before the end."""
    tenure, length = int(rng.choice(TENURES)), int(rng.integers(3, 41))
    tenure = min(tenure, weeks - RARE - length)
    start = int(rng.integers(0, weeks - RARE - length - tenure + 1))
    volume, left = int(rng.choice(VOLUMES)), float(rng.choice([0.0, 0.1, 0.2, 0.3, 0.4, 0.5]))
    kind = str(rng.choice(["even", "chance", "every", "rare"]))
    lived = weeks - start
    match kind:
        case "even":
            counts = np.full(lived, volume)
        case "chance":
            counts = rng.poisson(volume, lived)
        case "every":
            gap = int(rng.integers(2, 5))
            counts = np.where(np.arange(lived) % gap == 0, gap * volume, 0)
        case _:
            often = int(rng.integers(2, 6))  # of every six weeks
            place = rng.random((lived // 6 + 1, 6)).argsort(axis=1).ravel()[:lived]
            counts = np.where(place < often, -(-6 * volume // often), 0)
    low = slice(tenure, tenure + length)
    counts[low] = rng.binomial(counts[low], left)
    series = np.zeros(weeks, dtype=np.int64)
    series[start:] = counts
    told = f"{kind}, {volume} a week, {tenure} weeks old, {left:.0%} left for {length} weeks"
    return Fall(start, start + tenure, start + tenure + length, kind in ("even", "chance"), told), series


def world(falls: list[Fall], counts: Ints, industries: int) -> Facts:
    """Counts [A, T] spread over the days from Monday to Friday."""
    account, week, day = (places.ravel() for places in np.indices((*counts.shape, 5)))
    share = (counts[..., None] + np.arange(4, -1, -1)) // 5
    events = share.ravel()
    there = events > 0
    names = np.array([f"A{place:02d}" for place in range(len(falls))])
    rows = pl.DataFrame(
        {
            "raw_id": np.char.add("account:", names[account[there]]),
            "day": FIRST + 7 * week[there] + day[there],
            "event": "use",
            "feature": "a",
            "count": events[there],
        }
    )
    rows = rows.select(
        (pl.col(name) if name in rows.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in USAGE_SCHEMA.items()
    )
    metrics = [each for each in wanted(RULES) if isinstance(each, Metric)]
    accounts = {
        name: {
            "signup_date": FIRST + 7 * one.start,
            "industry": f"I{place % industries}" if industries else None,
        }
        for place, (name, one) in enumerate(zip(names.tolist(), falls, strict=True))
    }
    made = facts(accounts=accounts, periods=counts.shape[1], rules=RULES, metrics=metrics)
    return replace(made, usage=usage_facts(rows, specs_of(metrics, RULES)))


def some_falls(seed: int, accounts: int, industries: int, weeks: int) -> tuple[list[Fall], Facts]:
    rng = np.random.default_rng(seed)
    made = [fall(rng, weeks) for _ in range(accounts)]
    falls = [one for one, _ in made]
    return falls, world(falls, np.stack([series for _, series in made]), industries)


def weeks_to_leave(
    seed: int, accounts: int, industries: int, weeks: int
) -> dict[str, list[tuple[Fall, int]]]:
    """By segment: who was in it when back, and how many weeks it stayed."""
    falls, made = some_falls(seed, accounts, industries, weeks)
    member = decide(RULES, made).member
    found: dict[str, list[tuple[Fall, int]]] = {}
    for name in ("at_risk", "churning"):
        inside = [(one, member[name][a, one.back :]) for a, one in enumerate(falls)]
        found[name] = [
            (one, len(rest) if rest.all() else int(np.argmin(rest))) for one, rest in inside if rest[0]
        ]
    return found


def obeyed(found: Stays) -> None:
    for name, left in found.items():
        late = [(one.told, weeks) for one, weeks in left if weeks > (REGULAR if one.regular else RARE)]
        assert not late, name


@given(seed=st.integers(0, 10**9), industries=st.sampled_from([0, 0, 3]))
@settings(max_examples=10, deadline=None, derandomize=True)
def test_who_recovers_leaves(seed: int, industries: int) -> None:
    """Forty accounts; most without any attribute of peers."""
    found = weeks_to_leave(seed, 40, industries, 200)
    obeyed(found)
    assert sum(len(left) for left in found.values()) >= 8, "hardly anybody was called"


@pytest.mark.parametrize("accounts", [1, 10])
@given(seed=st.integers(0, 10**9))
@settings(max_examples=8, deadline=None, derandomize=True)
def test_who_recovers_leaves_in_a_small_book(accounts: int, seed: int) -> None:
    obeyed(weeks_to_leave(seed, accounts, 0, 120))


@given(seed=st.integers(0, 10**9), accounts=st.sampled_from([1, 10, 40]))
@settings(max_examples=5, deadline=None)
def test_no_exit_is_unknown_where_usage_is_known(seed: int, accounts: int) -> None:
    """Being young or small, or the first of all accounts, is known and leads to an answer."""
    falls, made = some_falls(seed, accounts, 0, 120)
    panel = build_panel(RULES, made, wanted(RULES))
    rows = block(panel, asked_missing(RULES), 0, accounts, 0, 120)
    sheet = Sheet(rows, plan_of(RULES, made, panel, None).speaker.compiler, 0)
    for name in ("at_risk", "churning"):
        leave = next(segment.exit for segment in RULES.segments if segment.name == name)
        assert leave is not None
        sheet.evaluate([leave])
        unknown = np.argwhere((sheet.decided(leave) < 0) & made.roster.on)
        assert not [(falls[a].told, week - falls[a].start) for a, week in unknown], name
