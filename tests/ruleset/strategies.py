"""Random well-formed conditions and rule sets."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import strategies as st
from msgspec.structs import replace

from segkit.periods import Calendar
from segkit.ruleset.expr import (
    All,
    Any,
    Arith,
    AtLeast,
    Attribute,
    Between,
    Compare,
    Condition,
    Day,
    Holds,
    IsMissing,
    Limit,
    Member,
    Metric,
    Negative,
    Not,
    Number,
    Operand,
    Text,
    Trait,
    Truth,
    WeeksIn,
    Within,
)
from segkit.ruleset.model import (
    CustomMetric,
    Dimension,
    RuleSet,
    Segment,
    Threshold,
    Times,
)
from segkit.ruleset.printing import format_number, format_percent
from tests.ruleset.load import DEFINED

THRESHOLDS = {
    "some": Threshold("some", 5.0, text="5"),
    "drop": Threshold("drop", -0.3, "industry", {"Retail": -0.4, "012": -0.29}, "-30%", "share"),
}
METRICS = {
    "runs_28d": CustomMetric(
        "runs_28d",
        "count",
        "usage",
        where=Compare(Attribute("event"), "=", Text('say "yes"')),
        window=28,
        unit="count",
    )
}
SEGMENTS = ("one", "two", "three")
FLAGS = ("raised",)

COUNTS = (
    Metric("logins", 7),
    Metric("events", 28, "previous"),
    Metric("runs_28d"),
    Metric("tickets", 60, "delta"),
)
SHARES = (
    Metric("events", 28, "change"),
    Metric("core_adoption", 28),
    Metric("logins", 28, "percentile"),
    Metric("runs_28d", None, "change"),
)
DAYS = (Metric("tenure_days"), Metric("days_to_renewal"), Metric("days_to_feature", None, None, "a b"))
TEXTS = (Attribute("industry"), Attribute("plan"), Trait("priority"), Trait("of"))
FLAGGED = (Attribute("is_test", "flag"), Metric("notice_given"))
DATED = (Attribute("renewal_date", "date"), Attribute("signup_date", "date"))
OPS = st.sampled_from(["<", "<=", ">", ">=", "=", "!="])
SAME = st.sampled_from(["=", "!="])
WORDS = st.text("ab\"'\\ é#:{}[]%&*-012~\U0001f600", max_size=6)
PLAIN = st.floats(-1e6, 1e6, allow_nan=False).map(lambda v: round(v, 3) + 0.0) | st.integers(-50, 50).map(
    float
)


def number(unit: str) -> st.SearchStrategy[Number]:
    return PLAIN.map(lambda value: Number(value, format_number(value), unit))


PERCENTS = st.integers(-100, 100).map(lambda n: n / 100).map(lambda v: Number(v, format_percent(v), "share"))
PORTIONS = st.integers(0, 100).map(lambda n: n / 100).map(lambda v: Number(v, format_percent(v), "share"))
WEEKS = st.integers(0, 60).map(lambda n: Number(n * 7.0, f"{n} weeks", "days"))
DATES = st.integers(0, 20_000).map(lambda n: Day(date(1990, 1, 1) + timedelta(days=n)))


def sums(metrics: tuple[Metric, ...]) -> st.SearchStrategy[Operand]:
    """Arithmetic that keeps the unit of its metrics."""
    base: st.SearchStrategy[Operand] = st.sampled_from(metrics)
    return st.recursive(
        base,
        lambda inner: st.one_of(
            st.builds(Arith, st.sampled_from(["+", "-"]), inner, inner),
            st.builds(Arith, st.sampled_from(["*", "/"]), inner, number("number").map(bare)),
            st.builds(Negative, inner),
        ),
        max_leaves=4,
    )


def bare(value: Number) -> Number:
    return Number(value.value, value.text)


def between(of: Operand, ends: tuple[Number, Number]) -> Between:
    low, high = sorted(ends, key=lambda end: end.value)
    return Between(of, low, high)


COMPARISONS: st.SearchStrategy[Condition] = st.one_of(
    st.builds(
        Compare, st.sampled_from(COUNTS), st.just(">="), number("count").filter(lambda n: n.value >= 0)
    ),
    st.builds(Compare, sums(COUNTS), OPS, number("count")),
    st.builds(Compare, number("count"), OPS, sums(COUNTS)),
    st.builds(Compare, st.sampled_from(COUNTS), OPS, st.sampled_from(COUNTS)),
    st.builds(Compare, st.sampled_from(SHARES), OPS, PORTIONS),
    st.builds(Compare, st.sampled_from(SHARES[:1]), OPS, PERCENTS | st.just(Limit("drop"))),
    st.builds(Compare, st.sampled_from(COUNTS), OPS, st.just(Limit("some"))),
    st.builds(Compare, st.sampled_from(DAYS), OPS, WEEKS),
    st.builds(between, st.sampled_from(DAYS), st.tuples(WEEKS, WEEKS)),
    st.builds(Compare, st.sampled_from(TEXTS), SAME, WORDS.map(Text)),
    st.builds(Within, st.sampled_from(TEXTS), st.lists(WORDS.map(Text), min_size=1, max_size=3).map(tuple)),
    st.builds(Compare, st.sampled_from(FLAGGED), SAME, st.booleans().map(Truth)),
    st.builds(Compare, st.sampled_from(DATED), OPS, DATES),
    st.builds(IsMissing, st.sampled_from(COUNTS + SHARES + DAYS + TEXTS)),
    st.builds(Holds, st.sampled_from(FLAGGED)),
)
MEMBERSHIPS: st.SearchStrategy[Condition] = st.one_of(
    st.builds(Member, st.sampled_from(SEGMENTS + FLAGS)),
    st.builds(
        Compare,
        st.builds(WeeksIn, st.sampled_from(SEGMENTS)),
        OPS,
        st.integers(0, 9).map(lambda n: Number(float(n), f"{n} weeks", "weeks")),
    ),
)


def trees(leaves: st.SearchStrategy[Condition], size: int = 8) -> st.SearchStrategy[Condition]:
    def several(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
        parts = st.lists(inner, min_size=2, max_size=4).map(tuple)
        return st.one_of(
            st.builds(All, parts),
            st.builds(Any, parts),
            st.builds(Not, inner),
            parts.flatmap(lambda of: st.integers(1, len(of)).map(lambda k: AtLeast(k, of))),
        )

    return st.recursive(leaves, several, max_leaves=size)


CONDITIONS = trees(COMPARISONS | MEMBERSHIPS)
PLAIN_TREES = trees(COMPARISONS, 4)
MAYBE = st.none() | PLAIN_TREES
TIMES = st.integers(1, 5).flatmap(
    lambda of: st.sampled_from(sorted({1, of})).map(lambda need: Times(need, of))
)


@st.composite
def segments(draw: st.DrawFn, name: str) -> Segment:
    enter = draw(PLAIN_TREES)
    branch = st.sampled_from(enter.of) if isinstance(enter, Any) else st.just(enter)
    return Segment(
        name,
        enter,
        draw(MAYBE),
        draw(st.none() | branch),
        draw(TIMES),
        draw(TIMES),
        draw(st.integers(0, 6)),
        draw(st.integers(0, 6)),
        draw(st.integers(1, 6)),
        draw(st.integers(1, 12)),
        draw(WORDS),
    )


STEADY = Segment("steady", Compare(Metric("logins", 7), ">=", Number(1.0, "1", "count")), means="Stays.")


@st.composite
def rule_sets(draw: st.DrawFn) -> RuleSet:
    main = (draw(segments(SEGMENTS[0])),)
    return RuleSet(
        "random",
        draw(st.integers(1, 9)),
        (Dimension("segments", main, "nobody"), Dimension("value", (STEADY,))),
        (replace(STEADY, name=FLAGS[0]),),
        THRESHOLDS,
        {"named": main[0].enter},
        METRICS,
        peers=draw(st.sampled_from([(), ("industry",), ("industry", "region")])),
        definitions=DEFINED,
        calendar=draw(st.sampled_from([Calendar(), Calendar("month"), Calendar("day")])),
    )
