"""What the words of a rule file mean: metrics, attributes, named conditions, flags, thresholds."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping

from msgspec import Struct, field

from segkit.columns import SOURCES
from segkit.errors import Place, Problem, Severity
from segkit.periods import Calendar
from segkit.ruleset import syntax as s
from segkit.ruleset.catalogue import METRICS, VIEWS, MetricSpec, Shape, SpecKind, through, upper_end
from segkit.ruleset.definitions import defined, missing_definition
from segkit.ruleset.expr import Attribute, Condition, Limit, Member, Metric, Named, Span, Trait, WeeksIn
from segkit.ruleset.model import Definitions, Threshold
from segkit.ruleset.suggest import did_you_mean, same_but_for_case
from segkit.ruleset.typed import Typed

_WINDOWED = re.compile(r"(.+)_(\d{1,5})d")
_UNITS: Mapping[str, str] = {
    "text": "text",
    "number": "number",
    "integer": "number",
    "date": "date",
    "moment": "date",
    "flag": "truth",
}
_MONEY = frozenset({"arr", "amount", "mrr"})
CALLS = ("member", "weeks_in", "trait")


class Known(Struct, frozen=True):
    """A custom metric as other expressions see it."""

    unit: str
    kind: SpecKind
    low: float | None = None
    high: float | None = None


class Names(Struct):
    """Every name a rule file may use; what it declares itself is filled in while it is read."""

    calendar: Calendar
    definitions: Definitions
    attributes: Mapping[str, str]
    sources: Collection[str] | None
    path: str
    conditions: frozenset[str] = frozenset()
    segments: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()
    metrics: frozenset[str] = frozenset()
    thresholds: dict[str, Threshold | None] = field(default_factory=dict)
    """None: declared, but its own value was refused."""
    condition_of: Callable[[str], Condition | None] = lambda name: None
    metric_of: Callable[[str], Known | None] = lambda name: None
    place: Callable[[Span], Place] = lambda span: Place(span.path, span.line, span.column)
    problems: list[Problem] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    """Old name of a segment or flag -> what it is called now."""
    told: set[str] = field(default_factory=set)
    """What was said once and is not repeated."""

    def say(
        self,
        code: str,
        what: str,
        span: Span,
        hint: str | None = None,
        warning: bool = False,
        instead: str | None = None,
    ) -> None:
        severity: Severity = "warning" if warning else "error"
        self.problems.append(Problem(code, what, self.place(span), hint, severity, instead=instead))

    def every(self) -> Iterable[str]:
        return (*METRICS, *self.attributes, *self.conditions, *self.flags, *self.metrics)


class RuleScope(Struct, frozen=True):
    """Words in conditions and formulas of the rule set."""

    names: Names

    @property
    def calendar(self) -> Calendar:
        return self.names.calendar

    def name(self, node: s.Name, span: Span) -> Typed | Condition | None:
        if node.argument is not None:
            return self._call(node, node.argument, span)
        names = self.names
        if node.name in names.conditions or node.name in names.flags:
            if node.view is not None:
                names.say("R105", f"{node.name} is a condition and has no views", span)
                return None
            if node.name in names.flags:
                return Member(node.name, span)
            of = names.condition_of(node.name)
            return None if of is None else Named(node.name, of, span)
        if node.name in names.metrics:
            return self._custom(node, span)
        found = _WINDOWED.fullmatch(node.name)
        if found and found[1] in METRICS:
            return self._built_in(METRICS[found[1]], node, int(found[2]), span)
        if node.name in METRICS:
            return self._built_in(METRICS[node.name], node, None, span)
        if node.name in names.attributes:
            return self._attribute(node, span)
        self._unknown(node.name, span)
        return None

    def _attribute(self, node: s.Name, span: Span) -> Typed | None:
        if node.view is not None:
            hint = "views are for metrics"
            self.names.say("R105", f"{node.name} is an attribute and has no views", span, hint)
            return None
        return column(node.name, self.names.attributes[node.name], span)

    def _custom(self, node: s.Name, span: Span) -> Typed | None:
        known = self.names.metric_of(node.name)
        if known is None or not self._view(node, known.kind, span):
            return None
        shape = through(node.view, known.kind, Shape(known.unit, known.low, known.high))
        return Typed(Metric(node.name, None, node.view, None, span), shape)

    def _built_in(self, spec: MetricSpec, node: s.Name, window: int | None, span: Span) -> Typed | None:
        names = self.names
        if spec.argument and node.argument is None:
            names.say("R104", f"{spec.name} needs a name in brackets", span, f"write {spec.name}(…)")
            return None
        if window is not None and not spec.windowed:
            names.say("R104", f"{spec.name} has no window of {window} days", span, f"write {spec.name}")
            return None
        if window == 0:
            hint = f"write for example {spec.name}_28d"
            names.say("R104", f"{spec.name} has no window of 0 days", span, hint)
            return None
        if spec.windowed and window is None and spec.default_window is None:
            names.say(
                "R104", f"{spec.name} needs a window of days", span, f"write for example {spec.name}_28d"
            )
            return None
        if not self._view(node, spec.kind, span):
            return None
        self._given(spec, node.name, span)
        shape = through(node.view, spec.kind, Shape(spec.unit, spec.low, upper_end(spec, window)))
        metric = Metric(spec.name, window, node.view, node.argument, span)
        return Typed(metric, shape, percents=node.view != "z_score")

    def _given(self, spec: MetricSpec, written: str, span: Span) -> None:
        """Says once per definition and source that it is not there."""
        names = self.names
        if spec.needs and spec.needs not in names.told and not defined(spec.needs, names.definitions):
            names.told.add(spec.needs)
            names.problems.append(missing_definition(spec.needs, written, names.place(span)))
        missing = names.sources is not None and not {spec.source, spec.instead} & set(names.sources)
        if missing and f"source {spec.source}" not in names.told:
            names.told.add(f"source {spec.source}")
            what = f"{written} is unknown: this workspace has no source '{spec.source}'"
            names.say("R202", what, span, f"add {spec.source} under sources in segkit.yaml", warning=True)

    def _view(self, node: s.Name, kind: SpecKind, span: Span) -> bool:
        if node.view is None:
            return True
        names = self.names
        if kind == "truth":
            names.say("R105", f"{node.name} is true or false and has no views", span)
        elif node.view not in VIEWS:
            hint = did_you_mean(node.view, VIEWS) or f"views: {', '.join(VIEWS)}"
            names.say("R105", f"unknown view '.{node.view}'", span, hint)
        else:
            return True
        return False

    def _call(self, node: s.Name, argument: str, span: Span) -> Typed | Condition | None:
        names = self.names
        if node.name in METRICS and METRICS[node.name].argument:
            return self._built_in(METRICS[node.name], node, None, span)
        if node.name not in CALLS:
            with_argument = [name for name, spec in METRICS.items() if spec.argument]
            hint = did_you_mean(node.name, (*CALLS, *with_argument)) or f"known: {', '.join(CALLS)}"
            names.say("R104", f"unknown word '{node.name}(…)'", span, hint)
            return None
        if node.view is not None:
            names.say("R105", f"{node.name}({argument}) has no views", span)
            return None
        if node.name == "trait":
            return Typed(Trait(argument, span), Shape("text"))
        if argument not in names.segments and argument not in names.flags:
            meant = self._now(argument) or did_you_mean(argument, (*names.segments, *names.flags))
            names.say("R102", f"unknown segment or flag '{argument}'", span, meant)
            return None
        if node.name == "member":
            return Member(argument, span)
        unit = {"week": "weeks", "day": "days", "month": "number"}[self.calendar.unit]
        return Typed(WeeksIn(argument, span), Shape(unit, 0.0))

    def _now(self, word: str) -> str | None:
        now = self.names.renamed.get(word)
        return f"it is called {now} now" if now else None

    def _unknown(self, word: str, span: Span) -> None:
        names = self.names
        if not word[:1].isalpha() and not word.startswith("_"):
            names.say("R101", f"'{word}' is no date", span, "write a date as 2026-11-15")
            return
        if word in names.segments:
            names.say("R104", f"'{word}' is a segment", span, f"write member({word})")
            return
        found = _WINDOWED.fullmatch(word) or re.fullmatch(r"(.+)_(\d{1,4})w", word)
        windowed = [name for name, spec in METRICS.items() if spec.windowed]
        window = found[2] if found and word.endswith("d") else "28"
        if found and word.endswith("w") and found[1] in windowed:
            hint: str | None = f"did you mean '{found[1]}_{int(found[2]) * 7}d'?"
        else:
            hint = did_you_mean(word, (*names.every(), *(f"{name}_{window}d" for name in windowed)))
        meant = same_but_for_case(word, (*names.every(), *(f"{name}_{window}d" for name in windowed)))
        if found and word.endswith("w") and found[1] in windowed:
            meant = f"{found[1]}_{int(found[2]) * 7}d"
        hint = self._now(word) or hint or did_you_mean(word, names.segments) or f'texts are quoted: "{word}"'
        what = f"unknown metric, attribute or condition '{word}'"
        names.say("R104", what, span, hint, instead=meant)

    def limit(self, name: str, span: Span) -> Typed | None:
        names = self.names
        if name not in names.thresholds:
            names.say("R103", f"unknown threshold '${name}'", span, did_you_mean(name, names.thresholds))
            return None
        threshold = names.thresholds[name]
        if threshold is None:
            return None
        return Typed(Limit(name, span), Shape(threshold.unit or "number"), fixed=True)


NOT_KEPT = frozenset({"at", "account_id", "user_id", "user_name", "email", "event_id", "arrived_at"})
"""Columns of usage rows that are used up when the rows are folded into days."""
COUNTS_PEOPLE = frozenset({"user_id", "email"})
"""Those whose different values can be counted all the same: they say who it was."""


class ColumnScope(Struct, frozen=True):
    """Words in the `where` of a metric: the columns of one source."""

    names: Names
    source: str
    columns: Mapping[str, str]

    @property
    def calendar(self) -> Calendar:
        return self.names.calendar

    def name(self, node: s.Name, span: Span) -> Typed | None:
        if self.source == "usage" and node.name in NOT_KEPT:
            readable = ", ".join(name for name in self.columns if name not in NOT_KEPT)
            what = f"usage is not kept by {node.name}: no row could be picked by it"
            self.names.say("R104", what, span, f"columns: {readable}")
            return None
        if node.argument is not None or node.view is not None or node.name not in self.columns:
            view = f".{node.view}" if node.view else ""
            word = f"{node.name}{view}" if node.argument is None else f"{node.name}(…)"
            hint = did_you_mean(node.name, self.columns) or f"columns: {', '.join(self.columns)}"
            self.names.say("R104", f"{self.source} has no column '{word}'", span, hint)
            return None
        return column(node.name, self.columns[node.name], span)

    def limit(self, name: str, span: Span) -> Typed | None:
        return RuleScope(self.names).limit(name, span)


def column(name: str, kind: str, span: Span) -> Typed:
    """A column of a source as a value."""
    unit = "money" if name in _MONEY and kind == "number" else _UNITS[kind]
    return Typed(Attribute(name, kind, span), Shape(unit))


def account_attributes(declared: Mapping[str, str]) -> dict[str, str]:
    """Attribute -> kind: the known columns of accounts and the declared ones."""
    known = {c.name: c.kind for c in SOURCES["accounts"].columns if c.name != "snapshot_at"}
    return {**known, **declared}


def source_columns(source: str, declared: Mapping[str, str]) -> dict[str, str]:
    """Column -> kind of a source, with the workspace's further columns."""
    return {**{c.name: c.kind for c in SOURCES[source].columns}, **declared}
