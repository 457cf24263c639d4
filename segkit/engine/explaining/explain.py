"""One account explained from what decided it: the same sheet, scans and primaries, for it alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

import polars as pl
from msgspec import Struct

from segkit.engine.baselines.apply import BASES, FIRST_PEERS
from segkit.engine.conditions.reads import columns_of, leaves_of, off, sources
from segkit.engine.decide_block import Worked, told_of, work
from segkit.engine.decisions import in_order, planned, up_to_last
from segkit.engine.explaining.ahead import turns
from segkit.engine.explaining.explained import (
    Compared,
    Explained,
    Kind,
    Onward,
    Place,
    SegmentShown,
    Shown,
    Timers,
    Value,
    Why,
)
from segkit.engine.explaining.lacking import Rank, cost, lacking, near, turned, unknown_first
from segkit.engine.explaining.readings import Reader
from segkit.engine.members.membership import Answers, Latches
from segkit.engine.pauses import names_of
from segkit.engine.plan import Plan
from segkit.engine.results import OUTSIDE, State
from segkit.engine.state import labels
from segkit.engine.what_if import ahead
from segkit.facts.types import Facts
from segkit.ruleset import expr as x
from segkit.ruleset.catalogue import BASELINE_VIEWS, METRICS
from segkit.ruleset.model import FLAGS, Dimension, RuleSet, Segment
from segkit.ruleset.printing import format_condition

BESIDE = {
    **dict.fromkeys(BASELINE_VIEWS, "expected"),
    **dict.fromkeys(("change", "delta", "previous"), "previous"),
    **dict.fromkeys(("vs_last_year", "last_year"), "last_year"),
}
"""View -> the view that shows what it compares with."""


def to_explain(rules: RuleSet, facts: Facts, state: State | None = None) -> Plan:
    """What `decide` with the same arguments follows, with what values are compared with beside them.

    Raises ValueError as decide() does.
    """
    return planned(rules, facts, state, also=compared_metrics(rules))


def compared_metrics(rules: RuleSet) -> tuple[x.Metric, ...]:
    """What conditions compare, and with what: metrics that are shown and decide nothing."""
    found: dict[str, x.Metric] = {}
    for metric in _viewed(rules.segments):
        for view in (None, BESIDE[metric.view or ""]):
            shown = x.Metric(metric.name, metric.window, view, metric.argument)
            found[shown.key] = shown
    return tuple(found[key] for key in sorted(found))


def charted(rules: RuleSet, told: Explained) -> x.Metric | None:
    """The number to draw of an account: what its segment sees against something else, else what it reads."""
    own = [s.segment for s in told.segments if s.segment.name == told.main.primary]
    order = (*own, *rules.main.segments)
    numbers = [c for segment in order for leaf in leaves_of(segment) for c in columns_of(leaf)]
    metrics = [c for c in numbers if isinstance(c, x.Metric) and _is_number(c, rules)]
    seen = [metric for metric in metrics if metric.view in BASELINE_VIEWS]
    return next(iter([*seen, *metrics]), None)


def metrics_read(segments: Sequence[SegmentShown]) -> tuple[x.Metric, ...]:
    """The metrics that their conditions read, each once."""
    found = {
        each.key: each
        for shown in segments
        for leaf in leaves_of(shown.segment)
        for each in columns_of(leaf)
        if isinstance(each, x.Metric)
    }
    return tuple(found.values())


def explained(plan: Plan, account: str) -> Explained:
    """The last period of a plan for one account. Raises: KeyError for one that is none."""
    place = {name: at for at, name in enumerate(plan.facts.roster.accounts)}[account]
    earlier, plan = up_to_last(plan)
    done = work(plan, place, place + 1)
    part = told_of(plan, done)
    moves = [each.transitions.filter(pl.col("account_id") == account) for each in earlier]
    story = _Story(plan, done, place)
    on = bool((done.primaries[plan.rules.main.name].after.code != OUTSIDE)[0])
    segments = tuple(story.segments()) if on else ()
    return Explained(
        account_id=account,
        as_of=plan.facts.as_of,
        unit=plan.facts.calendar.unit,
        places=tuple(story.place(dimension) for dimension in plan.rules.dimensions),
        segments=segments,
        nearest=_nearest(segments, plan.rules.main),
        compared=tuple(story.compared()) if on else (),
        assignment=_only(part.assignments),
        transitions=in_order(pl.concat([*moves, part.transitions])),
        overridden=part.overridden,
        paused=_paused(plan, account),
        covered=_covered(plan.facts),
    )


def onward(plan: Plan, told: Explained) -> Onward:
    """When it moves if all stays as it is, and the smallest single change that moves it otherwise."""
    if not told.segments:
        return Onward(None, None)
    place = plan.facts.roster.accounts.index(told.account_id)
    _, plan = up_to_last(plan)
    return ahead(plan, work(plan, place, place + 1), told.segments)


class _Story(Struct, frozen=True):
    plan: Plan
    done: Worked
    at: int
    """Place on the account axis."""

    def place(self, dimension: Dimension) -> Place:
        primary = self.done.primaries[dimension.name]
        now, weeks = primary.after, int(primary.after.weeks[0])
        return Place(
            dimension.name,
            labels(dimension, now.code)[0],
            weeks,
            self._since(weeks),
            labels(dimension, now.previous)[0],
            bool(primary.stale[0, -1]),
        )

    def segments(self) -> Iterator[SegmentShown]:
        without = off(self.plan.rules, self.plan.present)
        for dimension in self.plan.rules.dimensions:
            for segment in dimension.segments:
                yield self._segment(segment, dimension.name, without.get(segment.name))
        for flag in self.plan.rules.flags:
            yield self._segment(flag, FLAGS, without.get(flag.name))

    def _segment(self, segment: Segment, dimension: str, without: str | None) -> SegmentShown:
        latch, sheet, calendar = self.done.scanned[segment.name], self.done.sheet, self.plan.facts.calendar
        after = latch.scan.after
        weeks = int((latch.over or latch.scan).weeks[0, -1])
        enter = self._shown(segment.enter)
        lacks = self._lacking(enter, truth=True)
        written = None if segment.exit is None else self._shown(segment.exit)
        leave = None if segment.exit is None else sheet.value[segment.exit][-1:]
        leaving = int(Answers(sheet.value[segment.enter][-1:], leave).leaving()[0])
        index = int(self.plan.facts.periods[-1])
        inside, latched = bool(latch.member[0, -1]), bool(after.inside[0])
        asked = leaving == 1 if latched else enter.truth
        return SegmentShown(
            segment=segment,
            dimension=dimension,
            inside=inside,
            weeks=weeks,
            since=self._since(weeks),
            latched=latched,
            enter=enter,
            exit=written,
            at_once=None if segment.at_once is None else self._shown(segment.at_once),
            timers=_timers(segment, after),
            turns=calendar.end(index + turns(segment, after, index)) if latched or asked else None,
            leaving=None if leaving < 0 else leaving == 1,
            lacking=lacks,
            near=near(lacks),
            hangs_on=self._hangs_on(written if latched and written else enter),
            off=without,
        )

    def _since(self, weeks: int) -> date | None:
        calendar, index = self.plan.facts.calendar, int(self.plan.facts.periods[-1])
        return calendar.end(index - weeks + 1) if weeks else None

    # --- conditions ---

    def _shown(self, condition: x.Condition) -> Shown:
        truth = self._truth(condition)
        return self._node(condition, True, truth is not None, truth is not False)

    def _node(self, condition: x.Condition, asked: bool, decides: bool, holds: bool) -> Shown:
        """`decides`: what it stands in does. `holds`: the outermost condition."""
        truth = self._truth(condition)
        decides = decides and truth is (asked == holds)
        below = asked != isinstance(condition, x.Not)
        inside = tuple(self._node(child, below, decides, holds) for child in x.children(condition))
        reading = None if inside else self._reader.leaf(condition, truth)  # type: ignore[arg-type]
        text = format_condition(condition)
        return Shown(condition, _kind(condition), text, truth, asked, decides, reading, inside)

    def _truth(self, condition: x.Condition) -> bool | None:
        said = int(self.done.sheet.value[condition][-1])
        return None if said < 0 else said == 1

    def _lacking(self, root: Shown, truth: bool, rank: Rank | None = None) -> tuple[Shown, ...]:
        """Empty where what looks like the shortest way is none, as conditions stand in each other's way."""
        found = lacking(root, truth, rank)
        return found if turned(self.plan.speaker.compiler, root, found, truth) is truth else ()

    def _hangs_on(self, root: Shown) -> tuple[Shown, ...]:
        """The fewest unknown leaves that would make an unknown condition true, else false, by themselves."""
        if root.truth is not None:
            return ()
        ways = [self._lacking(root, truth, unknown_first) for truth in (True, False)]
        return next((way for way in ways if way and all(leaf.truth is None for leaf in way)), ())

    @property
    def _reader(self) -> Reader:
        return Reader(self.plan.speaker, self.done.sheet.block.frame[-1:], self._why)

    def _why(self, column: x.Column) -> Why:
        absent = sources(x.IsMissing(column), self.plan.rules) - self.plan.present
        if absent:
            return "no " + ", no ".join(sorted(absent))
        pauses = self.plan.panel.pauses
        if pauses is not None and isinstance(column, x.Metric):
            mask = pauses.mask(names_of((column,), self.plan.rules))
            if mask is not None and mask[self.at, -1]:
                return "paused"
        if column.key in self.plan.panel.columns:
            return "missing" if self.plan.panel.columns[column.key].missing[self.at, -1] else "unknown"
        return "unknown"

    # --- what values are compared with ---

    def compared(self) -> Iterator[Compared]:
        """Each metric once, in the order in which the conditions name them."""
        views: dict[str, dict[str, x.Metric]] = {}
        bases: dict[str, x.Metric] = {}
        for metric in _viewed(self.plan.rules.segments):
            view = BESIDE[metric.view or ""]
            beside = x.Metric(metric.name, metric.window, view, metric.argument)
            if beside.key in self.plan.panel.columns:
                bases[metric.base] = x.Metric(metric.name, metric.window, None, metric.argument)
                views.setdefault(metric.base, {})[view] = beside
        for base, metric in bases.items():
            if base in self.plan.panel.columns:
                yield self._compared(metric, views[base])

    def _compared(self, metric: x.Metric, views: Mapping[str, x.Metric]) -> Compared:
        reader, last = self._reader, self.plan.facts.as_of
        window = metric.window or getattr(self.plan.rules.metrics.get(metric.name), "window", None)
        standing = self.plan.panel.standings.get(metric.base)
        basis = None if standing is None else int(standing.basis[self.at])
        peered = standing is not None and basis is not None and basis >= FIRST_PEERS
        return Compared(
            self._value(reader, metric),
            {view: self._value(reader, each) for view, each in views.items()},
            last - timedelta(days=window - 1) if window else last,
            last,
            None if basis is None else BASES[basis],
            standing is not None and bool(standing.first_season[self.at]),
            f"{standing.group[self.at]} ({standing.peers[self.at]})" if standing and peered else None,
        )

    def _value(self, reader: Reader, metric: x.Metric) -> Value:
        return reader.value(metric, reader.own_form(metric))


def _viewed(segments: tuple[Segment, ...]) -> Iterator[x.Metric]:
    """The metrics that conditions see against something else, as they are named."""
    for segment in segments:
        for leaf in leaves_of(segment):
            for column in columns_of(leaf):
                if isinstance(column, x.Metric) and column.view in BESIDE:
                    yield column


def _is_number(metric: x.Metric, rules: RuleSet) -> bool:
    custom = rules.metrics.get(metric.name)
    return (custom.unit if custom is not None else METRICS[metric.name].unit) not in ("truth", "text", "date")


def _kind(condition: x.Condition) -> Kind:
    match condition:
        case x.All():
            return "all"
        case x.Any():
            return "any"
        case x.AtLeast():
            return "at least"
        case x.Not():
            return "not"
        case x.Named():
            return "named"
        case _:
            return "leaf"


def _timers(segment: Segment, after: Latches) -> Timers:
    streak = int(after.streak[0])
    kept_as_bits = any(each.need < each.of for each in (segment.enter_after, segment.exit_after))
    return Timers(
        streak.bit_count() if kept_as_bits else streak,
        int(after.age[0]),
        int(after.cool[0]),
        int(after.gap[0]),
        int(after.dark[0]),
        bool(after.held[0]),
    )


def _nearest(segments: Sequence[SegmentShown], main: Dimension) -> str | None:
    found = [s for s in segments if s.dimension == main.name and not s.inside and not s.off and s.near]
    return min(found, key=lambda shown: cost(shown.lacking)).segment.name if found else None


def _only(rows: pl.DataFrame) -> dict[str, object] | None:
    return rows.row(0, named=True) if rows.height else None


def _paused(plan: Plan, account: str) -> dict[str, object] | None:
    return None if plan.pauses_now is None else _only(plan.pauses_now.filter(pl.col("account_id") == account))


def _covered(facts: Facts) -> dict[str, date]:
    found = {}
    for name, each in sorted(facts.coverage.items()):
        if each.covered.any():
            last = facts.calendar.end(int(facts.periods[each.covered.nonzero()[0][-1]]))
            found[name] = min(last, each.last)
    return found
